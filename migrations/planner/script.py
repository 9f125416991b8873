"""A script as statements that can be moved, replaced and written out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pglast import ast, enums
from pglast.parser import scan

from ..ddl.names import Name, name_of
from ..ddl.statements import parse_script, parse_statement

#: The engine's own heading over statements on one table, which are merged into one again.
ALTER_TABLE = "AlterTable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One action of an ``ALTER TABLE``. ``name`` is the column's or the constraint's."""

    table: Name
    kind: enums.AlterTableType
    name: str
    column: ast.ColumnDef | None = None
    constraint: ast.Constraint | None = None

    @property
    def place(self) -> tuple[Name, str]:
        """Table and column."""
        return self.table, self.name


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """One statement without its semicolon, and the comment over it (text only, any number of lines).

    An ``ALTER TABLE`` has a single action here.
    """

    sql: str
    heading: str = ""

    @property
    def node(self) -> ast.Node:
        """The node of Postgres' parser."""
        return _parsed(self.sql)

    @property
    def alteration(self) -> Alteration | None:
        """The one action of an ``ALTER TABLE``; None for every other statement."""
        return _alteration(self.sql)


def read_script(script: str) -> list[DraftStatement]:
    """The statements of ``script``, with each ``ALTER TABLE`` split into its actions."""
    statements: list[DraftStatement] = []
    for parsed in parse_script(script):
        heading = _comment(parsed.gap)
        statements += [DraftStatement(sql, heading) for sql in _taken_apart(parsed.sql, parsed.node)]
    return statements


def write_script(statements: Sequence[DraftStatement]) -> str:
    """The statements as a script, adjacent actions on one table as one ``ALTER TABLE``."""
    parts: list[str] = []
    previous: DraftStatement | None = None
    for statement in statements:
        if previous is not None and _continues(previous, statement):
            parts[-1] += f",\n{_action_sql(statement.sql)}"
        else:
            parts.append(_commented(statement))
        previous = statement
    return "".join(f"{part};\n{gap}" for part, gap in zip(parts, _gaps(parts), strict=True))


def _gaps(parts: Sequence[str]) -> list[str]:
    """A blank line before statements with a heading of their own."""
    return ["\n" if following.startswith("--") else "" for following in parts[1:]] + [""] * bool(parts)


def _commented(statement: DraftStatement) -> str:
    lines = [f"-- {line}".rstrip() for line in statement.heading.splitlines()]
    return "\n".join([*lines, statement.sql])


def _continues(previous: DraftStatement, statement: DraftStatement) -> bool:
    same_heading = previous.heading == statement.heading == ALTER_TABLE
    if not same_heading or previous.alteration is None or statement.alteration is None:
        return False
    return _table_part(previous.sql) == _table_part(statement.sql)


def _table_part(sql: str) -> str:
    return sql[: _head_end(sql)]


def _action_sql(sql: str) -> str:
    return sql[_head_end(sql) :].strip()


def _head_end(sql: str) -> int:
    """Where the table's name ends: ``ALTER TABLE [ONLY] a.b``."""
    tokens = scan(sql)
    position = 2
    while tokens[position].name in ("IF_P", "EXISTS", "ONLY"):
        position += 1
    while position + 2 < len(tokens) and tokens[position + 1].name == "ASCII_46":  # a dot
        position += 2
    return tokens[position].end + 1


def _taken_apart(sql: str, node: ast.Node | None) -> Iterable[str]:
    if not isinstance(node, ast.AlterTableStmt) or len(node.cmds or ()) < 2:
        return [sql]
    head_end = _head_end(sql)
    cuts, depth = [head_end], 0
    for token in scan(sql):
        if token.name in ("ASCII_40", "ASCII_91"):
            depth += 1
        elif token.name in ("ASCII_41", "ASCII_93"):
            depth -= 1
        elif token.name == "ASCII_44" and depth == 0 and token.start > head_end:
            cuts += [token.start, token.end + 1]
    cuts.append(len(sql))
    return [f"{sql[:head_end]} {sql[a:b].strip()}" for a, b in zip(cuts[::2], cuts[1::2], strict=True)]


def _comment(gap: str) -> str:
    lines = (line.strip() for line in gap.splitlines())
    return "\n".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))


@lru_cache(maxsize=4096)
def _parsed(sql: str) -> ast.Node:
    return parse_statement(sql)


@lru_cache(maxsize=4096)
def _alteration(sql: str) -> Alteration | None:
    node = _parsed(sql)
    command = node.cmds[0] if isinstance(node, ast.AlterTableStmt) and node.cmds else None
    if not isinstance(node, ast.AlterTableStmt) or command is None:
        return None
    column = command.def_ if isinstance(command.def_, ast.ColumnDef) else None
    constraint = command.def_ if isinstance(command.def_, ast.Constraint) else None
    name = (
        command.name or (column.colname if column else None) or (constraint.conname if constraint else None)
    )
    return Alteration(
        table=name_of(node.relation),
        kind=enums.AlterTableType(command.subtype),
        name=name or "",
        column=column,
        constraint=constraint,
    )
