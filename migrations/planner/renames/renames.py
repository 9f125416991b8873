"""The renames as SQL: tables, columns, enums, values, and the names that Prisma derives from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pglast import ast

from schemas.model import FunctionDefault, Model

from ...ddl.names import Name, name_of, sql_name
from ...identifiers import fitting, literal, quoted
from ..context import enum_name, table_name
from ..join_tables import join_tables
from ..rewrites.indexes import build_concurrently
from ..rewrites.primary_keys import build_primary_keys
from ..rewrites.sequences import sequence_name
from ..script import ALTER_TABLE, DraftStatement, read_script
from .new_names import NewNames
from .paired_join_tables import is_swapped, paired_join_tables
from .pairing import Pairing

_Columns = tuple[str, ...]
#: What identifies an index or constraint independent of its name: kind, table, columns, and details.
_Identity = tuple[str, Name, _Columns, str]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the old schema, and its columns' old and new names."""

    old: Name
    new: Name
    columns: tuple[tuple[str, str], ...]


def rename_statements(
    pairing: Pairing, names: NewNames, made_before: str, made_renamed: str
) -> list[DraftStatement]:
    """The statements that rename everything.

    ``made_before`` and ``made_renamed`` are the engine's scripts that create the old schema, unchanged and
    with the new ``names``: they have the names of indexes and constraints.
    """
    tables = _tables(pairing, names)
    return [
        *_table_renames(tables),
        *_column_renames(tables),
        *_enum_renames(pairing, names),
        *_derived_renames(tables, made_before, made_renamed),
        *_swapped_keys(pairing),
        *_sequence_renames(pairing, names),
    ]


def _tables(pairing: Pairing, names: NewNames) -> list[_Table]:
    tables = []
    for model in _stored(pairing):
        old_columns = {field.name: field.column for field in model.fields}
        columns = tuple((old_columns[name], new) for name, new in names.columns[model.name].items())
        tables.append(_Table(table_name(model), names.tables[model.name], columns))
    swapped = {
        before.sides for before, after in paired_join_tables(pairing) if is_swapped(before, after, pairing)
    }
    for table in join_tables(pairing.before):
        columns = (("A", "B"), ("B", "A")) if table.sides in swapped else ()
        tables.append(_Table(table.name, names.joins[table.sides], columns))
    return tables


def _stored(pairing: Pairing) -> list[Model]:
    return [model for model in pairing.before.models if not model.is_view]


def _table_renames(tables: Sequence[_Table]) -> Iterator[DraftStatement]:
    for table in tables:
        if table.old[0] != table.new[0]:
            sql = f"ALTER TABLE {sql_name(table.old)} SET SCHEMA {quoted(table.new[0])}"
            yield DraftStatement(sql, "MoveTable")
    for schema in sorted({table.new[0] for table in tables}):
        pairs = [(table.old[1], table.new[1]) for table in tables if table.new[0] == schema]
        for old, new in in_order(pairs):
            yield DraftStatement(
                f"ALTER TABLE {sql_name((schema, old))} RENAME TO {quoted(new)}", "RenameTable"
            )


def _column_renames(tables: Sequence[_Table]) -> Iterator[DraftStatement]:
    for table in tables:
        for old, new in in_order(table.columns):
            sql = f"ALTER TABLE {sql_name(table.new)} RENAME COLUMN {quoted(old)} TO {quoted(new)}"
            yield DraftStatement(sql, "RenameColumn")


def _enum_renames(pairing: Pairing, names: NewNames) -> Iterator[DraftStatement]:
    moved = [(enum_name(enum), names.types[enum.name]) for enum in pairing.before.enums]
    for old, new in moved:
        if old[0] != new[0]:
            yield DraftStatement(f"ALTER TYPE {sql_name(old)} SET SCHEMA {quoted(new[0])}", "MoveEnum")
    for schema in sorted({new[0] for _, new in moved}):
        for before, after in in_order([(old[1], new[1]) for old, new in moved if new[0] == schema]):
            yield DraftStatement(
                f"ALTER TYPE {sql_name((schema, before))} RENAME TO {quoted(after)}", "RenameEnum"
            )
    for enum in pairing.before.enums:
        values = names.values.get(enum.name, {})
        type_name = sql_name(names.types[enum.name])
        pairs = [(value.database_name, values.get(value.name, value.database_name)) for value in enum.values]
        for old_value, new_value in in_order(pairs):
            sql = f"ALTER TYPE {type_name} RENAME VALUE {literal(old_value)} TO {literal(new_value)}"
            yield DraftStatement(sql, "RenameEnumValue")


def _derived_renames(
    tables: Sequence[_Table], made_before: str, made_renamed: str
) -> Iterator[DraftStatement]:
    """Keys, indexes and foreign keys whose names are derived from the table's and the columns' names."""
    places = {table.old: table for table in tables}
    old_names: dict[_Identity, list[str]] = {}
    for identity, name in _named_objects(made_before):
        old_names.setdefault(_translated(identity, places), []).append(name)
    new_names: dict[_Identity, list[str]] = {}
    for identity, name in _named_objects(made_renamed):
        new_names.setdefault(identity, []).append(name)
    indexes: dict[str, list[tuple[str, str]]] = {}
    foreign_keys: dict[Name, list[tuple[str, str]]] = {}
    for identity, names in old_names.items():
        kind, table, _, _ = identity
        for old, new in zip_longest(names, new_names.get(identity, names)):
            if kind == "foreign key":
                foreign_keys.setdefault(table, []).append((old, new))
            else:
                indexes.setdefault(table[0], []).append((old, new))
    for schema, pairs in indexes.items():
        for old, new in in_order(pairs):
            yield DraftStatement(
                f"ALTER INDEX {sql_name((schema, old))} RENAME TO {quoted(new)}", "RenameIndex"
            )
    for table, pairs in foreign_keys.items():
        for old, new in in_order(pairs):
            sql = f"ALTER TABLE {sql_name(table)} RENAME CONSTRAINT {quoted(old)} TO {quoted(new)}"
            yield DraftStatement(sql, "RenameForeignKey")


def _swapped_keys(pairing: Pairing) -> Iterator[DraftStatement]:
    """Recreate the key and the index of a many-to-many relation whose sides have been swapped."""
    for before, after in paired_join_tables(pairing):
        if not is_swapped(before, after, pairing):
            continue
        schema, table = after.name
        old, owner = before.name[1], sql_name(after.name)
        index, old_index = f"{table}_B_index", f"{old}_B_index"
        made = index if index != old_index else fitting(index, "new")
        statements = [
            DraftStatement(f"CREATE INDEX {quoted(made)} ON {owner}({quoted('B')})", "CreateIndex"),
            DraftStatement(f"DROP INDEX {sql_name((schema, old_index))}", "DropIndex"),
            DraftStatement(f"ALTER TABLE {owner} DROP CONSTRAINT {quoted(f'{old}_AB_pkey')}", ALTER_TABLE),
            DraftStatement(
                f"ALTER TABLE {owner} ADD CONSTRAINT {quoted(f'{table}_AB_pkey')} "
                f"PRIMARY KEY ({quoted('A')}, {quoted('B')})"
            ),
        ]
        yield from build_concurrently(build_primary_keys(statements))
        if made != index:
            sql = f"ALTER INDEX {sql_name((schema, made))} RENAME TO {quoted(index)}"
            yield DraftStatement(sql, "RenameIndex")


def _sequence_renames(pairing: Pairing, names: NewNames) -> Iterator[DraftStatement]:
    pairs: dict[str, list[tuple[str, str]]] = {}
    for model in _stored(pairing):
        schema, table = names.tables[model.name]
        for field in model.fields:
            if isinstance(field.default, FunctionDefault) and field.default.name == "autoincrement":
                was = sequence_name(model.table, field.column)
                now = sequence_name(table, names.columns[model.name][field.name])
                pairs.setdefault(schema, []).append((was, now))
    for schema, renamed in pairs.items():
        for was, now in in_order(renamed):
            sql = f"ALTER SEQUENCE IF EXISTS {sql_name((schema, was))} RENAME TO {quoted(now)}"
            yield DraftStatement(sql, "RenameSequence")


def _named_objects(script: str) -> Iterator[tuple[_Identity, str]]:
    for statement in read_script(script):
        node, alteration = statement.node, statement.alteration
        if isinstance(node, ast.CreateStmt):
            for element in node.tableElts or ():
                if isinstance(element, ast.Constraint) and element.conname:
                    columns = _strings(element.keys)
                    yield ("key", name_of(node.relation), columns, ""), element.conname
        elif isinstance(node, ast.IndexStmt):
            columns = tuple(part.name or "" for part in node.indexParams or ())
            how = f"{node.accessMethod} {'unique' if node.unique else ''}"
            yield ("index", name_of(node.relation), columns, how), node.idxname or ""
        elif alteration is not None and alteration.constraint is not None:
            columns = _strings(alteration.constraint.fk_attrs)
            yield ("foreign key", alteration.table, columns, ""), alteration.name


def _strings(parts: Iterable[object] | None) -> _Columns:
    return tuple(part.sval or "" for part in parts or () if isinstance(part, ast.String))


def _translated(identity: _Identity, tables: dict[Name, _Table]) -> _Identity:
    kind, name, columns, how = identity
    table = tables.get(name)
    if table is None:
        return identity
    names = dict(table.columns)
    return kind, table.new, tuple(names.get(column, column) for column in columns), how


def in_order(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The renames in ``pairs`` in an order in which every new name is free; cycles use a temporary name."""
    pending = {old: new for old, new in pairs if old != new}
    while pending:
        free = next((old for old, new in pending.items() if new not in pending), None)
        if free is not None:
            yield free, pending.pop(free)
            continue
        old, new = next(iter(pending.items()))
        detour = fitting(old, "renamed")
        del pending[old]
        yield old, detour
        pending[detour] = new
