"""Follows tables and columns that get other names in the statements that made something of them."""

from __future__ import annotations

from pglast import ast
from pglast.visitors import Visitor

from ...ddl.names import PUBLIC, Name, name_of, path_of


class TableRenaming(Visitor):
    """Changes a node in place."""

    def __init__(self, old: Name, new: Name) -> None:
        super().__init__()
        self._old, self._new = old, new

    def visit_RangeVar(  # noqa: N802 - pglast calls it by the node's name
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        if name_of(node) == self._old:
            node.relname = self._new[1]
            node.schemaname = None if self._new[0] == PUBLIC else self._new[0]

    def visit_ColumnRef(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        first, *rest = node.fields or ()
        if rest and isinstance(first, ast.String) and first.sval == self._old[1]:
            node.fields = (ast.String(sval=self._new[1]), *rest)


class ColumnRenaming(Visitor):
    """Changes a node in place; ``is_certain`` is False where a name can be another table's.

    ``own`` is the table that the node belongs to; what names no table there is a column of it.
    """

    def __init__(self, table: Name, old: str, new: str, own: Name | None) -> None:
        super().__init__()
        self._table, self._old, self._new, self._own = table, old, new, own
        self._aliases: dict[str, Name] = {}
        self.is_certain = True

    def begin(self, node: ast.Node) -> None:
        """Read the tables first."""
        tables = _Tables()
        tables(node)
        self._aliases = tables.aliases
        if self._own is None and len(set(tables.aliases.values())) == 1:
            self._own = next(iter(tables.aliases.values()))
        self(node)

    def visit_ResTarget(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.ResTarget
    ) -> None:
        if node.name is None and isinstance(node.val, ast.ColumnRef):
            last = (node.val.fields or ())[-1]
            if isinstance(last, ast.String) and last.sval == self._old:
                node.name = self._old  # a view's column keeps its name

    def visit_ColumnRef(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.ColumnRef
    ) -> None:
        *owners, last = node.fields or ()
        if not isinstance(last, ast.String) or last.sval != self._old:
            return
        owner = owners[-1] if owners else None
        place = self._aliases.get(owner.sval or "", self._own) if isinstance(owner, ast.String) else self._own
        if place is None:
            self.is_certain = False
        elif place == self._table:
            node.fields = (*owners, ast.String(sval=self._new))

    def visit_IndexElem(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.IndexElem
    ) -> None:
        if node.name == self._old and self._own == self._table:
            node.name = self._new

    def visit_Constraint(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.Constraint
    ) -> None:
        if self._own == self._table:
            for part in ("keys", "including", "fk_attrs", "fk_del_set_cols"):
                setattr(node, part, self._named(getattr(node, part)))
        if node.pktable is not None and name_of(node.pktable) == self._table:
            node.pk_attrs = self._named(node.pk_attrs)

    def visit_CreateTrigStmt(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.CreateTrigStmt
    ) -> None:
        node.columns = self._named(node.columns)

    def _named(self, parts: tuple[ast.Node, ...] | None) -> tuple[ast.Node, ...] | None:
        if parts is None:
            return None
        return tuple(
            ast.String(sval=self._new) if isinstance(part, ast.String) and part.sval == self._old else part
            for part in parts
        )


class TypeNames(Visitor):
    """Where a node names a type."""

    def __init__(self, name: Name) -> None:
        super().__init__()
        self._name = name
        self.nodes: list[ast.TypeName] = []

    def visit_TypeName(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.TypeName
    ) -> None:
        if node.names and path_of(node.names) == self._name:
            self.nodes.append(node)


class _Tables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.aliases: dict[str, Name] = {}

    def visit_RangeVar(  # noqa: N802 - as above
        self, _ancestors: object, node: ast.RangeVar
    ) -> None:
        self.aliases[node.alias.aliasname or "" if node.alias else node.relname or ""] = name_of(node)
