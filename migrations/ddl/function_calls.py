"""Which functions a statement calls, what it reads and which tables it deletes from, at any depth."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pglast import ast, enums

from .names import Name, name_of


def called_functions(node: ast.Node) -> set[str]:
    """Their names, without schemas."""
    return mentions(node).functions


def deleted_from(node: ast.Node) -> list[ast.RangeVar]:
    """The tables of DELETE, also in a WITH, and of MERGE … THEN DELETE."""
    return mentions(node).deleted


def columns_read(node: ast.Node) -> set[tuple[Name, str]]:
    """:meth:`Mentions.columns_read` of a node."""
    return mentions(node).columns_read()


def columns_named(node: ast.Node) -> set[str]:
    """The columns that an expression names."""
    return mentions(node).columns


def mentions(node: ast.Node) -> Mentions:
    """All of it, for those who ask more than one thing."""
    found = Mentions()
    found(node)
    return found


def texts_of(node: ast.Node) -> set[str]:
    """The strings in a statement, and the names of tables and sequences."""
    found = _Texts()
    found(node)
    return found.texts


class Reader:
    """What pglast's Visitor is, for those that change nothing: it calls the same methods ``visit_…`` in the
    same order, in a small part of the time, and gives them no ancestors."""

    _methods: ClassVar[dict[type, Callable[[Any, None, Any], None]]]

    def __init_subclass__(cls) -> None:
        names = [name for name in dir(cls) if name.startswith("visit_")]
        cls._methods = {getattr(ast, name.removeprefix("visit_")): getattr(cls, name) for name in names}

    def __call__(self, node: ast.Node | Sequence[ast.Node]) -> None:
        """Visit the nodes of a tree, breadth first."""
        todo: deque[Any] = deque([node])
        while todo:
            here = todo.popleft()
            for each in here if isinstance(here, tuple) else (here,):
                if isinstance(each, tuple):
                    todo.extend(part for part in each if isinstance(part, (tuple, ast.Node)))
                elif isinstance(each, ast.Node):
                    method = self._methods.get(type(each))
                    if method is not None:
                        method(self, None, each)
                    values = [getattr(each, member) for member in each]
                    todo.extend(value for value in values if isinstance(value, (tuple, ast.Node)))


class Mentions(Reader):
    """What a statement or an expression mentions. ``deleted`` are the tables of DELETE and MERGE … THEN
    DELETE, ``written`` those of INSERT, UPDATE, DELETE and MERGE, in a WITH too."""

    def __init__(self) -> None:
        self.tables: set[Name] = set()
        self.columns: set[str] = set()
        self.functions: set[str] = set()
        self.deleted: list[ast.RangeVar] = []
        self.written: list[ast.RangeVar] = []
        self._relations: list[ast.RangeVar] = []
        self._calls: list[ast.FuncCall] = []
        self._assigned: list[tuple[ast.RangeVar, Sequence[ast.ResTarget]]] = []
        self._events: list[tuple[ast.RangeVar, frozenset[str]]] = []

    def tables_touched(self) -> list[tuple[ast.RangeVar, frozenset[str]]]:
        """Every table that it names, with what it does to it: "SELECT", "INSERT", "UPDATE" or "DELETE"."""
        written = {id(relation): events for relation, events in self._events}
        return [(each, written.get(id(each), frozenset({"SELECT"}))) for each in self._relations]

    def constants_of_calls(self, function: str) -> list[list[str | None]]:
        """The arguments of each call of a function; None for one that is no string literal."""
        return [
            [getattr(getattr(argument, "val", None), "sval", None) for argument in call.args or ()]
            for call in self._calls
            if _last_name(call) == function
        ]

    def columns_read(self) -> set[tuple[Name, str]]:
        """Every pair of a table and a column that it names anywhere; ``*`` counts as a column.

        Which column belongs to which table is not resolved: the result is a hint for people.
        """
        return {(table, column) for table in self.tables for column in self.columns}

    def columns_set(self, node: ast.Node) -> list[tuple[ast.RangeVar, Sequence[ast.ResTarget]]]:
        """The tables and assignments of each UPDATE, ON CONFLICT and MERGE, but those of ``node`` itself."""
        own = node.relation if isinstance(node, ast.UpdateStmt) else None
        return [(relation, targets) for relation, targets in self._assigned if relation is not own]

    def visit_FuncCall(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        self.functions.add(_last_name(node))
        self._calls.append(node)

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.tables.add(name_of(node))
        self._relations.append(node)

    def visit_ColumnRef(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        last = (node.fields or ())[-1]
        self.columns.add((last.sval or "") if isinstance(last, ast.String) else "*")

    def visit_InsertStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.InsertStmt
    ) -> None:
        if node.onConflictClause:
            self._add_assigned(node.relation, node.onConflictClause.targetList)
        self._add_written(node.relation, "INSERT", *(("UPDATE",) if node.onConflictClause else ()))

    def visit_UpdateStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.UpdateStmt
    ) -> None:
        self._add_assigned(node.relation, node.targetList)
        self._add_written(node.relation, "UPDATE")

    def visit_DeleteStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.DeleteStmt
    ) -> None:
        self._add_written(node.relation, "DELETE")
        self._add_deleted(node.relation)

    def visit_MergeStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.MergeStmt
    ) -> None:
        self._add_written(node.relation, "INSERT", "UPDATE", "DELETE")
        for clause in node.mergeWhenClauses or ():
            if clause.commandType == enums.CmdType.CMD_UPDATE:
                self._add_assigned(node.relation, clause.targetList)
        actions = (when.commandType for when in node.mergeWhenClauses or ())
        if enums.CmdType.CMD_DELETE in actions:
            self._add_deleted(node.relation)

    def _add_written(self, relation: ast.RangeVar | None, *events: str) -> None:
        if relation is not None:
            self._events.append((relation, frozenset(events)))
            self.written.append(relation)

    def _add_assigned(self, relation: ast.RangeVar | None, targets: Sequence[ast.ResTarget] | None) -> None:
        if relation is not None:
            self._assigned.append((relation, targets or ()))

    def _add_deleted(self, relation: ast.RangeVar | None) -> None:
        if relation is not None:
            self.deleted.append(relation)


def _last_name(call: ast.FuncCall) -> str:
    last = (call.funcname or ())[-1]
    return (last.sval or "") if isinstance(last, ast.String) else ""


class _Texts(Reader):
    def __init__(self) -> None:
        self.texts: set[str] = set()

    def visit_String(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.String
    ) -> None:
        self.texts.add(node.sval or "")

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.texts.add(node.relname or "")
