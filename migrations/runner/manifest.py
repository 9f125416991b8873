"""What a package holds: its migrations, as steps that were split and classified at publish.

manifest.json::

    {
      "format": 1,
      "schema_name": "shop", "package": "shop-migrations", "package_version": "2.0.0rc1",
      "version": "2.0.0-rc.1", "schema_digest": "<sha256>",
      "versions": ["1.0.0", "2.0.0-rc.1"],
      "compatible_from": {"2.0.0-rc.1": "1.0.0"},     optional: the oldest version whose packages and clients
                                                      work on a database at that version
      "migrations": [{
        "id": "001_init", "version": "1.0.0", "checksum": "<sha256 over up>",
        "script_digests": ["<sha256>", …],            of the whole up.sql, with either kind of line ends
        "up": [step, …], "down": [step, …] or null,
        "tables": ["\\"User\\""], "schemas": [null],     what it alters, and where it makes objects (null: in
                                                      the search path): the rights that it needs
        "checks": [check, …],                         what going down would destroy, or can't do
        "checks_behind": [{                           the same while later migrations are applied, whose ways
          "newest": "004_names",                      back rename what it asks about or write there: from this
          "checks": [check, …],                       one on. put_off: columns of which only its turn tells
          "put_off": ["\\"a\\".\\"b\\""]                whether their rows fit
        }]
      }],
      "states": [{                                    the objects of a database, as rehearsed; each entry is
        "version": "1.0.0",                           the difference to the one before
        "schema_digest": "<sha256>",
        "set": {"column public.a.id": "integer not null"}, "drop": ["table public.b"]
      }]
    }

A step has ``kind``, ``checksum``, ``statements`` (``sql``, ``line``, ``column``) and, where they apply,

- ``settings``: the script's SET statements from before it;
- ``index``: ``{"schema", "name"}`` of an index built or dropped CONCURRENTLY;
- ``batch``: ``{"relation", "prefix", "target"}`` of a backfill. ``relation`` is the table's quoted name; a
  part of the UPDATE is ``prefix``, which ends with WHERE or AND, and a condition on columns of ``target``.
  The script says ``-- schema-service: backfill`` in the line above the UPDATE;
- ``finish``: what completes a statement outside transactions that was cut short (DETACH … FINALIZE).

A check has ``kind`` (``loss``: going down destroys it; ``in_use``: going down would fail), ``what`` for
people, and ``sql``: a query of one row, a count and an example (or NULL). Nothing is wrong where it counts 0.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .address import Address

#: The layout of manifest.json that this runner reads.
FORMAT = 1

Direction = Literal["up", "down"]
#: ``transaction`` and ``enum_value`` run in one transaction with their journal row, and each batch of a
#: ``backfill`` does; the others can't.
Kind = Literal["transaction", "enum_value", "create_index", "drop_index", "backfill", "standalone"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and where it starts in its script (both count from 1)."""

    sql: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Batch:
    """How a part of an UPDATE is written; see this module's docstring."""

    relation: str
    prefix: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is run, committed and journaled together."""

    kind: Kind
    statements: tuple[Statement, ...]
    settings: tuple[str, ...]
    index: tuple[str | None, str] | None
    batch: Batch | None
    finish: str | None
    checksum: str


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the data before a way back is taken."""

    kind: Literal["loss", "in_use"]
    what: str
    sql: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What going down asks of a database whose newest migration is ``newest``, or a later one.

    ``put_off`` names columns of which only its turn tells whether their rows fit.
    """

    newest: str
    checks: tuple[Check, ...]
    put_off: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """``down`` is None where the author wrote no way back. ``checksum`` covers the statements of ``up``.
    ``questions`` are in order, the first for a database whose newest migration this is."""

    id: str
    version: str
    checksum: str
    script_digests: tuple[str, ...]
    up: tuple[Step, ...]
    down: tuple[Step, ...] | None
    tables: tuple[str, ...]
    schemas: tuple[str | None, ...]
    questions: tuple[Questions, ...]

    def questions_at(self, newest: Migration) -> Questions:
        """What going down asks of a database whose newest migration is ``newest``."""
        return next(each for each in reversed(self.questions) if _number(each.newest) <= _number(newest.id))

    def steps(self, direction: Direction) -> tuple[Step, ...]:
        """The steps of one direction; empty if there is no way back."""
        return self.up if direction == "up" else self.down or ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``versions`` and ``migrations`` are in order; ``version`` is the last of the versions."""

    schema_name: str
    package: str
    package_version: str
    version: str
    versions: tuple[str, ...]
    compatible_from: Mapping[str, str]
    migrations: tuple[Migration, ...]
    state_changes: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """From manifest.json."""
        return cls.from_json(json.loads(path.read_bytes()))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Manifest:
        """From the parsed content of manifest.json. Raises ValueError for a layout of another runner."""
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
        )

    def tracked_at(self, address: Address) -> Manifest:
        """The same, by the name that the database at ``address`` tracks it under."""
        return replace(self, schema_name=address.tracked_name(self.schema_name))

    def up_to(self, version: str | None) -> tuple[Migration, ...]:
        """The migrations of ``version`` and those before it; None is an empty database."""
        reached = -1 if version is None else self.versions.index(version)
        return tuple(m for m in self.migrations if self.versions.index(m.version) <= reached)

    def position(self, migration: Migration) -> int:
        """Where a migration is among all."""
        return bisect_left(self.migrations, _number(migration.id), key=lambda each: _number(each.id))

    def objects_at(self, version: str) -> dict[str, str] | None:
        """The database's objects at a version, as the rehearsal found them; None where none was recorded."""
        objects: dict[str, str] = {}
        for change in self.state_changes:
            for name in change["drop"]:
                del objects[name]
            objects |= change["set"]
            if change["version"] == version:
                return objects
        return None

    def digest_at(self, version: str | None) -> str:
        """Stands for "exactly these migrations are applied, unedited": what the no-op start compares."""
        return state_digest([(m.id, m.checksum) for m in self.up_to(version)])


def state_digest(applied: Sequence[tuple[str, str]]) -> str:
    """sha256 (hex) over the names and checksums of migrations, in order."""
    return hashlib.sha256("".join(f"{name} {checksum}\n" for name, checksum in applied).encode()).hexdigest()


def state_changes(
    states: Sequence[tuple[str, str, Mapping[str, str]]],
) -> list[dict[str, Any]]:
    """The entries of ``states`` for (version, schema_digest, objects) in order; ``objects_at`` reads them."""
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
        tables=tuple(data.get("tables", ())),
        schemas=tuple(data.get("schemas", ())),
        questions=tuple(
            _questions(entry)
            for entry in ({"newest": data["id"], "checks": data["checks"]}, *data.get("checks_behind", ()))
        ),
    )


def _questions(data: Mapping[str, Any]) -> Questions:
    return Questions(
        newest=data["newest"],
        checks=tuple(Check(entry["kind"], entry["what"], entry["sql"]) for entry in data["checks"]),
        put_off=tuple(data.get("put_off", ())),
    )


def _step(data: Mapping[str, Any]) -> Step:
    index, batch = data.get("index"), data.get("batch")
    return Step(
        kind=data["kind"],
        statements=tuple(
            Statement(entry["sql"], entry["line"], entry["column"]) for entry in data["statements"]
        ),
        settings=tuple(data.get("settings", ())),
        index=None if index is None else (index["schema"], index["name"]),
        batch=None if batch is None else Batch(batch["relation"], batch["prefix"], batch["target"]),
        finish=data.get("finish"),
        checksum=data["checksum"],
    )


def _number(migration_id: str) -> int:
    return int(migration_id.partition("_")[0])
