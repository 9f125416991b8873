"""What only the earlier migrations of a draft created: nobody has rows there, so there are no questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.model import Schema

from ...ddl.catalog_model import Database
from ...ddl.names import Name
from ...ddl.statements import parse_script
from ..context import enum_name, table_name
from ..join_tables import join_tables
from ..renames.pairing import names_in
from .loss_warnings import CreationEngine, interpreter_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The state of a draft before its next migration.

    ``base`` is the schema of the previous version, if there is one. ``scripts`` are pairs of file and SQL
    that parses: the up.sql of the draft's migrations so far, in order.
    """

    base: Schema | None
    scripts: tuple[tuple[str, str], ...] = ()

    def unpublished(self, schema: Schema, bridge: CreationEngine) -> Unpublished:
        """What ``schema``, which the scripts lead to, has and ``base`` doesn't. Raises BridgeError."""
        if self.base is None:
            return Unpublished(subjects=frozenset(names_in(schema)), tables=_tables(schema))
        interpreter = interpreter_of(self.base, bridge)
        for _file, script in self.scripts:
            for _ in interpreter.apply_script(parse_script(script)):
                pass  # what they do to rows is asked elsewhere
        known = interpreter.database.tables
        return Unpublished(
            subjects=frozenset(_subjects(schema, interpreter.database)),
            tables=frozenset(
                name for name in _tables(schema) if name in known and known[name].origin is None
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """What no published version has: ``subjects`` as in version.toml, ``tables`` as in the database."""

    subjects: frozenset[str] = frozenset()
    tables: frozenset[Name] = frozenset()


def _tables(schema: Schema) -> frozenset[Name]:
    return frozenset([*map(table_name, schema.models), *(join.name for join in join_tables(schema))])


def _subjects(schema: Schema, database: Database) -> Iterator[str]:
    """What is new in ``database``."""
    for model in schema.models:
        table = database.tables.get(table_name(model))
        if table is not None:
            columns = {column: known.origin for column, known in table.columns.items()}
            members = {field.name: field.column for field in model.fields if not field.is_relation}
            yield from _new_ones(model.name, table.origin, members, columns)
    for enum in schema.enums:
        known_enum = database.enums.get(enum_name(enum))
        if known_enum is not None:
            members = {value.name: value.database_name for value in enum.values}
            yield from _new_ones(enum.name, known_enum.origin, members, known_enum.values)


def _new_ones(
    owner: str, origin: object, members: Mapping[str, str], origins: Mapping[str, str | None]
) -> Iterator[str]:
    if origin is None:
        yield owner
    for name, stored in members.items():
        if stored in origins and (origin is None or origins[stored] is None):
            yield f"{owner}.{name}"
