"""CREATE: schemas, tables, views, indexes and sequences. New objects contain no existing rows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from .catalog_model import Column, Reaction, Relation, RelationKind
from .columns import add_column, add_constraint
from .definitions.chosen_names import index_name
from .definitions.qualified import qualified
from .definitions.read_columns import index_columns
from .effects import Effect
from .function_calls import called_functions, columns_read
from .interpreter_state import InterpreterState, made_in
from .names import Name
from .procedural_code import Code
from .row_changes import change_rows

_Node: TypeAlias = Any
_OBJECTS = enums.ObjectType


def create_schema(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    schema = node.schemaname or node.authrole.rolename
    if not node.if_not_exists:
        state.database.schemas[schema] = None
    for inside in schema_elements(node):
        handler = HANDLERS.get(type(inside))
        if handler is not None:
            yield from handler(state, inside)


def schema_elements(node: _Node) -> Iterator[_Node]:
    """What CREATE SCHEMA makes in the schema, as statements that name it."""
    for element in node.schemaElts or ():
        inside = copy.deepcopy(element)
        names = (getattr(inside, part, None) for part in ("relation", "sequence", "view"))
        relation = next((name for name in names if name is not None), None)
        if relation is not None:
            relation.schemaname = node.schemaname or node.authrole.rolename
            yield inside


def create_table(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    _create_table(state, node, "table")
    yield from ()


def create_foreign_table(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    _create_table(state, node.base, "foreign table")
    yield from ()


def create_table_as(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    kind: RelationKind = "materialized view" if node.objtype == _OBJECTS.OBJECT_MATVIEW else "table"
    name = made_in(state, node.into.rel)
    if _is_new(state, name, node):
        state.database.relations[name] = Relation(kind=kind, origin=None, is_complete=False)
        if kind == "materialized view":
            _set_sources(state, state.database.relations[name], node.query)
    yield from change_rows(state, node)


def select(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    if node.intoClause is not None:
        name = made_in(state, node.intoClause.rel)
        state.database.relations[name] = Relation(kind="table", origin=None, is_complete=False)
    yield from change_rows(state, node)


def create_view(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    relation = Relation(kind="view", origin=None, is_complete=False)
    _set_sources(state, relation, node.query)
    state.database.relations[made_in(state, node.view)] = relation
    body = Code(names=frozenset(called_functions(node.query)))
    relation.reactions["a view"] = Reaction(frozenset({"SELECT"}), body)
    yield from ()


def create_index(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    table_name = state.name(node.relation)
    table = state.database.relation(table_name)
    name = (table_name[0], node.idxname) if node.idxname else index_name(state.database, table_name, node)
    if _is_new(state, name, node):
        _add_index(state, name, table, node)
        state.note_added(node, name[1])
    yield from ()


def create_sequence(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    name = made_in(state, node.sequence)
    if _is_new(state, name, node):
        state.database.relations[name] = Relation(kind="sequence", origin=None)
        set_owner(state, name, node)
    yield from ()


def alter_sequence(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    name = state.name(node.sequence)
    state.database.relation(name, "sequence")
    set_owner(state, name, node)
    yield from ()


def set_owner(state: InterpreterState, name: Name, node: _Node) -> None:
    """``OWNED BY table.column``, or NONE."""
    sequence = state.database.relations[name]
    for option in node.options or ():
        if option.defname == "owned_by":
            *table, column = option.arg
            sequence.owner = state.database.relation(state.relation_path(table)) if table else None
            sequence.keys = [sequence.owner.column(column.sval)] if sequence.owner else []


def _set_sources(state: InterpreterState, view: Relation, query: _Node) -> None:
    """The tables and columns that a view reads: dropping them with CASCADE drops the view."""
    for table_name, column_name in columns_read(qualified(state, query)):
        source = state.database.relations.get(table_name)
        if source is not None:
            view.sources.append(source)
            view.keys += [column for name, column in source.columns.items() if column_name in (name, "*")]


def _add_index(state: InterpreterState, name: Name, table: Relation, node: _Node) -> Relation:
    """Add an index, with one for each partition, which is dropped with it."""
    parts = (*node.indexParams, *(node.indexIncludingParams or ()))
    index = Relation(kind="index", origin=None, owner=table)
    named = {part.name for part in parts}
    read = (name for name in index_columns(node) if name in named or name in table.columns)
    index.keys = [table.column(name) for name in read]
    is_plain = not (node.whereClause or node.indexIncludingParams or node.nulls_not_distinct)
    is_by_columns = all(part.name and not part.collation and not part.opclass for part in parts)
    index.is_unique = bool(node.unique and is_plain and is_by_columns)
    state.database.relations[name] = index
    for part_name, part in [*state.database.relations.items()]:
        if part.is_partition and table in part.parents and node.relation.inh:
            own = _add_index(state, index_name(state.database, part_name, node), part, node)
            own.is_partition, own.parents = True, [index]
    return index


def _is_new(state: InterpreterState, name: Name, node: _Node) -> bool:
    """Whether the statement creates it. With IF NOT EXISTS it may exist already."""
    if not node.if_not_exists:
        return True
    if name in state.database.relations:
        return False
    if not state.database.is_complete:
        state.database.relation(name).may_be_missing = True
        return False
    return True


def _create_table(state: InterpreterState, node: _Node, kind: RelationKind) -> None:
    name = made_in(state, node.relation)
    if not _is_new(state, name, node):
        return
    table = Relation(kind=kind, origin=None, is_partitioned=node.partspec is not None)
    state.database.relations[name] = table
    for parent in node.inhRelations or ():
        _inherit(table, state.table(parent))
        table.is_partition = node.partbound is not None
    if node.ofTypename is not None:
        composite = state.database.user_type(state.type_name(node.ofTypename.names))
        table.of_type = composite
        table.columns |= {
            attribute: Column(type=each.type, origin=None) for attribute, each in composite.attributes.items()
        }
    elements = node.tableElts or ()
    for element in elements:
        if isinstance(element, ast.TableLikeClause):
            _copy_columns(state, table, element)
        elif isinstance(element, ast.ColumnDef):
            add_column(state, name, element)
    for element in elements:
        if isinstance(element, ast.Constraint):
            add_constraint(state, name, element)


def _inherit(table: Relation, parent: Relation) -> None:
    table.parents.append(parent)
    table.is_complete = table.is_complete and parent.is_complete
    for column_name, column in parent.columns.items():
        inherited = Column(type=column.type, origin=None, is_required=column.is_required, is_inherited=True)
        table.columns[column_name] = inherited


def _copy_columns(state: InterpreterState, table: Relation, element: _Node) -> None:
    source = state.table(element.relation)
    table.is_complete = table.is_complete and source.is_complete
    for column_name, column in source.columns.items():
        table.columns[column_name] = Column(
            type=column.type, origin=None, is_required=column.is_required, is_filled=column.is_filled
        )


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.CreateSchemaStmt: create_schema,
    ast.CreateStmt: create_table,
    ast.CreateForeignTableStmt: create_foreign_table,
    ast.CreateTableAsStmt: create_table_as,
    ast.SelectStmt: select,
    ast.ViewStmt: create_view,
    ast.IndexStmt: create_index,
    ast.CreateSeqStmt: create_sequence,
    ast.AlterSeqStmt: alter_sequence,
}
