"""schema-service.toml, checked: what packages are called, where they go, where state is kept.

Every value can be set from the environment as ``SCHEMA_SERVICE_<TABLE>__<KEY>``, for example
``SCHEMA_SERVICE_REGISTRIES__PYPI__URL``; the environment wins over the file. Credentials are in neither.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from generators.naming import package_name_problems
from generators.target import Interface, PackageNames
from schemas.errors import Problem

from .addresses import checked_url
from .errors import SettingsError

FILE_NAME = "schema-service.toml"
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def _address(value: str) -> str:
    try:
        return checked_url(value)
    except SettingsError as error:
        raise ValueError(error.problems[0].message) from None


WebAddress = Annotated[str, AfterValidator(_address)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackagesTable(_Table):
    python_client: str = PackageNames().python_client
    python_import: str = PackageNames().python_import
    python_interface: Interface = "asyncio"
    python_migrations: str = PackageNames().python_migrations
    python_migrations_import: str = PackageNames().python_migrations_import
    node_client: str = PackageNames().node_client
    typescript_types: str = PackageNames().typescript_types

    def names(self) -> PackageNames:
        return PackageNames(**self.model_dump())


class PypiTable(_Table):
    """``url`` takes uploads; ``index_url`` is what pip reads (devpi's layout where it isn't given)."""

    url: WebAddress
    index_url: WebAddress | None = None

    @property
    def simple_url(self) -> str:
        return self.index_url or f"{self.url.rstrip('/')}/+simple/"


class NpmTable(_Table):
    url: WebAddress


class RegistriesTable(_Table):
    pypi: PypiTable | None = None
    npm: NpmTable | None = None


class StateTable(_Table):
    url: str = "sqlite:///.schema-service/state.db"


class DatabaseTable(_Table):
    """A registered database; ``url_env`` names the variable that holds its URL."""

    url_env: str


class RehearsalTable(_Table):
    """``url_env`` names the variable with a scratch server's URL; without it Postgres is embedded."""

    url_env: str | None = None


class NotifyTable(_Table):
    """``webhook_env`` names the variable with the URL that is told of every release."""

    webhook_env: str | None = None


class Settings(BaseSettings):
    """The whole file."""

    model_config = SettingsConfigDict(
        env_prefix="SCHEMA_SERVICE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    name: str
    packages: PackagesTable = PackagesTable()
    registries: RegistriesTable = RegistriesTable()
    state: StateTable = StateTable()
    databases: dict[str, DatabaseTable] = {}
    rehearsal: RehearsalTable = RehearsalTable()
    notify: NotifyTable = NotifyTable()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class fixes this signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, and nothing else: no .env file is picked up unasked."""
        return (env_settings, init_settings)


def load_settings(root: Path) -> Settings:
    """Read and check ``root``'s schema-service.toml. Raises SettingsError with every problem in it."""
    settings = _validated(_parsed(root / FILE_NAME))
    problems = package_name_problems(settings.packages.names())
    if problems:
        raise SettingsError(*problems)
    return settings


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        message = _TOML_PLACE.sub("", str(error)).strip()
        problem = _problem("invalid-toml", f"this is not TOML: {message}", "mend the line", line, column)
    except UnicodeDecodeError:
        problem = _problem("invalid-toml", "this is not UTF-8 text", "save the file as UTF-8")
    except OSError as error:
        problem = _problem("unreadable-settings", f"can't be read: {error.strerror}", "check its permissions")
    raise SettingsError(problem)


def _validated(values: dict[str, Any]) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(*(_from_pydantic(detail) for detail in error.errors())) from None


def _from_pydantic(detail: Any) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(detail["loc"][-1]), _known_keys(), n=1)
        fix = f"did you mean {near[0]!r}?" if near else "remove it"
        return _problem("unknown-setting", f"there is no setting {key!r}", fix)
    if detail["type"] == "missing":
        return _problem("missing-setting", f"{key!r} is missing", f"add {key.rsplit('.', 1)[-1]} = …")
    reason = detail["msg"].removeprefix("Value error, ")
    return _problem("invalid-setting", f"{key!r}: {reason}", "correct the value")


def _known_keys() -> list[str]:
    tables = (
        PackagesTable,
        PypiTable,
        RegistriesTable,
        StateTable,
        DatabaseTable,
        RehearsalTable,
        NotifyTable,
    )
    return [*Settings.model_fields, *(name for table in tables for name in table.model_fields)]


def _problem(
    code: str, message: str, fix: str, line: int | None = None, column: int | None = None
) -> Problem:
    return Problem(code=code, message=message, fix=fix, file=FILE_NAME, line=line, column=column)
