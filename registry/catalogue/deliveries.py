"""Announcements: rows that are written together with what they announce, and wait until they arrived."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from . import tables
from .engine import catalog_errors

_TABLE = tables.deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something to tell others; ``body`` is a JSON object."""

    event: str
    version: SchemaVersion
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One announcement on its way. ``failure`` says why the last attempt failed, without any address."""

    id: str
    event: str
    version: str
    body: str  # JSON
    created_at: datetime
    attempts: int
    attempted_at: datetime | None
    failure: str | None
    delivered_at: datetime | None


class Deliveries:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def add(self, connection: sa.Connection, announcement: Announcement) -> None:
        """In the transaction of ``connection``, which records what is announced."""
        row = {
            "schema_name": self._name,
            "id": f"msg_{uuid4().hex}",
            "event": announcement.event,
            "version": str(announcement.version),
            "body": json.dumps(announcement.body),
            "created_at": datetime.now(UTC),
            "attempts": 0,
        }
        connection.execute(_TABLE.insert().values(**row))

    def all(self) -> tuple[Delivery, ...]:
        """Oldest first."""
        query = sa.select(_TABLE).where(self._mine).order_by(_TABLE.c.created_at, _TABLE.c.id)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_delivery(row) for row in connection.execute(query).mappings())

    def waiting(self) -> tuple[Delivery, ...]:
        """Those that were not delivered yet, oldest first."""
        return tuple(delivery for delivery in self.all() if delivery.delivered_at is None)

    def attempted(self, delivery_id: str, *, at: datetime, failure: str | None) -> None:
        """Record an attempt. One that fails after another was delivered leaves it delivered."""
        values: dict[str, Any] = {
            "attempts": _TABLE.c.attempts + 1,
            "attempted_at": at,
            "failure": failure,
        }
        if failure is None:
            values["delivered_at"] = at
        with catalog_errors(), self._engine.begin() as connection:
            connection.execute(_TABLE.update().where(self._mine, _TABLE.c.id == delivery_id).values(values))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name


def in_utc(moment: datetime) -> datetime:
    """A time that was read: SQLite keeps no zone, and what is written is always UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row["id"],
        event=row["event"],
        version=row["version"],
        body=row["body"],
        created_at=in_utc(row["created_at"]),
        attempts=row["attempts"],
        attempted_at=in_utc(row["attempted_at"]) if row["attempted_at"] else None,
        failure=row["failure"],
        delivered_at=in_utc(row["delivered_at"]) if row["delivered_at"] else None,
    )
