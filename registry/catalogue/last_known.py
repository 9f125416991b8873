"""What is known of each registered database without asking it: where it was when it was asked or migrated
last, and its last run."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from . import tables
from .deliveries import in_utc
from .engine import catalog_errors

_TABLE, _RUNS = tables.databases, tables.runs


@dataclass(frozen=True, slots=True, kw_only=True)
class LastKnown:
    """``facts`` are what it answered, None where it was never asked; ``target`` is where its last run, which
    is ``run_state``, was going to."""

    database: str
    version: str | None
    seen_at: datetime | None
    facts: Mapping[str, Any] | None
    target: str | None
    run: str | None
    run_state: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """The right to tell what a database answers, unless a run or another ask comes in between."""

    database: str
    number: int


class DatabaseStates:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def all(self) -> dict[str, LastKnown]:
        """By name; in one query, however many there are."""
        joined = sa.and_(_RUNS.c.schema_name == _TABLE.c.schema_name, _RUNS.c.id == _TABLE.c.run)
        query = (
            sa.select(_TABLE, _RUNS.c.state.label("run_state"))
            .join_from(_TABLE, _RUNS, joined, isouter=True)
            .where(_TABLE.c.schema_name == self._name)
        )
        with catalog_errors(), self._engine.connect() as connection:
            return {row["database"]: _known(row) for row in connection.execute(query).mappings()}

    def ask(
        self, databases: Collection[str], *, older_than: timedelta | None = None, most: int | None = None
    ) -> tuple[Ask, ...]:
        """The right to ask those of ``databases`` that nobody has asked since ``older_than``: at most
        ``most`` of them, those first that were asked longest ago."""
        now = datetime.now(UTC)
        with catalog_errors(), self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(_TABLE.c.database, _TABLE.c.asks, _TABLE.c.asked_at).where(
                    _TABLE.c.schema_name == self._name
                )
            ).all()
        asked = {row.database: (in_utc(row.asked_at) if row.asked_at else None, row.asks) for row in rows}
        never = datetime.min.replace(tzinfo=UTC)
        due = sorted((asked.get(name, (None, 0))[0] or never, name) for name in databases)
        if older_than is not None:
            due = [(at, name) for at, name in due if at <= now - older_than]
        taken = [(name, asked.get(name, (None, 0))[1]) for _, name in due[:most]]
        with catalog_errors(), self._engine.begin() as connection:
            return tuple(
                Ask(name, number + 1)
                for name, number in sorted(taken)
                if self._take(connection, name, number, now)
            )

    def answered(self, answers: Sequence[tuple[Ask, str | None, Mapping[str, Any]]]) -> None:
        """Keep what databases answered: the version, and facts with JSON values."""
        now = datetime.now(UTC)
        with catalog_errors(), self._engine.begin() as connection:
            for ask, version, facts in answers:
                values = {"version": version, "facts": json.dumps(dict(facts)), "seen_at": now}
                this = (*self._one(ask.database), _TABLE.c.asks == ask.number)
                connection.execute(_TABLE.update().where(*this).values(**values))

    def _take(self, connection: sa.Connection, database: str, number: int, now: datetime) -> bool:
        keep(connection, self._name, database)
        this = (*self._one(database), _TABLE.c.asks == number)
        values = {"asks": _TABLE.c.asks + 1, "asked_at": now}
        return connection.execute(_TABLE.update().where(*this).values(**values)).rowcount == 1

    def _one(self, database: str) -> tuple[sa.ColumnElement[bool], ...]:
        return _TABLE.c.schema_name == self._name, _TABLE.c.database == database


def keep(connection: sa.Connection, schema_name: str, database: str, **values: Any) -> None:
    """Set ``values`` of a database, which may have no row yet."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = dialect.insert(_TABLE).values(schema_name=schema_name, database=database, asks=0, **values)
    key = ["schema_name", "database"]
    if values:
        connection.execute(row.on_conflict_do_update(index_elements=key, set_=values))
    else:
        connection.execute(row.on_conflict_do_nothing(index_elements=key))


def keep_run_end(connection: sa.Connection, schema_name: str, database: str, version: str | None) -> None:
    """A run of ``database`` is over, and brought it to ``version``; None where only the database can tell
    where that left it. What was asked before is no answer any more."""
    ask_again: dict[str, Any] = {"asks": _TABLE.c.asks + 1, "asked_at": None}
    values = ask_again
    if version is not None:
        values = {**ask_again, "version": version, "facts": json.dumps({}), "seen_at": datetime.now(UTC)}
    keep(connection, schema_name, database)
    this = (_TABLE.c.schema_name == schema_name, _TABLE.c.database == database)
    connection.execute(_TABLE.update().where(*this).values(**values))


def _known(row: Any) -> LastKnown:
    return LastKnown(
        database=row["database"],
        version=row["version"],
        seen_at=in_utc(row["seen_at"]) if row["seen_at"] is not None else None,
        facts=json.loads(row["facts"]) if row["facts"] is not None else None,
        target=row["target"],
        run=row["run"],
        run_state=row["run_state"],
    )
