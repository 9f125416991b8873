"""What a statement makes of a table that is more than Prisma has words for, with its name in the model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.definitions.read_columns import (
    KINDS,
    constrained_columns,
    constraint_columns,
    index_columns,
)
from ...ddl.function_calls import columns_named, columns_read
from ...ddl.interpreter_state import InterpreterState
from ...ddl.names import Name
from .made import Made, printed

_Node: TypeAlias = Any
_CONSTRAINTS, _OBJECTS = enums.ConstrType, enums.ObjectType


def created(state: InterpreterState, node: _Node) -> Iterator[Made]:
    """What a CREATE or GRANT makes, once the model has it; the node gives the schema of all that it names."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        yield from handler(state, node)


def created_column(state: InterpreterState, table: Name, column: _Node) -> Iterator[Made]:
    """A generated column, and the constraints in the definition of any."""
    constraints = [each for each in column.constraints or () if isinstance(each, ast.Constraint)]
    for at, each in enumerate(constraints):
        if each.contype == _CONSTRAINTS.CONSTR_GENERATED:
            own = copy.deepcopy(column)
            kept = (_CONSTRAINTS.CONSTR_GENERATED, _CONSTRAINTS.CONSTR_NOTNULL)
            own.constraints = tuple(c for c in own.constraints if c.contype in kept)
            reads = _reads(table, columns_named(each))
            yield Made(kind="column", table=table, name=column.colname, node=own, reads=reads)
        else:
            following = constraints[at + 1 :]
            yield from created_constraint(state, table, each, column=column.colname, following=following)


def created_constraint(
    state: InterpreterState,
    table: Name,
    constraint: _Node,
    *,
    column: str | None = None,
    following: Iterable[_Node] = (),
    index: Made | None = None,
) -> Iterator[Made]:
    """A constraint, of a ``column`` with what is ``following`` there, or of the ``index`` that it takes."""
    name = state.added.get(id(constraint))
    kind = KINDS.get(constraint.contype)
    if name is None or kind is None or kind == "primary key":
        return
    own = _with_attributes(constraint, following)
    if index is not None:
        own.keys = tuple(ast.String(sval=part.name) for part in index.node.indexParams or ())
        own.including = tuple(ast.String(sval=p.name) for p in index.node.indexIncludingParams or ()) or None
        own.indexname, own.nulls_not_distinct = None, index.node.nulls_not_distinct
    own.conname = name
    if kind == "unique":
        own.keys = own.keys or tuple(ast.String(sval=each) for each in constrained_columns(own, column))
    elif kind == "foreign key":
        own.fk_attrs = tuple(ast.String(sval=each) for each in constraint_columns(own, column))
    reads = _reads(table, constraint_columns(own))
    if kind == "foreign key":
        reads |= _reads(state.name(own.pktable), (part.sval for part in own.pk_attrs or ()))
    yield Made(kind="constraint", table=table, name=name, node=own, reads=reads)


def regenerated(made: Made, expression: _Node) -> Made:
    """A generated column with another expression."""
    own = copy.deepcopy(made.node)
    for each in own.constraints:
        if each.contype == _CONSTRAINTS.CONSTR_GENERATED:
            each.raw_expr = copy.deepcopy(expression)
    return replace(made, node=own, reads=_reads(made.table, columns_named(own)))


def _reads(table: Name, columns: Iterable[str]) -> frozenset[tuple[Name, str]]:
    return frozenset((table, each) for each in columns)


def _with_attributes(constraint: _Node, following: Iterable[_Node]) -> _Node:
    """A column's constraint, with DEFERRABLE and the like, which the parser gives as constraints after it."""
    found = copy.deepcopy(constraint)
    for each in following:
        if each.contype == _CONSTRAINTS.CONSTR_ATTR_DEFERRABLE:
            found.deferrable = True
        elif each.contype == _CONSTRAINTS.CONSTR_ATTR_DEFERRED:
            found.deferrable = found.initdeferred = True
        elif each.contype not in (
            _CONSTRAINTS.CONSTR_ATTR_NOT_DEFERRABLE,
            _CONSTRAINTS.CONSTR_ATTR_IMMEDIATE,
        ):
            break
    return found


def _create_table(state: InterpreterState, node: _Node) -> Iterator[Made]:
    table = state.name(node.relation)
    for element in node.tableElts or ():
        if isinstance(element, ast.ColumnDef):
            yield from created_column(state, table, element)
        elif isinstance(element, ast.Constraint):
            yield from created_constraint(state, table, element)


def _create_index(state: InterpreterState, node: _Node) -> Iterator[Made]:
    name = state.added.get(id(node))
    if name is None:
        return  # it was there
    table = state.name(node.relation)
    own = copy.deepcopy(node)
    own.concurrent = own.if_not_exists = False
    own.idxname = name
    yield Made(kind="index", table=table, name=name, node=own, reads=_reads(table, index_columns(node)))


def _create_view(state: InterpreterState, node: _Node) -> Iterator[Made]:
    if node.view.relpersistence != "t":  # gone with the session
        own = copy.deepcopy(node)
        own.replace = False
        yield _view(state.name(node.view), own)


def _create_table_as(state: InterpreterState, node: _Node) -> Iterator[Made]:
    if node.objtype == _OBJECTS.OBJECT_MATVIEW:
        own = copy.deepcopy(node)
        own.if_not_exists = False
        yield _view(state.name(node.into.rel), own)


def _view(name: Name, own: _Node) -> Made:
    reads = frozenset(columns_read(own.query))
    is_known = not any(column == "*" for _, column in reads)  # it would have other columns today
    return Made(kind="view", table=name, name="", node=own, reads=reads, is_known=is_known)


def _create_trigger(state: InterpreterState, node: _Node) -> Iterator[Made]:
    table = state.name(node.relation)
    reads = _reads(table, {part.sval for part in node.columns or ()} | columns_named(node))
    yield Made(kind="trigger", table=table, name=node.trigname, node=copy.deepcopy(node), reads=reads)


def _create_policy(state: InterpreterState, node: _Node) -> Iterator[Made]:
    table = state.name(node.table)
    reads = _reads(table, columns_named(node))
    yield Made(kind="policy", table=table, name=node.policy_name, node=copy.deepcopy(node), reads=reads)


def _grant(state: InterpreterState, node: _Node) -> Iterator[Made]:
    if node.objtype != _OBJECTS.OBJECT_TABLE or not node.is_grant:
        return
    for relation in node.objects or ():
        if isinstance(relation, ast.RangeVar):
            own = copy.deepcopy(node)
            own.objects = (copy.deepcopy(relation),)
            yield Made(kind="setting", table=state.name(relation), name=printed(own), node=own)


_HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Made]]]] = {
    ast.CreateStmt: _create_table,
    ast.IndexStmt: _create_index,
    ast.ViewStmt: _create_view,
    ast.CreateTableAsStmt: _create_table_as,
    ast.CreateTrigStmt: _create_trigger,
    ast.CreatePolicyStmt: _create_policy,
    ast.GrantStmt: _grant,
}
