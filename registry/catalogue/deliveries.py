"""Announcements: for each channel that wants to know a row, which waits until the channel was told.

The rows are written in the transaction of what happened. What isn't delivered yet is tried again until
``given_up_at`` is set; only a person sends it then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from ..due_note import note_due
from . import tables
from .engine import catalog_errors
from .process_lock import held_alone

_TABLE = tables.deliveries
_GONE = 410

State = Literal["pending", "delivered", "given up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something to tell the ``channels``. ``body`` is a JSON object."""

    event: str
    version: SchemaVersion
    body: Mapping[str, Any]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver. ``failure`` is None for one that arrived; ``status`` is what HTTP answered.
    Without ``next_at`` a failure is the last one."""

    at: datetime
    failure: str | None = None
    status: int | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One announcement on its way to one channel. ``failure`` says why the last attempt failed, without any
    address."""

    id: str
    channel: str
    event: str
    version: str
    body: str  # JSON
    created_at: datetime
    attempts: int
    attempted_at: datetime | None
    failure: str | None
    status: int | None
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None

    @property
    def state(self) -> State:
        if self.delivered_at is not None:
            return "delivered"
        return "pending" if self.given_up_at is None else "given up"


class Deliveries:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError. ``root`` is the
    workspace, for the note that something waits."""

    def __init__(self, engine: sa.Engine, schema_name: str, root: Path | None = None) -> None:
        self._engine = engine
        self._name = schema_name
        self._root = root

    def add(self, connection: sa.Connection, announcement: Announcement) -> None:
        """In the transaction of ``connection``, which records what is announced."""
        now = datetime.now(UTC)
        for channel in announcement.channels:
            row = {
                "schema_name": self._name,
                "id": f"msg_{uuid4().hex}",
                "channel": channel,
                "event": announcement.event,
                "version": str(announcement.version),
                "body": json.dumps(announcement.body),
                "created_at": now,
                "attempts": 0,
                "next_attempt_at": now,
            }
            connection.execute(_TABLE.insert().values(**row))
        if announcement.channels and self._root is not None:
            note_due(
                self._root, now
            )  # before they are committed: a kill may leave a note too many, but no row

    def all(self) -> tuple[Delivery, ...]:
        """Oldest first."""
        return self._read()

    def pending(self) -> tuple[Delivery, ...]:
        """Those that are still tried, oldest first."""
        return self._read(self._waits)

    def has_due(self, now: datetime) -> bool:
        """Whether one has to be tried by ``now``: one query, for who asks every few seconds."""
        query = (
            sa.select(_TABLE.c.id).where(self._mine, self._waits, _TABLE.c.next_attempt_at <= now).limit(1)
        )
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(query) is not None

    def attempted(self, delivery_id: str, attempt: Attempt) -> None:
        """Record an attempt. One that fails after another was delivered leaves it delivered."""
        values: dict[str, Any] = {
            "attempts": _TABLE.c.attempts + 1,
            "attempted_at": attempt.at,
            "failure": attempt.failure,
            "status": attempt.status,
            "next_attempt_at": attempt.next_at,
        }
        if attempt.failure is None:
            values |= {"delivered_at": attempt.at, "given_up_at": None}
        elif attempt.next_at is None:
            values["given_up_at"] = attempt.at
        self._update(values, _TABLE.c.id == delivery_id)

    def postpone(self, channel: str, until: datetime) -> None:
        """Let what waits for ``channel`` be tried no earlier than ``until``."""
        self._update({"next_attempt_at": until}, _of(channel), self._waits, _TABLE.c.next_attempt_at < until)

    def give_up(self, channel: str, why: str, at: datetime) -> None:
        """Try none of what waits for ``channel`` again."""
        values = {"failure": why, "given_up_at": at, "next_attempt_at": None}
        self._update(values, _of(channel), self._waits)

    def is_gone(self, channel: str) -> bool:
        """Whether the receiver's last answer was that it wants no more."""
        query = (
            sa.select(_TABLE.c.status)
            .where(self._mine, _of(channel), _TABLE.c.attempted_at.is_not(None))
            .order_by(_TABLE.c.attempted_at.desc())
            .limit(1)
        )
        with catalog_errors(), self._engine.connect() as connection:
            return connection.scalar(query) == _GONE

    @contextmanager
    def only_sender(self, *, wait_seconds: float) -> Iterator[bool]:
        """Hold the right to send until the block ends; False if another process has it for longer than that.
        A process that dies has it no more."""
        key = f"schema-service announcements {self._name}"
        with held_alone(self._engine.url, key, wait_seconds=wait_seconds) as is_ours:
            yield is_ours

    def note_next(self, *, no_sooner: datetime | None = None) -> None:
        """Note when the first of what waits is to be tried, from here ``no_sooner``."""
        if self._root is None:
            return
        query = sa.select(sa.func.min(_TABLE.c.next_attempt_at)).where(self._mine, self._waits)
        with catalog_errors(), self._engine.connect() as connection:
            first = connection.scalar(query)
        if first is not None:
            first = max(in_utc(first), no_sooner) if no_sooner else in_utc(first)
        note_due(self._root, first)

    def _read(self, *conditions: sa.ColumnElement[bool]) -> tuple[Delivery, ...]:
        query = sa.select(_TABLE).where(self._mine, *conditions).order_by(_TABLE.c.created_at, _TABLE.c.id)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_delivery(row) for row in connection.execute(query).mappings())

    def _update(self, values: Mapping[str, Any], *conditions: sa.ColumnElement[bool]) -> None:
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_TABLE.update().where(self._mine, *conditions).values(values))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name

    @property
    def _waits(self) -> sa.ColumnElement[bool]:
        return sa.and_(_TABLE.c.delivered_at.is_(None), _TABLE.c.given_up_at.is_(None))


def in_utc(moment: datetime) -> datetime:
    """A time that was read: SQLite keeps no zone, and what is written is always UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _of(channel: str) -> sa.ColumnElement[bool]:
    return _TABLE.c.channel == channel


_TIMES = ("created_at", "attempted_at", "next_attempt_at", "delivered_at", "given_up_at")


def _delivery(row: Any) -> Delivery:
    facts: dict[str, Any] = {name: value for name, value in row.items() if name != "schema_name"}
    facts |= {name: in_utc(facts[name]) for name in _TIMES if facts[name] is not None}
    return Delivery(**facts)
