"""schema-service.toml, checked: what packages are called, where they are published, where state is kept.

Every value can be set from the environment as ``SCHEMA_SERVICE_<TABLE>__<KEY>``, for example
``SCHEMA_SERVICE_REGISTRIES__PYPI__URL``; the environment wins over the file. Of several registries, each has
its place, from 0, before the key: ``SCHEMA_SERVICE_REGISTRIES__PYPI__1__URL``. Credentials are in neither.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from generators.names.naming import package_name_problems
from generators.target import Interface, PackageNames
from schemas.errors import Problem, WorkspaceError
from schemas.toml.toml_file import parse_toml
from schemas.toml.toml_locations import with_location

from ..errors import SettingsError
from .addresses import checked_url
from .api_settings import ApiTable
from .artifacts import ArtifactsTable
from .channels import NotifyTable, VariableName
from .checks import ChecksTable
from .publishing import PublishingTable
from .secret import Secret
from .variables import with_variables

FILE_NAME = "schema-service.toml"
_NAME_PROBLEMS = "package_names"
_PREFIX = "SCHEMA_SERVICE_"


def _address(value: str) -> str:
    try:
        return checked_url(value)
    except SettingsError as error:
        raise ValueError(error.problems[0].message) from None


WebAddress = Annotated[str, AfterValidator(_address)]
SchemaName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
DatabaseName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackagesTable(_Table):
    python_client: str = Field(PackageNames().python_client, description="The Python client's distribution.")
    python_import: str = Field(
        PackageNames().python_import, description="The module that Python code imports for it."
    )
    python_interface: Interface = Field(
        "asyncio", description="Which client `Prisma` names: `AsyncClient`, or the blocking `Client`."
    )
    python_migrations: str = Field(
        PackageNames().python_migrations,
        description="The migrations wheel, and the command that it installs.",
    )
    python_migrations_import: str = Field(
        PackageNames().python_migrations_import, description="The module of the migrations wheel."
    )
    node_client: str = Field(PackageNames().node_client, description="The Node client.")
    typescript_types: str = Field(PackageNames().typescript_types, description="The TypeScript types.")

    def names(self) -> PackageNames:
        return PackageNames(**self.model_dump())

    @model_validator(mode="after")
    def _can_be_published(self) -> Self:
        problems = package_name_problems(self.names())
        if problems:
            raise PydanticCustomError(_NAME_PROBLEMS, "package names", {"problems": problems})
        return self


#: How a registry is told who asks: HTTP's own schemes, or a header that GitLab documents.
AuthKind = Literal["basic", "bearer", "private-token", "job-token", "deploy-token"]
#: Servers whose addresses are laid out differently.
IndexKind = Literal["devpi", "gitlab", "artifactory", "nexus"]
RegistryName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]


class PypiTable(_Table):
    """``url`` takes uploads; ``index_url`` is what pip reads (in the layout of ``kind`` where it isn't
    given).

    ``staging_url`` takes what consumers must not get yet, and ``staging_index_url`` is what pip reads of
    that. ``dependencies_url`` is the index of everything else, where the others have our packages only.
    ``name`` tells its credentials from those of other registries.
    """

    url: WebAddress = Field(description="What uploads go to.")
    index_url: WebAddress | None = Field(
        None, description="What pip reads; in the layout of `kind` where it isn't given."
    )
    staging_url: WebAddress | None = Field(
        None, description="A second index, for what consumers must not get yet."
    )
    staging_index_url: WebAddress | None = Field(None, description="What pip reads of the second index.")
    dependencies_url: WebAddress | None = Field(
        None, description="The index of everything else, where this one has our packages only."
    )
    kind: IndexKind = Field("devpi", description="Where pip's pages are, below `url`.")
    auth: AuthKind = Field("basic", description="How the credentials are sent.")
    name: RegistryName | None = Field(
        None, description="Tells its credentials from those of other registries."
    )

    @property
    def simple_url(self) -> str:
        return self.index_url or self._simple(self.url)

    @property
    def staging_simple_url(self) -> str:
        """The index that has what is staged: the one that has everything, if there is no other."""
        if self.staging_url is None:
            return self.simple_url
        return self.staging_index_url or self._simple(self.staging_url)

    def _simple(self, url: str) -> str:
        return f"{url.rstrip('/')}/{'+simple' if self.kind == 'devpi' else 'simple'}/"

    @model_validator(mode="after")
    def _staging_is_another(self) -> Self:
        if self.staging_url == self.url:
            raise ValueError("staging_url is the url itself: name a second index, or leave it out")
        return self


class NpmTable(_Table):
    """``dependencies_url`` is the registry of everything else, where ``url`` has our packages only. ``auth``:
    None for what the credentials themselves say. ``name`` tells them from those of other registries."""

    url: WebAddress = Field(description="The registry's address.")
    dependencies_url: WebAddress | None = Field(
        None, description="The registry of everything else, where this one has our packages only."
    )
    auth: AuthKind | None = Field(
        None, description="How the credentials are sent; what they say themselves where it isn't given."
    )
    name: RegistryName | None = Field(
        None, description="Tells its credentials from those of other registries."
    )


_MORE = {"more_pypi": "pypi", "more_npm": "npm"}


class RegistriesTable(_Table):
    """``[registries.pypi]`` is one, ``[[registries.pypi]]`` are several. Consumers are told of the first; all
    of them get the same packages."""

    pypi: PypiTable | None = Field(
        None, description="An index for wheels; several are written `[[registries.pypi]]`."
    )
    npm: NpmTable | None = Field(
        None, description="A registry for npm packages; several are written `[[registries.npm]]`."
    )
    more_pypi: tuple[PypiTable, ...] = ()
    more_npm: tuple[NpmTable, ...] = ()

    @property
    def all_pypi(self) -> tuple[PypiTable, ...]:
        return (self.pypi, *self.more_pypi) if self.pypi else ()

    @property
    def all_npm(self) -> tuple[NpmTable, ...]:
        return (self.npm, *self.more_npm) if self.npm else ()

    @model_validator(mode="before")
    @classmethod
    def _first_and_more(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        split = {key if key not in _MORE else f"[{key}]": value for key, value in values.items()}
        for more, key in _MORE.items():
            several = _several(split.get(key))
            if several:
                split |= {key: several[0], more: several[1:]}
        return split

    @model_validator(mode="after")
    def _no_address_twice(self) -> Self:
        for tables in (self.all_pypi, self.all_npm):
            urls = [table.url for table in tables]
            names = [table.name for table in tables if table.name]
            for what, found in (("address", urls), ("name", names)):
                twice = [each for each in dict.fromkeys(found) if found.count(each) > 1]
                if twice:
                    raise ValueError(f"two registries have the {what} {twice[0]}")
        return self


def _several(value: Any) -> list[Any]:
    """The tables of an array, or those that variables number; empty for a single one."""
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return list(value) if isinstance(value, (list, tuple)) else []


def _path_in_file(location: Sequence[Any], several: Collection[str]) -> list[str]:
    """Where the model found a problem, as the keys of the file and its variables. ``several`` are the kinds
    of registries that are numbered."""
    path = [str(part) for part in location]
    if path[:1] == ["registries"] and len(path) > 1:
        if path[1] in _MORE and len(path) > 2:
            path[1:3] = [_MORE[path[1]], str(int(path[2]) + 1)]
        elif path[1] in several:
            path.insert(2, "0")
        path[1] = path[1].strip("[]")
    return path


class StateTable(_Table):
    url: str = Field(
        "sqlite:///.schema-service/state.db",
        description="SQLite, relative to the workspace, or a Postgres that several machines share.",
    )
    keep_events_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        365, description="How many days the events of runs and release jobs are kept that are over."
    )


class RehearsalTable(_Table):
    """``url_env`` names the variable with a scratch server's URL; without it Postgres is embedded."""

    url_env: VariableName | None = Field(
        None, description="The variable with the URL of the server; without it Postgres is embedded."
    )

    @property
    def url(self) -> str | None:
        """The server that scratch databases are made on, or None for the embedded one.

        Raises SettingsError where the variable isn't set: the embedded one may lack what the schema needs.
        """
        url = _from_environment(self.url_env)
        if self.url_env is not None and url is None:
            message = f"the variable {self.url_env}, which [rehearsal] url_env names, is not set"
            fix = "set it to the URL of the server to rehearse on, or remove url_env to use the embedded one"
            raise SettingsError(_unset(message, fix))
        return url


class DatabaseTable(_Table):
    """A database for migrations. ``url_env`` names the variable with its URL; a label chooses several."""

    url_env: VariableName = Field(description="The variable with the database's URL, which is never shown.")
    labels: tuple[str, ...] = Field((), description="What `--label LABEL` chooses it by.")

    @property
    def url(self) -> Secret | None:
        """The URL; None where the variable isn't set."""
        url = _from_environment(self.url_env)
        return None if url is None else Secret(url)


class TrustTable(_Table):
    """Where the private half of the key is that signs releases: a variable that holds it, a file outside
    of the workspace, or a service of the keyring. None of them: releases aren't signed."""

    key_env: VariableName | None = Field(None, description="A variable that holds the private key's text.")
    key_file: str | None = Field(
        None, description="A file outside of the workspace that only its owner can read."
    )
    key_keyring: str | None = Field(None, description="A service of the keyring.")

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if sum(place is not None for place in (self.key_env, self.key_file, self.key_keyring)) > 1:
            raise ValueError("key_env, key_file and key_keyring exclude each other: name one")
        return self


class SchemaTable(_Table):
    """Another schema of the same service. ``workspace`` is its folder, from that of this file."""

    workspace: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="Its workspace's folder, from that of this file."
    )


class Settings(_Table):
    """The whole file."""

    name: str = Field(description="The schema's name, in the tracking tables of databases, too.")
    packages: PackagesTable = Field(PackagesTable(), description="What the four packages are called.")
    registries: RegistriesTable = Field(RegistriesTable(), description="Where packages are published.")
    state: StateTable = Field(StateTable(), description="The state database.")
    artifacts: ArtifactsTable = Field(
        ArtifactsTable(), description="Where built packages and uploaded drafts are kept."
    )
    publishing: PublishingTable = Field(
        PublishingTable(), description="The checkout that drafts are taken from over the API."
    )
    checks: ChecksTable = Field(
        ChecksTable(), description="What a release has looked at beyond what it always has."
    )
    rehearsal: RehearsalTable = Field(
        RehearsalTable(), description="The Postgres that migrations are rehearsed on."
    )
    notify: NotifyTable = Field(NotifyTable(), description="Who is told of releases.")
    trust: TrustTable = Field(
        TrustTable(), description="Where the private key is that signs releases: one of these, or none."
    )
    databases: dict[DatabaseName, DatabaseTable] = Field(
        {}, description="A database that is migrated from here."
    )
    schemas: dict[SchemaName, SchemaTable] = Field({}, description="Another schema of the same service.")
    default_schema: str | None = Field(
        None, description="The schema that has the short routes of the API; this one by default."
    )
    api: ApiTable = Field(ApiTable(), description="Who may use the API, and how much of it.")


def load_settings(root: Path) -> Settings:
    """Read and check ``root``'s schema-service.toml. Raises SettingsError with every problem in it."""
    text = _text(root / FILE_NAME)
    try:
        values = with_variables(parse_toml(text, file=FILE_NAME), _PREFIX, Settings.model_fields)
    except WorkspaceError as error:
        raise SettingsError(*error.problems) from None
    try:
        return Settings(**values)
    except ValidationError as error:
        registries = values.get("registries")
        tables = registries if isinstance(registries, dict) else {}
        several = {key for key in _MORE.values() if _several(tables.get(key))}
        problems = [
            problem
            for detail in error.errors()
            for problem in _from_pydantic(detail, _path_in_file(detail["loc"], several), text)
        ]
        raise SettingsError(*problems) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        message, fix = "the file is not UTF-8 text", "save the file as UTF-8"
        problem = Problem(code="invalid-toml", message=message, fix=fix, file=FILE_NAME)
    except OSError as error:
        message, fix = f"the file can't be read: {error.strerror}", "check its permissions"
        problem = Problem(code="unreadable-settings", message=message, fix=fix, file=FILE_NAME)
    raise SettingsError(problem)


def _from_pydantic(detail: Any, path: list[str], text: str) -> Iterator[Problem]:
    key = ".".join(path)
    if detail["type"] == _NAME_PROBLEMS:
        for name in detail["ctx"]["problems"]:
            yield _problem("package-name", name.message, name.fix, [*path, name.setting], text)
    elif detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], _keys_beside(path), n=1)
        fix = f"did you mean {near[0]!r}?" if near else "remove it"
        yield _problem("unknown-setting", f"there is no setting {key!r}", fix, path, text)
    elif detail["type"] == "missing":
        yield _problem("missing-setting", f"{key!r} is missing", f"add {path[-1]} = …", path, text)
    else:
        reason = detail["msg"].removeprefix("Value error, ")
        yield _problem("invalid-setting", f"{key!r}: {reason}", "correct the value", path, text)


def _keys_beside(path: Sequence[str]) -> list[str]:
    """The keys of the table that ``path`` ends in; the names of tables like [databases.NAME] are no keys."""
    tables: list[type[BaseModel]] = [Settings]
    for part in path[:-1]:
        fields = [table.model_fields[part] for table in tables if part in table.model_fields]
        tables = [inner for field in fields for inner in _tables_in(field.annotation)] or tables
    return [name for table in tables for name in table.model_fields]


def _tables_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for argument in get_args(annotation) for table in _tables_in(argument)]


def _problem(code: str, message: str, fix: str, path: Sequence[str], text: str) -> Problem:
    variable = _PREFIX + "__".join(path).upper()
    if any(name.upper() == variable for name in os.environ):  # it wins over the file
        return Problem(code=code, message=message, fix=fix, file=f"the variable {variable}")
    return with_location(Problem(code=code, message=message, fix=fix, file=FILE_NAME), text, path)


def _unset(message: str, fix: str) -> Problem:
    return Problem(code="variable-not-set", message=message, fix=fix, file=FILE_NAME)


def _from_environment(variable: str | None) -> str | None:
    """The value of the variable that a setting names, if it is set and not empty."""
    return os.environ.get(variable) or None if variable else None
