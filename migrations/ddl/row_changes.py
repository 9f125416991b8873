"""Statements that write rows, and code blocks that may do anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pglast import ast, enums
from pglast.parser import ParseError
from pglast.stream import RawStream

from .catalog_model import Reaction, Relation
from .effects import Deletion, Effect
from .function_calls import (
    Mentions,
    called_functions,
    columns_named,
    columns_read,
    deleted_from,
    mentions,
)
from .interpreter_state import InterpreterState
from .names import Name, path_of, sql_name, type_text
from .procedural_code import Code, block_code, function_code
from .statements import parse_statement

_TRIGGERED: Final = {4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE"}
_Node: TypeAlias = Any


def change_rows(
    state: InterpreterState, node: _Node, deletions: Mapping[int, Deletion] = MappingProxyType({})
) -> Iterator[Effect]:
    """All rows that the statement writes or deletes, also in a WITH or by MERGE. ``deletions`` has details
    for tables, by the id of the node that names them."""
    found = mentions(node)
    if not isinstance(node, ast.SelectStmt):
        state.read |= found.columns_read()
    yield from _deleted(state, found, deletions)
    for relation, targets in found.columns_set(node):
        for target in targets:
            yield from _overwritten_column(state, relation, target, Deletion())
    yield from run_functions(state, found.functions)
    yield from _reacted(state, found)
    for arguments in found.constants_of_calls("set_config"):
        yield from _configured(state, arguments)
    for relation in found.written:
        state.mark_written(state.table(relation))


def delete(state: InterpreterState, node: _Node, condition: str | None) -> Iterator[Effect]:
    """A DELETE; ``condition`` is the text of its WHERE."""
    own = Deletion() if node.usingClause or node.withClause else _deletion(state, node, condition)
    yield from change_rows(state, node, {id(node.relation): own})


def update(state: InterpreterState, node: _Node, condition: str | None = None) -> Iterator[Effect]:
    """An UPDATE; ``condition`` is the text of its WHERE."""
    yield from _overwritten(state, node, condition)
    yield from change_rows(state, node)
    table = state.database.relations.get(state.name(node.relation))
    for target in node.targetList or ():
        column = table.columns.get(target.name) if table else None
        if column is not None:
            column.is_filled = True


def run_code(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """A DO block."""
    code = block_code(node)
    yield from _ran(code)
    for text in code.updates:
        if any(effect.kind != "rewritten" for effect in _overwritten_in(state, text)):
            yield Effect(kind="unread", detail="UPDATE in a DO block")
        else:
            yield Effect(kind="rewritten", how="UPDATE")
    yield from run_functions(state, code.names)
    state.runs_code = True


def call(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    yield from change_rows(state, node)
    state.runs_code = True


def create_function(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """CREATE FUNCTION: it removes nothing until it is called; calls after the migrations don't count."""
    inputs = (each.argType for each in node.parameters or () if each.mode.value not in ("o", "t"))
    bodies = state.database.functions.setdefault(path_of(node.funcname)[1], {})
    bodies[", ".join(type_text(each) for each in inputs)] = function_code(node)
    yield from ()


def create_trigger(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """CREATE TRIGGER: statements that write the table do what its function does."""
    events = frozenset(event for bit, event in _TRIGGERED.items() if node.events & bit)
    body = Code(names=frozenset({path_of(node.funcname)[1]}))
    state.table(node.relation).reactions[node.trigname] = Reaction(events, body)
    yield from ()


def create_rule(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """CREATE RULE: statements that write the table, or read the view, do what the rule does."""
    names = frozenset[str]().union(*(called_functions(action) for action in node.actions or ()))
    deletes = any(deleted_from(action) for action in node.actions or ())
    event = node.event.name.removeprefix("CMD_")
    body = Code(takes="DELETE FROM" if deletes else None, names=names)
    state.table(node.relation).reactions[node.rulename] = Reaction(frozenset({event}), body)
    yield from ()


def set_search_path(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """``SET search_path``: where the rest of the script finds names without a schema."""
    if node.kind == enums.VariableSetKind.VAR_RESET_ALL:
        state.search_path = None
    elif node.name == "search_path":
        state.look_in(getattr(argument.val, "sval", None) for argument in node.args or ())
    yield from ()


def run_functions(state: InterpreterState, names: Iterable[str]) -> Iterator[Effect]:
    """What functions of those names do, and those that they call."""
    if "lo_unlink" in (names := [*names]):
        yield Effect(kind="unread", detail="lo_unlink()")
    for name, code in state.database.code_run(names):
        yield from _ran(code, f" in {name}()")
        if code.updates:
            yield Effect(kind="rewritten", how="UPDATE")


def _ran(code: Code, where: str = "") -> Iterator[Effect]:
    if code.takes is not None:
        yield Effect(kind="code", detail=f"{code.takes}{where}")
    elif code.unread is not None:
        yield Effect(kind="unread", detail=f"{code.unread}{where}")


def _reacted(state: InterpreterState, mentioned: Mentions) -> Iterator[Effect]:
    """What triggers and rules do, and the functions that a view calls."""
    for relation, events in mentioned.tables_touched():
        known = state.database.relations.get(state.name(relation))
        for name, reaction in known.reactions.items() if known is not None else ():
            if not reaction.events.isdisjoint(events):
                where = f" in {name} of {sql_name(state.name(relation))}"
                found = [(name, reaction.body), *state.database.code_run(reaction.body.names)]
                for each in dict.fromkeys(code.takes or code.unread for _, code in found):
                    if each is not None:
                        yield Effect(kind="unread", detail=f"{each}{where}")


def _configured(state: InterpreterState, arguments: Sequence[str | None]) -> Iterator[Effect]:
    """``set_config``."""
    if not arguments or arguments[0] not in ("search_path", None):
        return
    if None in arguments[:2]:
        yield Effect(kind="unread", detail="a search_path that is computed")
    elif arguments[1] is not None:
        state.look_in(part.strip().strip('"') for part in arguments[1].split(","))


def _overwritten_in(state: InterpreterState, text: str) -> Iterator[Effect]:
    """The same of an UPDATE in the text of code; what can't be parsed may be anything."""
    try:
        node = parse_statement(text)
    except (ParseError, IndexError):
        yield Effect(kind="unread", detail="UPDATE")
        return
    if isinstance(node, ast.UpdateStmt):
        yield from _overwritten(state, node, None)


def _overwritten(state: InterpreterState, node: _Node, condition: str | None) -> Iterator[Effect]:
    """The columns whose values an UPDATE replaces by others, or makes others from."""
    is_alone = not (node.fromClause or node.withClause)
    rows = _deletion(state, node, condition) if is_alone else Deletion()
    for target in node.targetList or ():
        is_made_from_old = target.name in columns_named(target.val)
        if not is_null_test(node.whereClause, target.name):
            effects = _overwritten_column(state, node.relation, target, rows)
            yield from (replace(each, kind="rewritten") for each in effects) if is_made_from_old else effects


def _overwritten_column(
    state: InterpreterState, relation: _Node, target: _Node, rows: Deletion
) -> Iterator[Effect]:
    table = state.table(relation)
    if table.kind == "view":
        yield Effect(kind="rewritten", how="UPDATE")
    column = table.column(target.name)
    if table.origin is None or table.kind != "table" or column.origin is None:
        return
    yield Effect(
        kind="overwritten",
        table=table.origin,
        column=column.origin,
        may_be_missing=table.may_be_missing or column.may_be_missing,
        how="UPDATE",
        deletion=rows,
        detail=_constant(target.val) if column.type not in (None, "json", "xml") else "",
    )


def is_null_test(condition: _Node, column: str) -> bool:
    """Whether it is only about rows that have nothing there."""
    if isinstance(condition, ast.BoolExpr) and condition.boolop == enums.BoolExprType.AND_EXPR:
        return any(is_null_test(each, column) for each in condition.args or ())
    is_test = isinstance(condition, ast.NullTest) and condition.nulltesttype == enums.NullTestType.IS_NULL
    return is_test and isinstance(condition.arg, ast.ColumnRef) and columns_named(condition.arg) == {column}


def _constant(value: _Node) -> str:
    """The SQL of a value that needs no row; empty for another."""
    inner = value
    while isinstance(inner, ast.TypeCast):
        inner = inner.arg
    return str(RawStream()(value)) if isinstance(inner, ast.A_Const) and not inner.isnull else ""


def _deleted(state: InterpreterState, found: Mentions, deletions: Mapping[int, Deletion]) -> Iterator[Effect]:
    told: set[Name] = set()
    for relation in found.deleted:
        table = state.table(relation)
        if table.origin is not None and table.origin not in told:
            told.add(table.origin)
            yield Effect(
                kind="rows",
                table=table.origin,
                how="DELETE",
                detail="DELETE",
                may_be_missing=table.may_be_missing,
                only=not relation.inh,
                deletion=deletions.get(id(relation), Deletion()),
            )


def _deletion(state: InterpreterState, node: _Node, condition: str | None) -> Deletion:
    """The condition for a query before the scripts, if it depends on nothing that they have changed."""
    name = state.name(node.relation)
    table = state.database.relation(name)
    alias = node.relation.alias.aliasname if node.relation.alias else None
    if condition is None:
        return Deletion(alias=alias)
    read = columns_read(node.whereClause)
    others = {other for other, _ in columns_read(node)} - {name}
    columns = {column for _, column in read} | {column for _, column in columns_read(node)}
    if any(not _is_as_before(state, other) for other in others):
        return Deletion(alias=alias)
    renamed: dict[str, str] = {}
    for column_name in columns & table.columns.keys():
        origin = table.columns[column_name].origin
        if origin is None:
            return Deletion(alias=alias)
        if origin != column_name:
            renamed[column_name] = origin
    if alias is None and table.origin is not None and table.origin[1] != name[1]:
        alias = name[1]
    return Deletion(alias=alias, condition=condition, renamed=renamed or None)


def _is_as_before(state: InterpreterState, name: Name) -> bool:
    known: Relation | None = state.database.relations.get(name)
    if known is None:
        return True
    return known.origin == name and all(each.origin == column for column, each in known.columns.items())


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.InsertStmt: change_rows,
    ast.MergeStmt: change_rows,
    ast.PrepareStmt: change_rows,
    ast.CopyStmt: change_rows,
    ast.ExplainStmt: change_rows,
    ast.CallStmt: call,
    ast.DoStmt: run_code,
    ast.CreateFunctionStmt: create_function,
    ast.CreateTrigStmt: create_trigger,
    ast.RuleStmt: create_rule,
    ast.VariableSetStmt: set_search_path,
}
