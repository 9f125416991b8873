"""From scripts to the manifest that a migrations package ships: split, classified and checksummed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.errors import Problem
from schemas.migration import Migration
from schemas.versions import SchemaVersion

from .errors import MigrationSyntaxError
from .runner.manifest import FORMAT
from .split import Step, checksum, split


def build_manifest(
    *,
    schema_name: str,
    package: str,
    version: SchemaVersion,
    schema_digest: str,
    migrations: Iterable[Migration],
) -> dict[str, Any]:
    """The content of manifest.json, as JSON values; the runner reads it with ``Manifest.from_json``.

    ``migrations`` are all of them up to ``version``, in any order. Raises MigrationSyntaxError with the
    problems of every script.
    """
    ordered = sorted(migrations, key=lambda migration: migration.number)
    entries: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for migration in ordered:
        try:
            entries.append(_entry(migration))
        except MigrationSyntaxError as error:
            problems.extend(error.problems)
    if problems:
        raise MigrationSyntaxError(*problems)
    versions = sorted({migration.version for migration in ordered} | {version})
    return {
        "format": FORMAT,
        "schema_name": schema_name,
        "package": package,
        "package_version": version.pep440,
        "version": str(version),
        "schema_digest": schema_digest,
        "versions": [str(each) for each in versions],
        "migrations": entries,
    }


def script_file(migration: Migration, direction: str) -> str:
    """How a script is called in messages: below its version's ``migrations`` folder."""
    return f"{migration.id}/{direction}.sql"


def _entry(migration: Migration) -> dict[str, Any]:
    problems: list[Problem] = []
    steps: dict[str, tuple[Step, ...] | None] = {"up": None, "down": None}
    for direction, script in (("up", migration.up), ("down", migration.down)):
        if script is None:
            continue
        try:
            steps[direction] = split(script, script_file(migration, direction))
        except MigrationSyntaxError as error:
            problems.extend(error.problems)
    if problems:
        raise MigrationSyntaxError(*problems)
    up, down = steps["up"] or (), steps["down"]
    return {
        "id": migration.id,
        "version": str(migration.version),
        "checksum": checksum(up),
        "up": [_step(step) for step in up],
        "down": None if down is None else [_step(step) for step in down],
    }


def _step(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": step.kind,
        "checksum": step.checksum,
        "statements": [
            {"sql": statement.sql, "line": statement.line, "column": statement.column}
            for statement in step.statements
        ],
    }
    if step.settings:
        data["settings"] = list(step.settings)
    if step.index is not None:
        data["index"] = {"schema": step.index[0], "name": step.index[1]}
    return data
