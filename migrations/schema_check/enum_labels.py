"""Labels of enums that Postgres refuses, since it cuts none and takes none twice."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.model import Schema

from ..identifiers import MOST_BYTES
from .places import Places

_FIX = "write another name in @map, and rename the value in the database with a migration"


def enum_label_problems(schema: Schema, places: Places) -> Iterator[Problem]:
    """Every value that is stored under a label of another, or under one that is too long."""
    blocks = {block.name: block for block in places.blocks if block.keyword == "enum"}
    for enum in schema.enums:
        known: dict[str, str] = {}
        for value in enum.values:
            statement = blocks[enum.name].statement(value.name)
            assert statement is not None
            label = value.database_name
            first = known.setdefault(label, value.name)
            if first != value.name:
                message = f"values {value.name!r} and {first!r} are both {label!r} in the database"
                yield places.problem("enum-label", message, _FIX, statement)
            elif len(label.encode()) > MOST_BYTES:
                message = f"a value's name in the database has at most {MOST_BYTES} bytes, {label!r} has more"
                yield places.problem("enum-label", message, _FIX, statement)
