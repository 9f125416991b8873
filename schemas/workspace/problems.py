"""The problems of a workspace, and their fixes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import Problem
from ..versions import SchemaVersion


def no_workspace(start: Path, toml_name: str) -> Problem:
    return Problem(
        code="no-workspace",
        message=f"there is no {toml_name} in {start} or above it",
        fix="run `schema-service init` to create a workspace, or change into one",
    )


def unknown_version(version: SchemaVersion, known: Sequence[SchemaVersion]) -> Problem:
    listed = ", ".join(map(str, known)) or "none yet"
    return Problem(
        code="unknown-version",
        message=f"there is no version {version} in this workspace",
        fix=f"choose an existing one ({listed}), or draft it with `schema-service new {version}`",
    )


def compatible_from_later(version: SchemaVersion, declared: SchemaVersion, file: str) -> Problem:
    return Problem(
        code="compatible-from-later",
        message=f"compatible_from is {declared}, which is later than {version} itself",
        fix='give the oldest version whose packages work on a database at this one, or "none"',
        file=file,
    )


def version_exists(version: SchemaVersion, folder: str) -> Problem:
    return Problem(
        code="version-exists",
        message=f"{version} exists already",
        fix=f"edit {folder} if it is a draft, or choose another version",
        file=folder,
    )


def base_is_newer(version: SchemaVersion, base: SchemaVersion) -> Problem:
    return Problem(
        code="base-is-newer",
        message=f"{version} can't start from {base}, which comes after it",
        fix=f"start from a version below {version}, or choose a version above {base}",
    )


def base_on_another_line(version: SchemaVersion, from_: SchemaVersion, base: SchemaVersion) -> Problem:
    return Problem(
        code="base-on-another-line",
        message=f"{version} follows {base}, which doesn't contain {from_}",
        fix=f"draft it after {base}, and take over the line of {from_}: "
        f"schema-service new {version} --takes {from_}",
    )


def not_a_version(folder: str, name: str) -> Problem:
    return Problem(
        code="not-a-version",
        message=f"the folder name {name[:80]!r} is not a version",
        fix="rename it to a version like 2.0.0 or 2.1.0-rc.1, or move it elsewhere",
        file=folder,
    )


def sealed(version: SchemaVersion, folder: str) -> Problem:
    return Problem(
        code="sealed-version",
        message=f"{version} is published and can't be changed any more",
        fix="put the change in a new version: `schema-service new VERSION`",
        file=folder,
    )


def edited_meanwhile(version: SchemaVersion, folder: str) -> Problem:
    return Problem(
        code="edited-while-publishing",
        message=f"{version} was edited while it was being published",
        fix=f"restore {folder} to what was published, and put the change in a new version",
        file=folder,
    )


def bad_migration_name(name: str) -> Problem:
    return Problem(
        code="bad-migration-name",
        message=f"{name[:120]!r} is not a valid name for a migration",
        fix="use up to 100 lower-case letters, digits and underscores, like add_prices",
    )


def later_migrations(
    version: SchemaVersion, later: SchemaVersion, *, is_published: bool, file: str | None = None
) -> Problem:
    place = f"a new version after {later}" if is_published else f"{later} or later"
    return Problem(
        code="later-migrations",
        message=f"{later} already has migrations and contains {version}: databases there would not run this",
        fix=f"add the migration to {place}; or make {version} a maintenance version: remove its folder, and "
        f"draft it again with `schema-service new {version}`",
        file=file,
    )
