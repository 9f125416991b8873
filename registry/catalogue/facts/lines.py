"""Where published versions come from: rows of ``catalogue_lines`` as values, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin, TakenOver, contained_versions, lines_of
from schemas.workspace.migration import Migration

from .. import tables


def insert_line(
    connection: sa.Connection,
    schema_name: str,
    version: SchemaVersion,
    follows: SchemaVersion | None,
    takes: Sequence[TakenOver],
) -> None:
    """Add a row for a version that says something about lines."""
    if follows is None and not takes:
        return
    answers = [[str(each.version), each.migration, each.answer] for each in takes]
    row = {"schema_name": schema_name, "version": str(version), "takes": json.dumps(answers)}
    named = None if follows is None else str(follows)
    connection.execute(tables.lines.insert().values(**row, follows=named))


def origin_of(row: Any) -> Origin:
    """What a row says."""
    takes: dict[SchemaVersion, dict[str, str]] = {}
    for version, migration, answer in json.loads(row["takes"]):
        takes.setdefault(SchemaVersion.parse(version), {})[migration] = answer
    named = row["follows"]
    return Origin(from_=SchemaVersion.parse(named) if named else None, takes=takes)


def taken_over(row: Any) -> tuple[TakenOver, ...]:
    """The answers in a row."""
    return tuple(
        TakenOver(SchemaVersion.parse(version), migration, answer)
        for version, migration, answer in json.loads(row["takes"])
    )


def history(
    version: SchemaVersion, origins: dict[SchemaVersion, Origin], migrations: Iterable[Migration]
) -> tuple[Migration, ...]:
    """The published migrations that make a database of ``version`` from nothing, in order."""
    known = {each: origin for each, origin in origins.items() if each <= version}
    known.setdefault(version, Origin())
    contained = contained_versions(version, known)
    own: dict[SchemaVersion, list[Migration]] = {each: [] for each in contained}
    for migration in migrations:
        own.get(migration.version, []).append(migration)
    line = lines_of(contained, known, own)[version]
    by_id = {migration.id: migration for found in own.values() for migration in found}
    return tuple(by_id[name] for name in line.history if name in by_id)
