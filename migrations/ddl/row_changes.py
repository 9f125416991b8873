"""Statements that write rows, and code blocks that may do anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pglast import ast

from .catalog_model import Relation
from .effects import Deletion, Effect
from .function_calls import called_functions, columns_read, deleted_from, tables_written
from .interpreter_state import InterpreterState
from .names import Name, path_of

_Node: TypeAlias = Any
_WORD = re.compile(r"\w+")
_TAKES_AWAY = re.compile(
    r"\b(drop\s+(table|column|schema|type)|truncate|delete\s+from"
    r"|alter\s+table\b[^;]*?\bdrop(?!\s+(constraint|default|not|expression|identity)))\b",
    re.IGNORECASE,
)


def change_rows(
    state: InterpreterState, node: _Node, deletions: Mapping[int, Deletion] = MappingProxyType({})
) -> Iterator[Effect]:
    """All rows that the statement writes or deletes, also in a WITH or by MERGE. ``deletions`` has details
    for tables, by the id of the node that names them."""
    if not isinstance(node, ast.SelectStmt):
        state.read |= columns_read(node)
    yield from _deleted(state, node, deletions)
    yield from _called(state, called_functions(node))
    for relation in tables_written(node):
        state.mark_written(state.table(relation))


def delete(state: InterpreterState, node: _Node, condition: str | None) -> Iterator[Effect]:
    """A DELETE; ``condition`` is the text of its WHERE."""
    own = Deletion() if node.usingClause or node.withClause else _deletion(state, node, condition)
    yield from change_rows(state, node, {id(node.relation): own})


def update(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    yield from change_rows(state, node)
    table = state.database.relations.get(state.name(node.relation))
    for target in node.targetList or ():
        column = table.columns.get(target.name) if table else None
        if column is not None:
            column.is_filled = True


def run_code(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """A DO block."""
    source = _source(node.args)
    found = _TAKES_AWAY.search(source)
    if found is not None:
        yield _code(found[0])
    yield from _called(state, set(_WORD.findall(source)))
    state.runs_code = True


def call(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    yield from change_rows(state, node)
    state.runs_code = True


def create_function(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """CREATE FUNCTION: it destroys nothing until it is called; calls after the migrations don't count."""
    found = _TAKES_AWAY.search(_source(node.options))
    if found is not None or deleted_from(node):  # in BEGIN ATOMIC the statements are nodes, not text
        state.database.functions[path_of(node.funcname)[1]] = found[0] if found else "DELETE FROM"
    yield from ()


def set_search_path(state: InterpreterState, node: _Node) -> Iterator[Effect]:
    """``SET search_path``: where the rest of the script finds names without a schema."""
    if node.name == "search_path":
        names = [getattr(argument.val, "sval", None) for argument in node.args or ()]
        state.search_path = tuple(name for name in names if name) or None
    yield from ()


def _deleted(state: InterpreterState, node: _Node, deletions: Mapping[int, Deletion]) -> Iterator[Effect]:
    told: set[Name] = set()
    for relation in deleted_from(node):
        table = state.table(relation)
        if table.origin is not None and table.origin not in told:
            told.add(table.origin)
            yield Effect(
                kind="rows",
                table=table.origin,
                how="DELETE",
                detail="DELETE",
                may_be_missing=table.may_be_missing,
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


def _called(state: InterpreterState, names: Collection[str]) -> Iterator[Effect]:
    for name, what in state.database.functions.items():
        if name in names:
            yield _code(f"{what} in {name}()")


def _source(options: _Node) -> str:
    """The text of a DO block or a function."""
    texts = (option.arg for option in options or () if option.defname == "as")
    return "\n".join(
        str(part.sval) for text in texts for part in (text if isinstance(text, tuple) else (text,))
    )


def _code(what: str) -> Effect:
    return Effect(kind="code", detail=" ".join(what.split()))


HANDLERS: Final[dict[type, Callable[[InterpreterState, _Node], Iterator[Effect]]]] = {
    ast.InsertStmt: change_rows,
    ast.MergeStmt: change_rows,
    ast.PrepareStmt: change_rows,
    ast.CopyStmt: change_rows,
    ast.ExplainStmt: change_rows,
    ast.UpdateStmt: update,
    ast.CallStmt: call,
    ast.DoStmt: run_code,
    ast.CreateFunctionStmt: create_function,
    ast.VariableSetStmt: set_search_path,
}
