"""How many columns a table, an index and a foreign key of Postgres can have."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.prisma.attributes import key_arguments, key_fields, list_items, named_arguments
from schemas.prisma.source import Block, SchemaStatement

from .places import Places

# MaxHeapAttributeNumber and INDEX_MAX_KEYS of Postgres' sources; foreign keys have the same limit.
_MOST_COLUMNS = 1600
_MOST_KEYS = 32


def size_problems(places: Places) -> Iterator[Problem]:
    """Every model with more columns than a table can have, and every key with more than an index can."""
    for block in places.models:
        fields = [each for each in block.statements if not each.is_attribute]
        columns = [each for each in fields if not places.is_relation(each)]
        if len(columns) > _MOST_COLUMNS:
            yield _too_many_columns(places, block, columns)
        for statement in block.statements:
            count = _key_columns(places, statement)
            if count > _MOST_KEYS:
                yield places.problem(
                    "too-many-columns",
                    f"a key or index of Postgres has at most {_MOST_KEYS} columns, this one has {count}",
                    "take the columns that tell most rows apart, or index a hash of them all in a migration",
                    statement,
                )


def _too_many_columns(places: Places, block: Block, columns: list[SchemaStatement]) -> Problem:
    return places.problem(
        "too-many-columns",
        f"a table of Postgres has at most {_MOST_COLUMNS} columns, and {block.name!r} has {len(columns)}",
        f"move the fields from {columns[_MOST_COLUMNS].name!r} on to another model, with a relation "
        "between the two, or keep them in one Json field",
        columns[_MOST_COLUMNS],
    )


def _key_columns(places: Places, statement: SchemaStatement) -> int:
    """The number of columns of a statement's key; 0 where it has none."""
    if not statement.is_attribute:
        relation = statement.arguments("@", "relation") if places.is_relation(statement) else None
        return len(list_items(named_arguments(relation or ()).get("fields", ())))
    keys = (key_arguments(statement, kind) for kind in ("id", "unique", "index"))
    return max((len(key_fields(statement, each)) for each in keys if each is not None), default=0)
