"""A package's content: its migrations, as steps that were split and classified when it was published.

manifest.json::

    {
      "format": 1,
      "schema_name": "shop", "package": "shop-migrations", "package_version": "2.0.0rc1",
      "version": "2.0.0-rc.1", "schema_digest": "<sha256>",
      "draft": true,                                  optional: the package of a draft, "version" its number
      "versions": ["1.0.0", "2.0.0-rc.1"],
      "compatible_from": {"2.0.0-rc.1": "1.0.0"},     optional: the oldest version whose packages and clients
                                                      work on a database at that version
      "clients": ["@org/shop-client", …],             optional: what connects, besides this package
      "names_schemas": true,                          optional: each model names its Postgres schema itself
      "migrations": [{
        "id": "001_init", "version": "1.0.0", "checksum": "<sha256 over up>",
        "script_digests": ["<sha256>", …],            of the whole up.sql, with LF and with CRLF line ends
        "up": [step, …], "down": [step, …] or null,
        "checks": [check, …],                         what the downgrade would destroy, or would fail on
        "checks_behind": [{                           the same if the newest applied migration is "newest" or
          "newest": "004_names",                      later, and downgrades before this one rename what is
          "checks": [check, …],                       checked or write there. put_off: columns whose rows can
          "put_off": ["\\"a\\".\\"b\\""],               only be checked after those. made, optional: the
          "made": [what, …]                           "what" of checks that are skipped then: the downgrades
                                                      before this one have made what they are about
        }],
        "undo": {"up": [undo, …], "down": [undo, …]}, optional: what undoes the script's first step, its first
                                                      two, …; null where nothing is known to
        "up_checks": {…}, "down_checks": {…}          optional: whether the rows fit; see fit_checks.py
      }],
      "states": [{                                    the objects of a database, as rehearsed; each entry
        "version": "1.0.0",                           holds the changes since the one before
        "schema_digest": "<sha256>",
        "set": {"column public.a.id": "integer not null"}, "drop": ["table public.b"]
      }],
      "lines": [{                                     optional, for each of "versions": where they are not one
        "version": "2.0.1",                           line, and some are maintenance versions of earlier ones
        "history": ["001_init", …],                   what makes its database from nothing, in order
        "contains": ["1.0.0", "1.1.1", "2.0.0", …],   the versions whose changes it has, with itself
        "beside": {"006_fix": "007_fix"}              of lines that it takes over: applied on databases that
      }]                                              come from there, and on no others; in the place of
    }                                                 007_fix, or "contained"

A step has ``kind``, ``checksum``, ``statements`` (``sql``, ``line``, ``column``) and, where they apply,

- ``settings``: the script's earlier SET statements;
- ``index``: ``{"schema", "name"}`` of an index built or dropped CONCURRENTLY;
- ``makes_indexes``: ``{"statement", "schema", "name", "table", "unique", "on"}`` of each index that it makes
  unless one of that name is there (CONCURRENTLY, IF NOT EXISTS). ``statement`` is its place among the
  statements, ``table`` is quoted, and ``on`` is what follows the table in the statement;
- ``uses_indexes``: ``[schema, name]`` of each index that it drops, renames or makes a constraint of;
- ``batch``: ``{"relation", "prefix", "target", "columns"}`` of a backfill. ``relation`` is the table's quoted
  name; a part of the UPDATE is ``prefix``, which ends with WHERE or AND, and a condition on columns of
  ``target``; ``columns`` are those that it sets.
  The script says ``-- schema-service: backfill`` in the line above the UPDATE;
- ``finish``: what completes an interrupted statement outside transactions (DETACH … FINALIZE);
- ``script``: in an undo, the script that its statements are from.

An undo has ``steps``, ``checks`` (what it would destroy) and ``finished_only``: it does not undo a backfill
that stopped between two batches.

A check has ``kind`` (``loss``: the downgrade destroys it; ``in_use``: the script would fail), ``what`` for
people, and ``sql``: a query of one row, a count and an example (or NULL). A count of 0 means no problem; a
count of NULL means that only running the script can tell, and the example says why. ``missing_ok``: what the
query asks about need not exist, and there is no problem if it doesn't.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .fit_checks import Check, FitChecks

if TYPE_CHECKING:
    from .address.address import Address

#: The layout of manifest.json that this runner reads.
FORMAT = 1

# Between its words there may be options, and white space.
_REINDEX = re.compile(r"reindex\b.*?\bconcurrently\b", re.IGNORECASE | re.DOTALL)

Direction = Literal["up", "down"]
#: ``transaction``, ``enum_value`` and each batch of a ``backfill`` run in one transaction with their journal
#: row; the others can't.
Kind = Literal["transaction", "enum_value", "create_index", "drop_index", "backfill", "standalone"]


def opposite(direction: Direction) -> Direction:
    """The other direction."""
    return "down" if direction == "up" else "up"


@dataclass(frozen=True, slots=True)
class StepStatement:
    """One statement, and where it starts in its script (both count from 1)."""

    sql: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Batch:
    """How an UPDATE is split into batches; see this module's docstring."""

    relation: str
    prefix: str
    target: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeIndex:
    """An index that a step makes unless it is there; see this module's docstring."""

    statement: int
    schema: str | None
    name: str
    table: str
    unique: bool
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is run, committed and journaled together; see this module's docstring."""

    kind: Kind
    statements: tuple[StepStatement, ...]
    settings: tuple[str, ...]
    #: (schema, name); no schema where the search path decides.
    index: tuple[str | None, str] | None
    batch: Batch | None
    finish: str | None
    checksum: str
    script: Direction | None = None
    makes_indexes: tuple[MadeIndex, ...] = ()
    #: (schema, name) as above.
    uses_indexes: tuple[tuple[str | None, str], ...] = ()

    @property
    def is_concurrent(self) -> bool:
        """Whether it waits for other transactions without making other sessions wait behind it."""
        if self.kind in ("create_index", "drop_index"):
            return True
        return self.kind == "standalone" and _REINDEX.match(self.statements[0].sql) is not None


@dataclass(frozen=True, slots=True)
class DowngradeChecks:
    """The checks before a downgrade, in a database whose newest migration is ``newest`` or a later one.

    ``put_off`` names columns whose rows can only be checked when the migration's turn comes. ``made`` are the
    ``what`` of checks that are skipped then: the downgrades before this one have made what they are about.
    """

    newest: str
    checks: tuple[Check, ...]
    put_off: tuple[str, ...]
    made: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoes the first steps of a script; see this module's docstring."""

    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    finished_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One migration; see this module's docstring."""

    id: str
    version: str
    #: Over the statements of ``up``.
    checksum: str
    script_digests: tuple[str, ...]
    up: tuple[Step, ...]
    #: None where the author wrote no down.sql.
    down: tuple[Step, ...] | None
    #: In order; the first is for a database whose newest migration this is.
    downgrade_checks: tuple[DowngradeChecks, ...]
    up_checks: FitChecks
    down_checks: FitChecks
    #: By direction: what undoes the script's first step, its first two, and so on.
    undos: Mapping[Direction, tuple[Undo | None, ...]]

    def undo(self, direction: Direction, steps: int, *, is_finished: bool) -> Undo | None:
        """What undoes the first ``steps`` of a script; None where nothing is known to.

        ``is_finished`` is False if the last of them is a backfill that stopped between two batches.
        """
        if steps == 0:
            return Undo((), (), finished_only=False)
        known = self.undos.get(direction, ())
        found = known[steps - 1] if steps <= len(known) else None
        return None if found is not None and found.finished_only and not is_finished else found

    def checks_at(self, newest: Migration) -> DowngradeChecks:
        """The checks in a database whose newest migration is ``newest``."""
        asked = (e for e in reversed(self.downgrade_checks) if _number(e.newest) <= _number(newest.id))
        return next(asked, self.downgrade_checks[0])  # one of another line may be undone before it

    def steps(self, direction: Direction) -> tuple[Step, ...]:
        """The steps of one direction; empty if there is no down.sql."""
        return self.up if direction == "up" else self.down or ()


@dataclass(frozen=True, slots=True)
class Line:
    """What a version consists of, where the versions are not one line; see this module's docstring."""

    history: frozenset[str]
    contains: frozenset[str]
    beside: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of manifest.json; see this module's docstring."""

    schema_name: str
    package: str
    #: As PEP 440 writes it; ``version`` is the same as a semantic version, and the last of ``versions``.
    package_version: str
    version: str
    #: In order, as are ``migrations``.
    versions: tuple[str, ...]
    compatible_from: Mapping[str, str]
    migrations: tuple[Migration, ...]
    #: The entries of ``states``.
    state_changes: tuple[Mapping[str, Any], ...]
    #: By version; empty where the versions are one line.
    lines: Mapping[str, Line] = field(default_factory=dict)
    is_draft: bool = False
    #: The names of the packages with the schema's clients.
    clients: tuple[str, ...] = ()
    #: Each model names its Postgres schema itself: none is where the URL's is.
    names_schemas: bool = False

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """From manifest.json."""
        return cls.from_json(json.loads(path.read_bytes()))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Manifest:
        """From the parsed content of manifest.json. Raises ValueError for another format."""
        if data["format"] != FORMAT:
            raise ValueError(f"manifest.json has format {data['format']}, this runner reads {FORMAT}")
        return cls(
            schema_name=data["schema_name"],
            package=data["package"],
            package_version=data["package_version"],
            version=data["version"],
            versions=tuple(data["versions"]),
            compatible_from=data.get("compatible_from", {}),
            migrations=tuple(_migration(entry) for entry in data["migrations"]),
            state_changes=tuple(data.get("states", ())),
            lines={
                entry["version"]: Line(
                    frozenset(entry["history"]), frozenset(entry["contains"]), entry["beside"]
                )
                for entry in data.get("lines", ())
            },
            is_draft=data.get("draft", False),
            clients=tuple(data.get("clients", ())),
            names_schemas=data.get("names_schemas", False),
        )

    def tracked_at(self, address: Address) -> Manifest:
        """The same, with the schema name that the database at ``address`` tracks it under.

        Raises UsageError for an address that names a schema where each model names its own.
        """
        if self.names_schemas and address.search_path != "public":
            from .errors import UsageError  # noqa: PLC0415 - errors are rare

            raise UsageError(
                "schema-in-url",
                f"schema={address.search_path} moves nothing: each model names its Postgres schema itself "
                "(@@schema)",
                "leave schema out of the URL",
            )
        return replace(self, schema_name=address.tracked_name(self.schema_name))

    def placed_at(self, address: Address) -> tuple[Manifest, Address]:
        """The same, and where it is meant to be: wherever a search path leads, where each model names its
        schema."""
        tracked = self.tracked_at(address)
        if not self.names_schemas:
            return tracked, address
        return tracked, type(address)(address.conninfo, address.search_path, address.password)

    def up_to(self, version: str | None) -> tuple[Migration, ...]:
        """The migrations that make a database of ``version`` from nothing; None is an empty database."""
        line = None if version is None else self.lines.get(version)
        if line is not None:
            return tuple(m for m in self.migrations if m.id in line.history)
        reached = -1 if version is None else self.versions.index(version)
        return tuple(m for m in self.migrations if self.versions.index(m.version) <= reached)

    def beside(self, version: str | None) -> Mapping[str, str]:
        """The migrations of lines that ``version`` takes over and doesn't run, with what stands for each."""
        line = None if version is None else self.lines.get(version)
        return {} if line is None else line.beside

    def contains(self, version: str, other: str) -> bool:
        """Whether ``version`` has the changes of ``other``; both are of this package."""
        line = self.lines.get(version)
        if line is not None:
            return other in line.contains
        return self.versions.index(other) <= self.versions.index(version)

    def missing(self, version: str | None, is_applied: Callable[[str], bool]) -> tuple[Migration, ...]:
        """What a database lacks to be at ``version``."""
        there = {own for name, own in self.beside(version).items() if is_applied(name)}
        return tuple(m for m in self.up_to(version) if not is_applied(m.id) and m.id not in there)

    def above(self, version: str | None) -> tuple[Migration, ...]:
        """The migrations that no database at ``version`` has."""
        known = {*(m.id for m in self.up_to(version)), *self.beside(version)}
        return tuple(m for m in self.migrations if m.id not in known)

    def position(self, migration: Migration) -> int:
        """The index of a migration among all."""
        return bisect_left(self.migrations, _number(migration.id), key=lambda each: _number(each.id))

    def objects_at(self, version: str) -> dict[str, str] | None:
        """The database's objects at a version, as the rehearsal recorded them; None if it didn't."""
        objects: dict[str, str] = {}
        for change in self.state_changes:
            for name in change["drop"]:
                del objects[name]
            objects |= change["set"]
            if change["version"] == version:
                return objects
        return None

    def digest_at(self, version: str | None) -> str:
        """Identifies the migrations up to ``version``, unedited; the fast path compares only this.

        A draft's is its own, so that the final package records its version where nothing else is left to do.
        """
        draft = [("draft", self.version)] if self.is_draft and version == self.version else []
        return state_digest([*draft, *((m.id, m.checksum) for m in self.up_to(version))])


def state_digest(applied: Sequence[tuple[str, str]]) -> str:
    """sha256 (hex) of the names and checksums of migrations, in order."""
    return hashlib.sha256("".join(f"{name} {checksum}\n" for name, checksum in applied).encode()).hexdigest()


def state_changes(
    states: Sequence[tuple[str, str, Mapping[str, str]]],
) -> list[dict[str, Any]]:
    """The entries of ``states``, from (version, schema_digest, objects) in order; see ``objects_at``."""
    changes: list[dict[str, Any]] = []
    before: Mapping[str, str] = {}
    for version, schema_digest, objects in states:
        changed = {name: text for name, text in sorted(objects.items()) if before.get(name) != text}
        dropped = sorted(before.keys() - objects.keys())
        changes.append({"version": version, "schema_digest": schema_digest, "set": changed, "drop": dropped})
        before = objects
    return changes


def _migration(data: Mapping[str, Any]) -> Migration:
    down = data["down"]
    return Migration(
        id=data["id"],
        version=data["version"],
        checksum=data["checksum"],
        script_digests=tuple(data.get("script_digests", ())),
        up=tuple(_step(step) for step in data["up"]),
        down=None if down is None else tuple(_step(step) for step in down),
        downgrade_checks=tuple(
            _downgrade_checks(entry)
            for entry in ({"newest": data["id"], "checks": data["checks"]}, *data.get("checks_behind", ()))
        ),
        undos={
            direction: tuple(None if entry is None else _undo(entry) for entry in entries)
            for direction, entries in data.get("undo", {}).items()
        },
        up_checks=FitChecks.from_json(data.get("up_checks")),
        down_checks=FitChecks.from_json(data.get("down_checks")),
    )


def _undo(data: Mapping[str, Any]) -> Undo:
    return Undo(
        steps=tuple(_step(step) for step in data["steps"]),
        checks=_checks(data.get("checks", ())),
        finished_only=data.get("finished_only", False),
    )


def _downgrade_checks(data: Mapping[str, Any]) -> DowngradeChecks:
    return DowngradeChecks(
        newest=data["newest"],
        checks=_checks(data["checks"]),
        put_off=tuple(data.get("put_off", ())),
        made=tuple(data.get("made", ())),
    )


def _checks(entries: Sequence[Mapping[str, Any]]) -> tuple[Check, ...]:
    return tuple(map(Check.from_json, entries))


def _step(data: Mapping[str, Any]) -> Step:
    index, batch = data.get("index"), data.get("batch")
    return Step(
        kind=data["kind"],
        statements=tuple(
            StepStatement(entry["sql"], entry["line"], entry["column"]) for entry in data["statements"]
        ),
        settings=tuple(data.get("settings", ())),
        index=None if index is None else (index["schema"], index["name"]),
        batch=None if batch is None else _batch(batch),
        finish=data.get("finish"),
        checksum=data["checksum"],
        script=data.get("script"),
        makes_indexes=tuple(MadeIndex(**entry) for entry in data.get("makes_indexes", ())),
        uses_indexes=tuple((schema, name) for schema, name in data.get("uses_indexes", ())),
    )


def _batch(data: Mapping[str, Any]) -> Batch:
    return Batch(data["relation"], data["prefix"], data["target"], tuple(data["columns"]))


def _number(migration_id: str) -> int:
    return int(migration_id.partition("_")[0])
