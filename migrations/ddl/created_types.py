"""CREATE TYPE, CREATE DOMAIN and ALTER TYPE … VALUE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from .catalog_model import Column, UserType
from .effects import Effect
from .interpreter_state import InterpreterState, type_made_in

_Node: TypeAlias = Any


def create_enum(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    values: dict[str, str | None] = {label.sval: None for label in node.vals or ()}
    _make(state, node.typeName, UserType(kind="enum", origin=None, values=values))
    yield from ()


def create_domain(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    _make(state, node.domainname, UserType(kind="domain", origin=None, base=state.type_text(node.typeName)))
    yield from ()


def create_composite(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    attributes = {
        each.colname: Column(type=state.type_text(each.typeName), origin=None)
        for each in node.coldeflist or ()
    }
    parts = [ast.String(sval=part) for part in (node.typevar.schemaname, node.typevar.relname) if part]
    _make(state, parts, UserType(kind="composite", origin=None, attributes=attributes))
    yield from ()


def create_range(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    _make(state, node.typeName, UserType(kind="range", origin=None))
    yield from ()


def define(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    if node.kind == enums.ObjectType.OBJECT_TYPE:
        _make(state, node.defnames, UserType(kind="base", origin=None))
    yield from ()


def alter_enum(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    enum = state.database.user_type(state.type_name(node.typeName))
    if node.oldVal is not None:
        enum.values.setdefault(node.oldVal, node.oldVal)
        enum.values = {
            node.newVal if value == node.oldVal else value: origin for value, origin in enum.values.items()
        }
    else:
        enum.values = _with_value(enum.values, node)
    yield from ()


def _with_value(values: dict[str, str | None], node: _Node) -> dict[str, str | None]:
    """Insert the new value at its position."""
    names = [name for name in values if name != node.newVal]
    if len(names) < len(values):
        return values  # IF NOT EXISTS
    at = names.index(node.newValNeighbor) if node.newValNeighbor in names else len(names)
    names.insert(at + bool(node.newValIsAfter and node.newValNeighbor), node.newVal)
    return {name: values.get(name) for name in names}


def _make(state: InterpreterState, parts: Iterable[object], made: UserType) -> None:
    state.database.types[type_made_in(state, parts)] = made


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.CreateEnumStmt: create_enum,
    ast.CreateDomainStmt: create_domain,
    ast.CompositeTypeStmt: create_composite,
    ast.CreateRangeStmt: create_range,
    ast.DefineStmt: define,
    ast.AlterEnumStmt: alter_enum,
}
