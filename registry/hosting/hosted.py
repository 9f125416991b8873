"""The schemas of a service: that of its workspace, and those that [schemas] names beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from schemas.errors import Problem
from schemas.workspace.workspace import TOML_NAME, Workspace

from ..config.settings import FILE_NAME, Settings, load_settings
from ..errors import SettingsError, UnknownSchemaError

_NO_PACKAGES = ("python_interface", "python_import", "python_migrations_import")


@dataclass(frozen=True, slots=True)
class HostedSchema:
    """One of them; its settings say how it is called, and where its packages and its state are."""

    workspace: Workspace
    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.name


def hosted_schemas(workspace: Workspace, settings: Settings) -> tuple[HostedSchema, ...]:
    """All of them, the one with the short routes first.

    Raises SettingsError where a workspace isn't there or is of another schema, and where two have a package
    in common.
    """
    found = [HostedSchema(workspace, settings)]
    problems: list[Problem] = []
    for name, table in sorted(settings.schemas.items()):
        place = (workspace.root / Path(table.workspace).expanduser()).resolve()
        if not (place / TOML_NAME).is_file():
            problems.append(_no_workspace(name, table.workspace))
            continue
        other = load_settings(place)
        if other.name != name or name == settings.name:
            problems.append(_other_name(name, table.workspace, other.name, settings.name))
            continue
        found.append(HostedSchema(Workspace(place), other))
    problems += _shared_packages(found)
    default = settings.default_schema or settings.name
    if not problems and default not in {each.name for each in found}:
        problems.append(_no_default(default, [each.name for each in found]))
    if problems:
        raise SettingsError(*problems)
    return tuple(sorted(found, key=lambda each: each.name != default))


def hosted_schema(workspace: Workspace, settings: Settings, name: str) -> HostedSchema:
    """The one called ``name``. Raises UnknownSchemaError, and what :func:`hosted_schemas` raises."""
    found = {each.name: each for each in hosted_schemas(workspace, settings)}
    if name not in found:
        raise UnknownSchemaError(unknown_schema(name, list(found)))
    return found[name]


def unknown_schema(name: str, known: list[str]) -> Problem:
    """The problem of asking for a schema that isn't there."""
    return Problem(
        code="unknown-schema",
        message=f"this service has no schema {name[:80]!r}",
        fix=f"it has {', '.join(known)}; [schemas.NAME] in {FILE_NAME} adds one",
    )


def _shared_packages(schemas: list[HostedSchema]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for each in schemas:
        names = asdict(each.settings.packages.names())
        for package in {value for key, value in names.items() if key not in _NO_PACKAGES}:
            owner = owners.setdefault(package, each.name)
            if owner != each.name:
                yield _shared(package, owner, each.name)


def _no_workspace(name: str, place: str) -> Problem:
    return Problem(
        code="invalid-setting",
        message=f"'schemas.{name}.workspace': there is no {TOML_NAME} in {place}",
        fix="name the folder of the schema's workspace, from this file's folder",
        file=FILE_NAME,
    )


def _other_name(name: str, place: str, found: str, default: str) -> Problem:
    return Problem(
        code="schema-name-differs",
        message=f"[schemas.{name}] names {place}, whose schema is called {found!r}, beside {default!r} here",
        fix="call the table like the `name` in that workspace's settings; no two may be the same",
        file=FILE_NAME,
    )


def _shared(package: str, first: str, second: str) -> Problem:
    return Problem(
        code="schemas-share-packages",
        message=f"the schemas {first} and {second} both publish the package {package}",
        fix=f"give those of {second} names of their own, in [packages] of its workspace",
        file=FILE_NAME,
    )


def _no_default(name: str, known: list[str]) -> Problem:
    return Problem(
        code="invalid-setting",
        message=f"'default_schema': there is no schema {name!r}",
        fix=f"name one of {', '.join(known)}",
        file=FILE_NAME,
    )
