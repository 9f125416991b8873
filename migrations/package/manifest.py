"""Builds the manifest of a migrations package: scripts are split, classified and checksummed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

from ..data_checks.chained_checks import ChainedChecks, chained_checks
from ..data_checks.fit.script_fits import fit_checks
from ..ddl.statements import parse_script
from ..errors import MigrationSyntaxError
from ..runner.manifest import FORMAT, state_changes
from ..scripts.detach_partition import finishing_statement
from ..scripts.index_statements import index_entries
from ..scripts.split import ScriptStep, checksum, split
from ..undo.undo_steps import Undo, undo_steps
from .needed_rights import needed_rights
from .release_state import ReleaseState


def build_manifest(
    *,
    schema_name: str,
    package: str,
    version: SchemaVersion,
    schema_digest: str,
    migrations: Iterable[Migration],
    history: Sequence[ReleaseState] = (),
    compatible_from: Mapping[SchemaVersion, SchemaVersion] | None = None,
    lines: Sequence[VersionLine] = (),
    versions: Iterable[SchemaVersion] = (),
    clients: Iterable[str] = (),
    names_schemas: bool = False,
) -> dict[str, Any]:
    """The content of manifest.json, as JSON values; the runner reads it with ``Manifest.from_json``.

    ``migrations`` are all that ``version`` contains, in any order; ``history`` is what the rehearsal found at
    each version; ``compatible_from`` maps a version to the oldest one whose packages and clients work on its
    database; ``lines`` are those of the versions that it contains, where these are not one line. ``versions``
    are listed besides those of ``migrations`` and ``history``; ``clients`` are the names of the packages with
    the schema's clients; ``names_schemas`` says that each model names its Postgres schema. Raises
    MigrationSyntaxError with the problems of every script.
    """
    ordered = tuple(sorted(migrations, key=lambda migration: migration.number))
    entries = _entries_of_lines(ordered, lines, version) if lines else _entries(ordered)

    def place(each: SchemaVersion) -> tuple[bool, SchemaVersion]:
        # The package's own is the last: a draft's number sorts before the pre-releases that it follows.
        return each == version, each

    states = sorted(history, key=lambda state: place(state.version))
    listed = sorted(
        {*(m.version for m in ordered), *(state.version for state in states), *versions, version}, key=place
    )
    oldest = sorted((compatible_from or {}).items())
    document: dict[str, Any] = {
        "format": FORMAT,
        "schema_name": schema_name,
        "package": package,
        "package_version": version.pep440,
        "version": str(version),
        "schema_digest": schema_digest,
        "versions": [str(each) for each in listed],
        "compatible_from": {str(newer): str(older) for newer, older in oldest},
        "migrations": list(entries),
        "states": state_changes(
            [(str(state.version), state.schema_digest, state.objects) for state in states]
        ),
    }
    if lines:
        document["lines"] = _lines(lines, listed)
    if version.is_draft:
        document["draft"] = True
    if named := sorted(clients):
        document["clients"] = named
    if names_schemas:
        document["names_schemas"] = True
    return document


def _lines(lines: Sequence[VersionLine], versions: Sequence[SchemaVersion]) -> list[dict[str, Any]]:
    """Of the versions that the package lists: another one may be published later, and changes nothing."""
    return [
        {
            "version": str(line.version),
            "history": list(line.history),
            "contains": [str(each) for each in line.contains if each in versions],
            "beside": dict(line.beside),
        }
        for line in lines
        if line.version in versions
    ]


def _entries_of_lines(
    ordered: Sequence[Migration], lines: Sequence[VersionLine], version: SchemaVersion
) -> list[Mapping[str, Any]]:
    """Each migration as it runs after those before it on its line: the version's own first."""
    entries: dict[str, Mapping[str, Any]] = {}
    own = [line for line in lines if line.version == version]
    for line in (*own, *reversed(lines)):
        if not entries.keys() >= set(line.history):
            found = _entries(tuple(migration for migration in ordered if migration.id in line.history))
            entries = {entry["id"]: entry for entry in found} | entries
    return [entries[migration.id] for migration in ordered]


@lru_cache(maxsize=2)  # a release needs those of one history twice: for its rehearsal and its package
def _entries(ordered: tuple[Migration, ...]) -> tuple[Mapping[str, Any], ...]:
    entries: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for migration in ordered:
        try:
            entries.append(_entry(migration))
        except MigrationSyntaxError as error:
            problems.extend(error.problems)
    if problems:
        raise MigrationSyntaxError(*problems)
    parsed = [(parse_script(m.up), None if m.down is None else parse_script(m.down)) for m in ordered]
    for entry, asked in zip(entries, chained_checks(parsed), strict=True):
        entry.update(_checks(asked, entries))
    for entry, fits, scripts in zip(entries, fit_checks(parsed), parsed, strict=True):
        for checks, script in zip(fits.values(), scripts, strict=False):
            if script is not None and (needs := needed_rights(script)):
                checks["needs"] = needs
        entry.update(fits)
    return tuple(entries)


def script_file(migration: Migration, direction: str) -> str:
    """A script's name in messages: its path below the version's ``migrations`` folder."""
    return f"{migration.id}/{direction}.sql"


def script_digests(script: str) -> list[str]:
    """sha256 (hex) of the whole text, with LF and with CRLF: Prisma Migrate records one of these."""
    plain = script.replace("\r\n", "\n")
    return [hashlib.sha256(text.encode()).hexdigest() for text in (plain, plain.replace("\n", "\r\n"))]


def _entry(migration: Migration) -> dict[str, Any]:
    problems: list[Problem] = []
    steps: dict[str, tuple[ScriptStep, ...] | None] = {"up": None, "down": None}
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
        "script_digests": script_digests(migration.up),
        "up": [_step(step) for step in up],
        "down": None if down is None else [_step(step) for step in down],
    } | ({} if down is None else _undo(up, down))


def _undo(up: Sequence[ScriptStep], down: Sequence[ScriptStep]) -> dict[str, Any]:
    found = {
        direction: [None if undo is None else _undo_entry(undo) for undo in undos]
        for direction, undos in undo_steps(up, down).items()
        if undos
    }
    return {"undo": found} if found else {}


def _undo_entry(undo: Undo) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "steps": [_step(each.step) | ({"script": each.script} if each.script else {}) for each in undo.steps]
    }
    if undo.checks:
        entry["checks"] = undo.checks
    if undo.finished_only:
        entry["finished_only"] = True
    return entry


def _checks(asked: Sequence[ChainedChecks], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not asked:
        return {"checks": []}
    alone, *behind = asked
    later = [
        {"newest": entries[each.newest]["id"], "checks": each.checks, "put_off": each.put_off}
        | ({"made": each.made} if each.made else {})
        for each in behind
    ]
    return {"checks": alone.checks} | ({"checks_behind": later} if later else {})


def _step(step: ScriptStep) -> dict[str, Any]:
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
    if step.batch is not None:
        batch = step.batch
        data["batch"] = {
            "relation": batch.relation,
            "prefix": batch.prefix,
            "target": batch.target,
            "columns": batch.columns,
        }
    data |= index_entries([statement.sql for statement in step.statements])
    if step.kind == "standalone" and (finish := finishing_statement(step.statements[0].sql)):
        data["finish"] = finish
    return data
