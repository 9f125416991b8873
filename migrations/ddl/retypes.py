"""ALTER COLUMN … TYPE: what the column's values become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from pglast import ast
from pglast.stream import RawStream
from pglast.visitors import Visitor

from ..casts.cast_expressions import is_cast, is_json_text
from ..identifiers import quoted
from .catalog_model import Column, Relation, UserType
from .effects import Effect, Retype
from .interpreter_state import InterpreterState
from .names import Name, type_text_of
from .statements import parse_statement

_Node: TypeAlias = Any


def retype(state: InterpreterState, name: Name, command: _Node) -> Iterator[Effect]:
    table, definition = state.database.relations[name], command.def_
    column = table.column(command.name)
    old_text, new_text = column.type, state.type_text(definition.typeName)
    old, new = _enum_of(state, old_text), _enum_of(state, new_text)
    change = Retype(
        old=None if old_text is None else _stand_in(state, old_text),
        new=new_text,
        labels=None if new is None else _labels(state, old, new),
        has_new_names=new is not None and _has_new_names(state, old),
        is_between_enums=old is not None and new is not None and not _takes_one(old_text, new_text),
        using=definition.raw_default and str(RawStream()(definition.raw_default)),
        is_cast=is_cast(definition.raw_default, command.name),
        is_json_text=is_json_text(definition.raw_default),
        value=column.value if column.value is not None else quoted(column.origin or command.name),
        converted=_converted(state, table, command, new_text),
        stand_in=_stand_in(state, new_text),
    )
    for each in state.database.with_children(table):
        if command.name in each.columns:
            each.columns[command.name].type = new_text
            each.columns[command.name].value = change.result
    if table.origin is None or column.origin is None:
        return
    yield Effect(
        kind="type",
        table=table.origin,
        column=column.origin,
        now=(name, command.name),
        detail=f"{old_text or 'unknown'} to {new_text}",
        is_written=state.is_written(table),
        was_written=state.was_written(table),
        may_be_missing=table.may_be_missing or column.may_be_missing,
        retype=change,
    )
    if old is not None and new is not None:
        yield from _values_lost(old, new)


def _takes_one(old: str | None, new: str) -> bool:
    """Whether a list becomes a single value."""
    return old is not None and old.endswith("[]") and not new.endswith("[]")


def _converted(state: InterpreterState, table: Relation, command: _Node, new_text: str) -> str:
    """The new value, without its last cast, as an expression on the row before the scripts; empty where that
    hasn't what it reads."""
    using: _Node = command.def_.raw_default or ast.ColumnRef(fields=(ast.String(sval=command.name),))
    while isinstance(using, ast.TypeCast) and _is_type(state, using.typeName, new_text):
        using = using.arg
    values = {name: _value(column) for name, column in table.columns.items()}
    before = _Before(values)
    copied: _Node = ast.ResTarget(val=deepcopy(using))
    before(copied)
    return "" if before.is_new else str(RawStream()(copied.val))


def _is_type(state: InterpreterState, type_name: _Node, text: str) -> bool:
    return state.type_text(type_name) == text


def _value(column: Column) -> str:
    if column.value is not None:
        return column.value
    return "" if column.origin is None else quoted(column.origin)


class _Before(Visitor):
    """Puts what columns were before the scripts in their place."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__()
        self._values = values
        self.is_new = False

    def visit_ColumnRef(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.ColumnRef
    ) -> ast.Node | None:
        last = (node.fields or ())[-1]
        name = (last.sval or "") if isinstance(last, ast.String) else ""
        value = self._values.get(name, quoted(name)) if name else ""
        self.is_new = self.is_new or not value
        return _expression(value) if value else None


def _expression(sql: str) -> ast.Node:
    statement: _Node = parse_statement(f"SELECT {sql}")
    found: ast.Node = statement.targetList[0].val
    return found


def _values_lost(old: UserType, new: UserType) -> Iterator[Effect]:
    for value, origin in old.values.items():
        if value not in new.values and origin is not None and old.origin is not None:
            yield Effect(kind="value", enum=old.origin, value=origin, remaining=tuple(new.values))
    new.origin = new.origin or old.origin
    new.values = {value: new.values[value] or old.values.get(value) for value in new.values}


def _labels(state: InterpreterState, old: UserType | None, new: UserType) -> tuple[str, ...]:
    """The values that the new enum accepts, by their names before the scripts: those of the old enum or,
    if the old enum isn't known, of any."""
    origins = {value: origin for value, origin in _values(state, old, new) if origin is not None}
    return tuple(origins.get(value, value) for value in new.values)


def _has_new_names(state: InterpreterState, old: UserType | None) -> bool:
    """Whether the scripts have renamed values that a column may have."""
    return any(origin not in (value, None) for value, origin in _values(state, old, None))


def _values(
    state: InterpreterState, old: UserType | None, new: UserType | None
) -> Iterator[tuple[str, str | None]]:
    known = [old] if old is not None else [each for each in state.database.types.values() if each is not new]
    for each in known:
        yield from each.values.items()


def _stand_in(state: InterpreterState, text: str) -> str | None:
    """The type, for a query before the scripts."""
    for name, each in state.database.types.items():
        if text.replace("[]", "") == type_text_of(name):
            if each.origin is None and each.base is None:
                return None
            lists = text[len(text.replace("[]", "")) :]
            inner = each.base if each.origin is None else type_text_of(each.origin)
            return f"{inner}{lists}"
    return text


def _enum_of(state: InterpreterState, text: str | None) -> UserType | None:
    if text is None:
        return None
    plain = text.replace("[]", "")
    return next((each for name, each in state.database.enums.items() if type_text_of(name) == plain), None)
