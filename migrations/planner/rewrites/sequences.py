"""Rewrite: autoincrement that is added, removed or resized.

The engine writes ``SET DATA TYPE BIGSERIAL``, which is not a type (prisma/prisma#16825), and
``DROP SEQUENCE ""``, which has no name, and starts a new sequence at 1 in a table that has rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pglast import ast, enums

from schemas.model import Field, FunctionDefault

from ...ddl.names import Name, path_of, sql_name
from ...identifiers import MOST_BYTES, literal, quoted
from ..context import Context
from ..script import ALTER_TABLE, Alteration, DraftStatement

_ACTIONS = enums.AlterTableType
_INTEGERS = {
    "smallserial": "SMALLINT",
    "serial2": "SMALLINT",
    "serial": "INTEGER",
    "serial4": "INTEGER",
    "bigserial": "BIGINT",
    "serial8": "BIGINT",
}


def fix_sequences(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Write serial columns as Postgres creates them: an integer, a default, and a sequence that it owns."""
    retyped = {
        each.place
        for statement in statements
        if (each := statement.alteration)
        and each.kind == _ACTIONS.AT_AlterColumnType
        and serial_type(each.column)
    }
    fixed: list[DraftStatement] = []
    for statement in statements:
        alteration = statement.alteration
        # Where the engine also writes the type as SERIAL, that makes the sequence.
        is_made = alteration and alteration.kind == _ACTIONS.AT_ColumnDefault and alteration.place in retyped
        if not is_made:
            fixed += _fixed(statement, context)
    return fixed


def serial_type(column: ast.ColumnDef | None) -> str | None:
    """The integer type of ``SERIAL`` and its sizes; None for any other type."""
    if column is None or column.typeName is None or len(column.typeName.names or ()) != 1:
        return None
    return _INTEGERS.get(path_of(column.typeName.names)[1])


def new_sequence(
    table: Name, column: str, integer: str, context: Context, *, from_rows: bool
) -> list[DraftStatement]:
    """A sequence like that of a SERIAL column, or the one that the migrations have left there; ``from_rows``:
    it goes on after the existing values."""
    sequence, owner = _sequence(table, column), sql_name(table)
    default = f"ALTER TABLE {owner} ALTER COLUMN {quoted(column)} SET DEFAULT nextval({literal(sequence)})"
    statements = [
        DraftStatement(f"CREATE SEQUENCE {sequence} AS {integer}", "CreateSequence"),
        DraftStatement(default),
        DraftStatement(f"ALTER SEQUENCE {sequence} OWNED BY {owner}.{quoted(column)}"),
    ]
    if context.direction == "up" and _was_there(context, table, column):
        statements = [DraftStatement(default, ALTER_TABLE)]
    if from_rows:
        statements.append(counted_on(table, column))
    return statements


def counted_on(table: Name, column: str) -> DraftStatement:
    """Let the column's sequence go on after the existing values."""
    sequence, highest = literal(_sequence(table, column)), f"max({quoted(column)})"
    last = f"greatest({highest}, 1), coalesce({highest} > 0, false)"  # the highest number has none after it
    return DraftStatement(f"SELECT setval({sequence}, {last}) FROM {sql_name(table)}")  # noqa: S608 - quoted


def next_value(table: Name, column: str) -> str:
    """The expression that takes a number from the column's sequence."""
    return f"nextval({literal(_sequence(table, column))})"


def sequence_name(table: str, column: str) -> str:
    """What Postgres calls the sequence of a SERIAL column (``makeObjectName`` in its indexcmds.c)."""
    first, second = table.encode(), column.encode()
    room = MOST_BYTES - len(b"__seq")
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    return f"{first.decode(errors='ignore')}_{second.decode(errors='ignore')}_seq"


def _fixed(statement: DraftStatement, context: Context) -> Iterator[DraftStatement]:
    alteration = statement.alteration
    if isinstance(statement.node, ast.CreateSeqStmt | ast.AlterSeqStmt):
        return  # the engine's own: incomplete, and with another name than SERIAL's
    if alteration is None:
        yield statement
        return
    counted, counts = (_counts(find(*alteration.place)) for find in (context.old_column, context.new_column))
    integer = serial_type(alteration.column)
    if alteration.kind == _ACTIONS.AT_AlterColumnType and integer is not None:
        yield from _resized(alteration, integer, context, had_sequence=counted)
    elif alteration.kind == _ACTIONS.AT_ColumnDefault and counts and not counted:
        integer = _integer(context.new_column(*alteration.place))
        yield from new_sequence(*alteration.place, integer, context, from_rows=True)
    elif alteration.kind == _ACTIONS.AT_ColumnDefault and counted and not counts:
        yield statement
        if context.direction == "up" or not _was_there(context, *alteration.place):
            yield DraftStatement(f"DROP SEQUENCE IF EXISTS {_sequence(*alteration.place)}", "DropSequence")
    else:
        yield statement


def _resized(
    alteration: Alteration, integer: str, context: Context, *, had_sequence: bool
) -> Iterator[DraftStatement]:
    table, column = alteration.place
    sql = f"ALTER TABLE {sql_name(table)} ALTER COLUMN {quoted(column)} SET DATA TYPE {integer}"
    yield DraftStatement(sql, ALTER_TABLE)
    if had_sequence:
        yield DraftStatement(
            f"ALTER SEQUENCE IF EXISTS {_sequence(table, column)} AS {integer}", "AlterSequence"
        )
    else:
        yield from new_sequence(table, column, integer, context, from_rows=True)


def _counts(field: Field | None) -> bool:
    default = field.default if field else None
    return isinstance(default, FunctionDefault) and default.name == "autoincrement"


def _integer(field: Field | None) -> str:
    assert field is not None
    if field.native_type is not None and field.native_type.name == "SmallInt":
        return "SMALLINT"
    return "BIGINT" if field.type == "BigInt" else "INTEGER"


def _was_there(context: Context, table: Name, column: str) -> bool:
    """Whether the column's sequence was there without the column's counting by it."""
    return (table[0], sequence_name(table[1], column)) in context.sequences


def _sequence(table: Name, column: str) -> str:
    schema, name = table
    return sql_name((schema, sequence_name(name, column)))
