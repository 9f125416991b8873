"""Which expressions of a script can be evaluated before it, in the words that the script uses.

An expression is put on the rows as the script has made them so far, under the names that they have then. It
can't be told beforehand if it calls what the scripts have made, or reads what this one has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast, enums
from pglast.parser import ParseError
from pglast.stream import RawStream

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import Reader
from ...ddl.interpreter_state import InterpreterState
from ...ddl.names import Name, sql_name, type_text_of
from ...ddl.statements import parse_statement
from .row_states import Rows

_Node: TypeAlias = Any
_SUBQUERY: Final = enums.SubLinkType.EXPR_SUBLINK
# They give another answer each time, or write.
_NEVER_THE_SAME: Final = frozenset(
    {"nextval", "currval", "lastval", "setval", "random", "set_config", "clock_timestamp", "lo_unlink"}
)
_NEVER_NULL: Final = frozenset(
    {"now", "gen_random_uuid", "uuid_generate_v4", "statement_timestamp", "transaction_timestamp", "random"}
    | {"nextval", "clock_timestamp", "jsonb_build_object", "json_build_object"}
)


@dataclass(frozen=True, slots=True)
class Expression:
    """``sql`` on the rows of a table; ``reads`` are the other tables, and the types, that it names."""

    sql: str
    reads: frozenset[str] = frozenset()


class Expressions:
    """``is_as_before`` tells whether nothing of a table has changed yet, ``new_types`` are those that the
    script has made or changed."""

    def __init__(
        self, state: InterpreterState, new_types: set[Name], is_as_before: Callable[[Relation], bool]
    ) -> None:
        self._state = state
        self._new_types = new_types
        self._is_as_before = is_as_before

    def on(self, rows: Rows, columns: Mapping[str, Column], node: _Node) -> Expression | None:
        """The expression on ``rows`` under the names of ``columns``; None if it can't be told."""
        found = _Found()
        found(ast.ResTarget(val=node))
        read = columns.values() if found.reads_all else (columns[n] for n in found.columns if n in columns)
        values = [rows.value(column) for column in read]
        if not all(each.sql is not None and each.is_exact and not each.is_partial for each in values):
            return None
        return self._told(found, node)

    def query(self, node: _Node) -> Expression | None:
        """A whole query on tables that are as they were before."""
        found = _Found()
        found(node)
        return self._told(found, ast.SubLink(subLinkType=_SUBQUERY, subLinkId=0, subselect=node))

    def _told(self, found: _Found, node: _Node) -> Expression | None:
        functions = self._state.database.functions
        if found.is_open or any(name in functions or name in _NEVER_THE_SAME for name in found.functions):
            return None
        types = {self._state.type_name(each.names) for each in found.types}
        if not types.isdisjoint(self._new_types):
            return None
        if self._state.search_path and (found.tables or found.types or found.functions):
            return None
        tables = [self._state.database.relations.get(self._state.name(each)) for each in found.tables]
        if not all(table is not None and self._is_as_before(table) for table in tables):
            return None
        sql = _printed(node)
        names = {sql_name(self._state.name(each)) for each in found.tables}
        own = {sql_name(each) for each in types if each in self._state.database.types}
        return None if sql is None else Expression(sql, frozenset(names | own))

    def is_known(self, type_text: str | None) -> bool:
        """Whether the type, as the model writes it, was there before."""
        if type_text is None:
            return False
        plain = type_text.replace("[]", "")
        return all(plain != type_text_of(name) for name in self._new_types)

    def types_of(self, type_text: str) -> frozenset[str]:
        """The user's type that it is, as SQL."""
        plain = type_text.replace("[]", "")
        return frozenset(sql_name(name) for name in self._state.database.types if type_text_of(name) == plain)


def is_never_null(node: _Node) -> bool:
    """Whether the expression gives a value whatever the row is."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    if isinstance(node, ast.A_Const):
        return not node.isnull
    if isinstance(node, ast.CoalesceExpr):
        return any(map(is_never_null, node.args or ()))
    if isinstance(node, ast.FuncCall):
        return getattr((node.funcname or ())[-1], "sval", None) in _NEVER_NULL
    return isinstance(node, (ast.SQLValueFunction, ast.A_ArrayExpr))


def is_conversion(node: _Node) -> bool:
    """Whether it may fail on some values: it casts what a row has, or calls a function."""
    found = _Found()
    found(ast.ResTarget(val=node))
    return bool(found.columns and (found.types or found.functions))


def is_null(node: _Node) -> bool:
    """Whether it is NULL, in whatever type."""
    while isinstance(node, ast.TypeCast):
        node = node.arg
    return node is None or (isinstance(node, ast.A_Const) and bool(node.isnull))


def _printed(node: _Node) -> str | None:
    """None if what is printed would be read as something else."""
    sql = str(RawStream()(node))
    try:
        read: _Node = parse_statement(f"SELECT {sql}")
    except (ParseError, IndexError):
        return None
    targets = read.targetList or () if isinstance(read, ast.SelectStmt) else ()
    return sql if len(targets) == 1 and targets[0].name is None and targets[0].val == node else None


class _Found(Reader):
    def __init__(self) -> None:
        self.columns: set[str] = set()
        self.reads_all = False
        self.functions: set[str] = set()
        self.types: list[ast.TypeName] = []
        self.tables: list[ast.RangeVar] = []
        self.is_open = False  # what it is depends on the statement around it

    def visit_ColumnRef(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        for part in node.fields or ():
            if isinstance(part, ast.String):
                self.columns.add(part.sval or "")
            else:
                self.reads_all = True

    def visit_FuncCall(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        self.functions.add(getattr((node.funcname or ())[-1], "sval", None) or "")

    def visit_TypeName(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.TypeName
    ) -> None:
        self.types.append(node)

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.tables.append(node)

    def _open(self, _ancestors: object, _node: object) -> None:
        self.is_open = True

    visit_SetToDefault = visit_MultiAssignRef = visit_ParamRef = visit_MergeStmt = _open  # noqa: N815
    visit_CommonTableExpr = visit_InsertStmt = visit_UpdateStmt = visit_DeleteStmt = _open  # noqa: N815
