"""What a package holds: its migrations, as steps that were split and classified at publish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

#: The layout of manifest.json that this runner reads.
FORMAT = 1

Direction = Literal["up", "down"]
#: ``transaction`` and ``enum_value`` run in one transaction with their journal row; the others can't.
Kind = Literal["transaction", "enum_value", "create_index", "drop_index", "standalone"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and where it starts in its script (both count from 1)."""

    sql: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is run, committed and journaled together.

    ``settings`` are the script's SET statements from before this step. ``index`` is the (schema, name) that
    a concurrent step builds or drops; the schema is None where it depends on the search path.
    """

    kind: Kind
    statements: tuple[Statement, ...]
    settings: tuple[str, ...]
    index: tuple[str | None, str] | None
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """``down`` is None where the author wrote no way back. ``checksum`` covers the statements of ``up``."""

    id: str
    version: str
    checksum: str
    up: tuple[Step, ...]
    down: tuple[Step, ...] | None

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
    migrations: tuple[Migration, ...]

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
            migrations=tuple(_migration(entry) for entry in data["migrations"]),
        )


def _migration(data: Mapping[str, Any]) -> Migration:
    down = data["down"]
    return Migration(
        id=data["id"],
        version=data["version"],
        checksum=data["checksum"],
        up=tuple(_step(step) for step in data["up"]),
        down=None if down is None else tuple(_step(step) for step in down),
    )


def _step(data: Mapping[str, Any]) -> Step:
    index = data.get("index")
    return Step(
        kind=data["kind"],
        statements=tuple(
            Statement(entry["sql"], entry["line"], entry["column"]) for entry in data["statements"]
        ),
        settings=tuple(data.get("settings", ())),
        index=None if index is None else (index["schema"], index["name"]),
        checksum=data["checksum"],
    )
