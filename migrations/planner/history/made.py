"""One thing that scripts made of a table, as the statement that makes it again, in the names of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pglast import ast
from pglast.stream import RawStream

from ...ddl.names import PUBLIC, Name

Kind = Literal["column", "constraint", "index", "view", "trigger", "policy", "setting"]
#: A kind, the table (or the view itself), and a name in it.
Key: TypeAlias = tuple[Kind, Name, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """``reads`` are the columns that it names, of whatever table; ``is_known`` is False where its statement
    can't be written again."""

    kind: Kind
    table: Name
    name: str
    node: Any
    reads: frozenset[tuple[Name, str]] = frozenset()
    is_known: bool = True

    @property
    def key(self) -> Key:
        return self.kind, self.table, self.name

    @property
    def creation(self) -> str:
        """The statement that makes it again."""
        if self.kind in ("constraint", "column"):
            verb = "ADD COLUMN" if self.kind == "column" else "ADD"
            return f"ALTER TABLE {printed(self._range)} {verb} {printed(self.node)}"
        return printed(self.node)

    @property
    def removal(self) -> str:
        """The statement that drops it."""
        own, table = printed(ast.RangeVar(relname=self.name, inh=True)), printed(self._range)
        match self.kind:
            case "constraint":
                return f"ALTER TABLE {table} DROP CONSTRAINT {own}"
            case "column":
                return f"ALTER TABLE {table} DROP COLUMN {own}"
            case "view":
                is_stored = isinstance(self.node, ast.CreateTableAsStmt)
                return f"DROP {'MATERIALIZED ' if is_stored else ''}VIEW {table}"
            case "index":
                index = ast.RangeVar(schemaname=_schema(self.table), relname=self.name, inh=True)
                return f"DROP INDEX {printed(index)}"
            case _:
                return f"DROP {self.kind.upper()} {own} ON {table}"

    @property
    def _range(self) -> ast.RangeVar:
        return ast.RangeVar(schemaname=_schema(self.table), relname=self.table[1], inh=True)


def printed(node: ast.Node) -> str:
    """As SQL."""
    return str(RawStream()(node)).strip()


def _schema(name: Name) -> str | None:
    return None if name[0] == PUBLIC else name[0]
