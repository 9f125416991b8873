"""A backfill: one UPDATE of a large table, run over ranges of its key, each with its own commit.

No row is locked for longer than a batch takes, and a run that is killed continues after the last committed
batch: its position is journaled in the batch's own transaction. Rows inserted in the meantime are covered
above the position; below it, the column's default has to cover them.

The walk goes up to the last key that there is when it starts, then up to the last one that was added by then,
and what is beyond that is updated in one go: so it ends, also where a trigger gives rows that it has met a
higher key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

from psycopg import sql

from ..connection.connection import Connection
from ..connection.lock import still_held
from ..connection.script import run_statements
from ..manifest import Batch, StepStatement
from .run_context import MigrationAttempt, RunContext

# The primary key, or else a unique index whose columns are all NOT NULL: it gives every row a position. None
# with a column that the UPDATE sets: rows would change their position.
_KEY = """
SELECT array_agg(a.attname::text ORDER BY k.place)
FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (number, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attnotnull
    AND a.attname <> ALL (%s)
WHERE i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indrelid = to_regclass(%s)
GROUP BY i.indexrelid, i.indisprimary, i.indnkeyatts
HAVING count(a.attname) = i.indnkeyatts
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
"""
_WALKS = 2

_Key: TypeAlias = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Position:
    """``after`` is the last key that is done; ``up_to`` is where the ``walk`` ends, which count from 1."""

    after: _Key | None = None
    up_to: _Key | None = None
    walk: int = 0


def run_batches(context: RunContext, attempt: MigrationAttempt, position: int) -> None:
    """Run what is left of a backfill. A table without such a key is updated in one go."""
    step, session = attempt.steps[position], context.session
    batch, (whole,) = step.batch, step.statements
    if batch is None:
        raise ValueError("a backfill without its batch: the manifest is damaged")
    at = _reached(context, attempt, position)
    while True:
        still_held(context.lock)
        session.begin()
        for setting in step.settings:
            session.connection.execute(setting.encode())
        key = _key(session.connection, batch)
        at, upper = _next(session.connection, batch, key, at, context.options.batch)
        condition = _bounds(session.connection, key, at.after, upper, batch.target)
        part = StepStatement(batch.prefix + condition, whole.line, whole.column)
        rows = run_statements(session.connection, [part])
        is_last = upper is None and position == len(attempt.steps) - 1
        at = replace(at, after=upper)
        entry = _entry(attempt, session.connection, position, at)
        session.commit(step.statements, entry, is_last=is_last)
        context.monitor.add_rows(rows)
        if upper is None:
            return
        attempt.progress[position] = json.dumps(asdict(at))


def _entry(attempt: MigrationAttempt, connection: Connection, position: int, at: _Position) -> str:
    if at.after is None:
        return attempt.journal.done(connection, position, attempt.milliseconds)
    return attempt.journal.advanced(connection, position, json.dumps(asdict(at)))


def _reached(context: RunContext, attempt: MigrationAttempt, position: int) -> _Position:
    """How far this attempt has come, or an earlier one."""
    if position in attempt.progress:
        return _Position(**json.loads(attempt.progress[position]))
    left = attempt.action.left if attempt.resumes(position) else None
    if left is None or left.position is None:
        return _Position()
    at = _Position(**json.loads(left.position))
    context.listener("backfill_resumed", migration=attempt.action.migration.id, after=at.after)
    return at


def _key(connection: Connection, batch: Batch) -> tuple[str, ...]:
    row = connection.execute(_KEY, (list(batch.columns), batch.relation)).fetchone()
    return () if row is None else tuple(row[0])


def _next(
    connection: Connection, batch: Batch, key: Sequence[str], at: _Position, rows: int
) -> tuple[_Position, _Key | None]:
    """The next batch's last key; None for all rows that are left, which are mostly none."""
    while key:
        if at.up_to is not None:
            upper = _last_of(connection, batch, key, at, f"LIMIT {rows:d}")
            if upper is not None:
                return at, upper
        if at.walk == _WALKS:
            break
        beyond = replace(at, up_to=None)
        last = _last_of(connection, batch, key, beyond, "")
        if last is None:
            break
        at = replace(at, up_to=last, walk=at.walk + 1)
    return at, None


def _last_of(
    connection: Connection, batch: Batch, key: Sequence[str], at: _Position, limit: str
) -> list[str] | None:
    """The highest key of the (first) rows of what is left; None where there are none."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in key)
    # By the columns, not by the selected texts of the same names.
    down = sql.SQL(", ").join(sql.SQL("{} DESC").format(sql.Identifier("p", name)) for name in key)
    query = sql.SQL(
        "SELECT {texts} FROM (SELECT {columns} FROM {table} WHERE {left} ORDER BY {order} {limit}) AS p "
        "ORDER BY {down} LIMIT 1"
    ).format(
        texts=texts,
        columns=columns,
        table=sql.SQL(batch.relation),  # quoted at publish
        left=sql.SQL(_bounds(connection, key, at.after, at.up_to, None)),
        order=columns,
        limit=sql.SQL(limit),
        down=down,
    )
    row = connection.execute(query).fetchone()
    return None if row is None else list(row)


def _bounds(
    connection: Connection, key: Sequence[str], lower: _Key | None, upper: _Key | None, target: str | None
) -> str:
    """The condition on the rows between two keys; without bounds, on all of them."""
    bounds = [("<=", upper), (">", lower)]
    conditions = [_compared(key, operator, bound, target) for operator, bound in bounds if bound]
    return sql.SQL(" AND ").join(conditions).as_string(connection) if conditions else "true"


def _compared(key: Sequence[str], operator: str, bound: _Key, target: str | None = None) -> sql.Composed:
    # Untyped constants take the columns' types.
    prefix = sql.SQL(f"{target}." if target else "")  # quoted at publish
    columns = sql.SQL(", ").join(sql.Composed([prefix, sql.Identifier(name)]) for name in key)
    values = sql.SQL(", ").join(sql.Literal(value) for value in bound)
    return sql.SQL("({}) {} ({})").format(columns, sql.SQL(operator), values)
