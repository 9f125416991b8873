"""Which functions a statement calls, what it reads and which tables it deletes from, at any depth."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from pglast import ast, enums
from pglast.visitors import Continue, Visitor

from .names import Name, name_of


def called_functions(node: ast.Node) -> set[str]:
    """Their names, without schemas."""
    found = _Found()
    found(node)
    return found.functions


def deleted_from(node: ast.Node) -> list[ast.RangeVar]:
    """The tables of DELETE, also in a WITH, and of MERGE … THEN DELETE."""
    found = _Found()
    found(node)
    return found.deleted


def tables_written(node: ast.Node) -> list[ast.RangeVar]:
    """The tables of INSERT, UPDATE, DELETE and MERGE, in a WITH too."""
    found = _Found()
    found(node)
    return found.written


def tables_touched(node: ast.Node) -> list[tuple[ast.RangeVar, frozenset[str]]]:
    """Every table that it names, with what it does to it: "SELECT", "INSERT", "UPDATE" or "DELETE"."""
    found = _Found()
    found(node)
    written = {id(relation): events for relation, events in found.events}
    return [(relation, written.get(id(relation), frozenset({"SELECT"}))) for relation in found.relations]


def constants_of_calls(node: ast.Node, function: str) -> list[list[str | None]]:
    """The arguments of each call of a function; None for one that is no string literal."""
    found = _Found()
    found(node)
    return [
        [getattr(getattr(argument, "val", None), "sval", None) for argument in call.args or ()]
        for call in found.calls
        if _last_name(call) == function
    ]


def columns_read(node: ast.Node) -> set[tuple[Name, str]]:
    """Every pair of a table and a column that it names anywhere; ``*`` counts as a column.

    Which column belongs to which table is not resolved: the result is a hint for people.
    """
    found = _Found()
    found(node)
    return {(table, column) for table in found.tables for column in found.columns}


def columns_named(node: ast.Node) -> set[str]:
    """The columns that an expression names."""
    found = _Found()
    found(node)
    return found.columns


def columns_set(node: ast.Node) -> list[tuple[ast.RangeVar, Sequence[ast.ResTarget]]]:
    """The tables and assignments of each UPDATE, ON CONFLICT and MERGE, but those of ``node`` itself."""
    found = _Found()
    found(node)
    own = node.relation if isinstance(node, ast.UpdateStmt) else None
    return [(relation, targets) for relation, targets in found.assigned if relation is not own]


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.tables: set[Name] = set()
        self.columns: set[str] = set()
        self.functions: set[str] = set()
        self.deleted: list[ast.RangeVar] = []
        self.written: list[ast.RangeVar] = []
        self.relations: list[ast.RangeVar] = []
        self.calls: list[ast.FuncCall] = []
        self.assigned: list[tuple[ast.RangeVar, Sequence[ast.ResTarget]]] = []
        self.events: list[tuple[ast.RangeVar, frozenset[str]]] = []

    def __call__(self, node: Any) -> Any:
        """As the base class, which looks for the methods below anew for each node that it is given."""
        self.root = node
        nodes = self.iterate(node)
        with contextlib.suppress(StopIteration):
            ancestors, found = nodes.send(None)
            while True:
                method = _METHODS.get(type(found))
                if method is not None:
                    method(self, ancestors, found)
                ancestors, found = nodes.send(Continue)
        return node

    def visit_FuncCall(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.FuncCall
    ) -> None:
        self.functions.add(_last_name(node))
        self.calls.append(node)

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.tables.add(name_of(node))
        self.relations.append(node)

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
            self.events.append((relation, frozenset(events)))
            self.written.append(relation)

    def _add_assigned(self, relation: ast.RangeVar | None, targets: Sequence[ast.ResTarget] | None) -> None:
        if relation is not None:
            self.assigned.append((relation, targets or ()))

    def _add_deleted(self, relation: ast.RangeVar | None) -> None:
        if relation is not None:
            self.deleted.append(relation)


_METHODS: Final[dict[type, Any]] = {
    getattr(ast, name.removeprefix("visit_")): method
    for name, method in vars(_Found).items()
    if name.startswith("visit_")
}


def _last_name(call: ast.FuncCall) -> str:
    last = (call.funcname or ())[-1]
    return (last.sval or "") if isinstance(last, ast.String) else ""
