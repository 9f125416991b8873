"""DROP, TRUNCATE and all other ways to remove whole objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from .catalog_model import Column, Relation, is_of_type
from .effects import Effect
from .interpreter_state import InterpreterState
from .names import Name

_Node: TypeAlias = Any
_OBJECTS = enums.ObjectType
_RELATIONS = {
    _OBJECTS.OBJECT_TABLE: "DROP TABLE",
    _OBJECTS.OBJECT_FOREIGN_TABLE: "DROP FOREIGN TABLE",
    _OBJECTS.OBJECT_VIEW: "",
    _OBJECTS.OBJECT_MATVIEW: "",
    _OBJECTS.OBJECT_INDEX: "",
    _OBJECTS.OBJECT_SEQUENCE: "",
}
#: Objects on which tables and columns can depend without any statement that names these.
_OWNERS_OF_ANYTHING = {
    _OBJECTS.OBJECT_EXTENSION: "EXTENSION",
    _OBJECTS.OBJECT_COLLATION: "COLLATION",
    _OBJECTS.OBJECT_ACCESS_METHOD: "ACCESS METHOD",
}


def drop(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    kind = node.removeType
    cascades = node.behavior == enums.DropBehavior.DROP_CASCADE
    if kind in _RELATIONS:
        for path in node.objects or ():
            yield from _drop_relation(state, state.relation_path(path), node, cascades=cascades)
    elif kind == _OBJECTS.OBJECT_SCHEMA:
        for part in node.objects or ():
            yield from _drop_schema(state, part.sval, node, cascades=cascades)
    elif kind in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
        for found in node.objects or ():
            yield from _drop_type(state, state.type_name(found.names), node, cascades=cascades)
    elif kind in (_OBJECTS.OBJECT_TRIGGER, _OBJECTS.OBJECT_RULE):
        for *table, name in node.objects or ():
            known = state.database.relations.get(state.relation_path(table))
            if known is not None:
                known.reactions.pop(name.sval, None)
    elif kind in _OWNERS_OF_ANYTHING and cascades:
        yield Effect(kind="code", detail=f"DROP {_OWNERS_OF_ANYTHING[kind]} … CASCADE")


def truncate(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    tables = [state.table(relation) for relation in node.relations or ()]
    alone = [state.table(relation) for relation in node.relations or () if not relation.inh]
    if node.behavior == enums.DropBehavior.DROP_CASCADE:
        tables = _with_referring(state, named := tables)
        told = tuple(table.origin for table in tables if table.origin is not None)
        for table in named:
            if table.origin is not None:
                missing = table.may_be_missing
                yield Effect(
                    kind="referring", table=table.origin, kept=told, may_be_missing=missing, how="TRUNCATE"
                )
    for table in tables:
        if table.origin is not None:
            yield Effect(
                kind="rows",
                table=table.origin,
                may_be_missing=table.may_be_missing,
                how="TRUNCATE",
                detail="TRUNCATE",
                only=table in alone,
            )


def drop_owned(_state: InterpreterState, _node: _Node) -> Iterator[Effect]:
    yield Effect(kind="code", detail="DROP OWNED")


def drop_database(_state: InterpreterState, _node: _Node) -> Iterator[Effect]:
    yield Effect(kind="code", detail="DROP DATABASE")


def lose_column(
    state: InterpreterState,
    name: Name,
    column_name: str,
    how: str,
    *,
    missing_ok: bool = False,
    cascades: bool = False,
    only: bool = False,
) -> Iterator[Effect]:
    """Drop a column and everything built on it, also in the tables that inherit it."""
    table = state.database.relation(name)
    column = table.column(column_name)
    if table.origin is not None and column.origin is not None:
        yield Effect(
            kind="column",
            table=table.origin,
            column=column.origin,
            is_read=not state.read.isdisjoint({(name, column_name), (name, "*")}),
            may_be_missing=missing_ok or column.may_be_missing or table.may_be_missing,
            how=how,
            only=only,
        )
        if state.database.columns_of_type(name):  # a table is a type, too
            yield Effect(
                kind="attribute",
                type_name=table.origin,
                column=column.origin,
                may_be_missing=missing_ok or table.may_be_missing,
                how=how,
                detail=f"{'.'.join(name)}.{column_name}",
            )
    if cascades:
        _forget_views(state, table, column)
    for each in state.database.with_children(table):
        found = each.columns.get(column_name)
        if found is not None and (each is table or found.is_inherited):
            _forget_column(state, each, column_name)


def forget_relation(state: InterpreterState, name: Name) -> None:
    """Drop a relation with its indexes, sequences, partitions, and (by CASCADE) the foreign keys to it."""
    relations = state.database.relations
    gone = relations.pop(name, None)
    if gone is None or gone.kind in ("view", "sequence"):
        return
    along = [
        other_name
        for other_name, other in relations.items()
        if other.owner is gone or (other.is_partition and gone in other.parents)
    ]
    for other_name in along:
        forget_relation(state, other_name)
    if gone.kind != "index":
        _forget_foreign_keys(state, gone, None)


def forget_constraint(state: InterpreterState, table_name: Name, name: str) -> None:
    """Drop a constraint with its index, and (by CASCADE) the foreign keys that need it."""
    table = state.database.relations[table_name]
    gone = table.constraints.pop(name, None)
    index = state.database.relations.get((table_name[0], name))
    if index is not None and index.kind == "index" and index.owner is table:
        forget_relation(state, (table_name[0], name))
    if gone is not None and gone.has_index:
        _forget_foreign_keys(state, table, set(gone.columns))


def _forget_foreign_keys(state: InterpreterState, target: Relation, columns: Set[Column] | None) -> None:
    """To a table; with ``columns``, only those that need a key of these."""
    for table in state.database.relations.values():
        if table.constraints:  # few relations have any
            for name, each in [*table.constraints.items()]:
                if each.target is target and (columns is None or set(each.referenced) == columns):
                    del table.constraints[name]


def _forget_views(state: InterpreterState, source: Relation, column: Column | None = None) -> None:
    """Views that read the table (or that column of it), and views that read these."""
    for name, view in [*state.database.relations.items()]:
        if source in view.sources and (column is None or column in view.keys):
            _forget_views(state, view)
            forget_relation(state, name)


def _with_referring(state: InterpreterState, tables: list[Relation]) -> list[Relation]:
    """The tables, with all whose foreign keys lead to them directly or through others."""
    found = [*tables]
    for table in found:  # grows meanwhile
        relations = state.database.relations.values()
        found += [each for each in relations if each not in found and table in each.references.values()]
    return found


def _forget_column(state: InterpreterState, table: Relation, column_name: str) -> None:
    """With what reads it; a foreign key to it needs a key of it."""
    column = table.columns.pop(column_name)
    gone = [found for found in table.constraints.values() if column in found.columns]
    for name in state.database.belonging_to(table):
        if column in state.database.relations[name].keys:
            forget_relation(state, name)
    table.constraints = {name: each for name, each in table.constraints.items() if each not in gone}
    for key in (each for each in gone if each.has_index):
        _forget_foreign_keys(state, table, set(key.columns))


def _drop_relation(state: InterpreterState, name: Name, node: _Node, *, cascades: bool) -> Iterator[Effect]:
    how = _RELATIONS[node.removeType]
    known = state.database.relations.get(name)
    if how:
        yield from _lose_table(state, name, how, missing_ok=bool(node.missing_ok))
    if cascades:
        yield from _lose_columns_of_type(state, name, "DROP", missing_ok=bool(node.missing_ok))
    if known is not None and cascades:
        _forget_views(state, known)
        for child_name, child in [*state.database.relations.items()]:
            if known in child.parents and not child.is_partition:
                yield from _drop_relation(state, child_name, node, cascades=True)
    forget_relation(state, name)


def _lose_table(state: InterpreterState, name: Name, how: str, *, missing_ok: bool) -> Iterator[Effect]:
    table = state.database.relation(name)
    if table.origin is not None:
        yield Effect(
            kind="table",
            table=table.origin,
            is_read=any(name == read for read, _ in state.read),
            may_be_missing=missing_ok or table.may_be_missing,
            how=how,
            kept=tuple(each.origin for each in table.left if each.origin and table not in each.parents),
        )


def _drop_schema(state: InterpreterState, schema: str, node: _Node, *, cascades: bool) -> Iterator[Effect]:
    database = state.database
    before = database.schema_before(schema)
    if not cascades:
        database.schemas.pop(schema, None)
        return  # without CASCADE Postgres drops only an empty schema
    if before is not None:
        origins = ((name, each.origin) for name, each in database.tables.items())
        kept = (origin for name, origin in origins if origin and origin[0] == before and name[0] != schema)
        yield Effect(
            kind="schema",
            schema=before,
            kept=tuple(kept),
            may_be_missing=bool(node.missing_ok),
            how="DROP SCHEMA",
        )
    for name in [name for name in database.tables if name[0] == schema]:
        yield from _lose_table(state, name, "DROP SCHEMA", missing_ok=False)
    for name in [name for name in database.relations if name[0] == schema]:
        if (known := database.relations.get(name)) is not None:
            _forget_views(state, known)
        forget_relation(state, name)
    for type_name in [name for name in database.types if name[0] == schema]:
        yield from _drop_type(state, type_name, node, cascades=True)
    database.schemas.pop(schema, None)


def _drop_type(state: InterpreterState, name: Name, node: _Node, *, cascades: bool) -> Iterator[Effect]:
    database = state.database
    if cascades:
        known = database.user_type(name)
        yield from _lose_columns_of_type(state, name, "DROP TYPE", missing_ok=bool(node.missing_ok))
        for typed in database.typed_tables(known):
            yield from _lose_table(state, typed, "DROP TYPE", missing_ok=False)
            forget_relation(state, typed)
        for other_name, other in [*database.types.items()]:
            if other.base is not None and other is not known and is_of_type(other.base, name):
                yield from _drop_type(state, other_name, node, cascades=True)
    database.types.pop(name, None)


def _lose_columns_of_type(
    state: InterpreterState, name: Name, how: str, *, missing_ok: bool
) -> Iterator[Effect]:
    """Of a type, or of a table or view, which is one, too."""
    columns = state.database.columns_of_type(name)
    known = state.database.types.get(name) or state.database.relations.get(name)
    if known is not None and known.origin is not None and (columns or name in state.database.types):
        yield Effect(
            kind="columns of type",
            type_name=known.origin,
            told=tuple(_as_before(state, columns)),
            may_be_missing=missing_ok,
            how=how,
        )
    for table_name, column_name in columns:
        yield from lose_column(state, table_name, column_name, how, cascades=True)


def _as_before(state: InterpreterState, columns: list[tuple[Name, str]]) -> Iterator[tuple[Name, str]]:
    """Tables and columns by their names before the scripts, without new ones."""
    for table_name, column_name in columns:
        table = state.database.relations[table_name]
        origin = table.columns[column_name].origin
        if table.origin is not None and origin is not None:
            yield table.origin, origin


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.DropStmt: drop,
    ast.TruncateStmt: truncate,
    ast.DropOwnedStmt: drop_owned,
    ast.DropdbStmt: drop_database,
}
