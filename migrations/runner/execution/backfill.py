"""A backfill: one UPDATE of a large table, run over ranges of its key, each with its own commit.

No row is locked for longer than a batch takes, and a run that is killed continues after the last committed
batch: its position is journaled in the batch's own transaction. Rows inserted in the meantime are covered
above the position; below it, the column's default has to cover them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from psycopg import sql

from ..connection.connection import Connection
from ..connection.lock import still_held
from ..connection.script import run_statements
from ..manifest import Batch, StepStatement
from .run_context import MigrationAttempt, RunContext

# The primary key, or else a unique index whose columns are all NOT NULL: it gives every row a position.
_KEY = """
SELECT array_agg(a.attname::text ORDER BY k.place)
FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (number, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attnotnull
WHERE i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indrelid = to_regclass(%s)
GROUP BY i.indexrelid, i.indisprimary, i.indnkeyatts
HAVING count(a.attname) = i.indnkeyatts
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
"""

_Position = Sequence[str]


def run_batches(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    """Run what is left of a backfill. A table without such a key is updated in one go."""
    step, session = attempt.steps[position], context.session
    batch, (whole,) = step.batch, step.statements
    if batch is None:
        raise ValueError("a backfill without its batch: the manifest is damaged")
    at = attempt.progress.get(position) or _left_at(context, attempt, position)
    while True:
        still_held(context.lock)
        session.begin()
        for setting in step.settings:
            session.connection.execute(setting.encode())
        key = _key(session.connection, batch)
        upper = _upper(session.connection, batch, key, at, context.options.batch) if key else None
        if upper is not None or not key:
            condition = _between(session.connection, batch, key, at, upper)
            part = StepStatement(batch.prefix + condition, whole.line, whole.column)
            run_statements(session.connection, [part])
        is_last = upper is None and position == len(attempt.steps) - 1
        entry = _entry(attempt, session.connection, position, upper)
        session.commit(step.statements, entry, is_last=is_last)
        if upper is None:
            return
        attempt.progress[position] = at = upper


def _entry(attempt: MigrationAttempt, connection: Connection, position: int, upper: _Position | None) -> str:
    if upper is None:
        return attempt.journal.done(connection, position, attempt.milliseconds)
    return attempt.journal.advanced(connection, position, json.dumps(upper))


def _left_at(context: RunContext, attempt: MigrationAttempt, position: int) -> list[str] | None:
    left = attempt.action.left if attempt.resumes(position) else None
    if left is None or left.position is None:
        return None
    at: list[str] = json.loads(left.position)
    context.listener("backfill_resumed", migration=attempt.action.migration.id, after=at)
    return at


def _key(connection: Connection, batch: Batch) -> tuple[str, ...]:
    row = connection.execute(_KEY, (batch.relation,)).fetchone()
    return () if row is None else tuple(row[0])


def _upper(
    connection: Connection, batch: Batch, key: Sequence[str], lower: _Position | None, rows: int
) -> list[str] | None:
    """The key of the last row of the next batch; None where there are no more rows."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in key)
    # By the columns, not by the selected texts of the same names.
    down = sql.SQL(", ").join(sql.SQL("{} DESC").format(sql.Identifier("p", name)) for name in key)
    beyond = sql.SQL("") if lower is None else sql.SQL("WHERE {}").format(_compared(key, ">", lower))
    query = sql.SQL(
        "SELECT {texts} FROM (SELECT {columns} FROM {table} {beyond} ORDER BY {columns} LIMIT {rows}) AS p "
        "ORDER BY {down} LIMIT 1"
    ).format(
        texts=texts,
        columns=columns,
        table=sql.SQL(batch.relation),  # quoted at publish
        beyond=beyond,
        rows=sql.Literal(rows),
        down=down,
    )
    row = connection.execute(query).fetchone()
    return None if row is None else list(row)


def _between(
    connection: Connection,
    batch: Batch,
    key: Sequence[str],
    lower: _Position | None,
    upper: _Position | None,
) -> str:
    """The condition on one batch's rows; without bounds, all of them."""
    bounds = [("<=", upper), (">", lower)]
    conditions = [_compared(key, operator, bound, batch.target) for operator, bound in bounds if bound]
    return sql.SQL(" AND ").join(conditions).as_string(connection) if conditions else "true"


def _compared(key: Sequence[str], operator: str, bound: _Position, target: str | None = None) -> sql.Composed:
    # Untyped constants take the columns' types.
    prefix = sql.SQL(f"{target}." if target else "")  # quoted at publish
    columns = sql.SQL(", ").join(sql.Composed([prefix, sql.Identifier(name)]) for name in key)
    values = sql.SQL(", ").join(sql.Literal(value) for value in bound)
    return sql.SQL("({}) {} ({})").format(columns, sql.SQL(operator), values)
