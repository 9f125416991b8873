"""The log of events: what was done to versions, in order, and what follows from it.

An event is written before the registries are changed, together with what it makes true here, and is finished
once they agree. So a change that was cut short is found, and done, by whoever looks next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from schemas.versions import SchemaVersion

from ...os_user import user_name
from .. import tables
from ..deliveries import Announcement, Deliveries, in_utc
from ..engine import catalog_errors

PUBLISHED: Final = "release.published"
ROLLED_BACK: Final = "release.rolled_back"
WITHDRAWN: Final = "release.withdrawn"
RESTORED: Final = "release.restored"
LATEST_MOVED: Final = "latest.moved"

_TABLE = tables.events
_LEFT: Final = "databases_left"
_OWN_DETAILS: Final = (_LEFT, "allow_data_loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that is done to ``version``; ``details`` are JSON values.

    ``decision`` numbers a deliberate choice of `latest`: the highest one counts, whoever made it.
    """

    event: str
    version: SchemaVersion
    details: Mapping[str, Any] = field(default_factory=dict)
    decision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One that is recorded. ``finished_at`` is None until the registries agree with it."""

    number: int
    event: str
    version: SchemaVersion
    details: Mapping[str, Any]
    decision: int | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None

    @property
    def told_details(self) -> Mapping[str, Any]:
        """Those that others are told."""
        return {name: value for name, value in self.details.items() if name not in _OWN_DETAILS}

    @property
    def reason(self) -> str:
        """Of a withdrawal: why nobody should use the version."""
        return str(self.details.get("reason", ""))

    @property
    def is_promotion(self) -> bool:
        """Whether a version that had been pushed before became visible."""
        return self.event == PUBLISHED and bool(self.details.get("promoted"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasesLeft:
    """Those that the rollback to ``version`` was to take back, and has not."""

    version: SchemaVersion
    databases: tuple[str, ...]
    allow_data_loss: bool

    @property
    def command(self) -> str:
        """What finishes it."""
        named = "".join(f" --database {name}" for name in self.databases)
        return (
            f"schema-service rollback --to {self.version}{named}{' --allow-data-loss' * self.allow_data_loss}"
        )


def left_details(databases: Sequence[str], *, allow_data_loss: bool) -> Mapping[str, Any]:
    """As the event of a rollback keeps what is left of it."""
    return {_LEFT: list(databases), "allow_data_loss": allow_data_loss}


class Events:
    """Those of the schema called ``schema_name``. Every method raises CatalogueError.

    ``keep_latest`` keeps which version is `latest`, in a transaction.
    """

    def __init__(
        self,
        engine: sa.Engine,
        schema_name: str,
        keep_latest: Callable[[sa.Connection, SchemaVersion], None],
        deliveries: Deliveries,
    ) -> None:
        self._engine = engine
        self._name = schema_name
        self._keep_latest = keep_latest
        self._deliveries = deliveries

    def add(
        self, connection: sa.Connection, new: NewEvent, *, finished: bool, by: str | None = None
    ) -> Event:
        """In the transaction of ``connection``, which records what happens."""
        now = datetime.now(UTC)
        last = connection.scalar(sa.select(sa.func.max(_TABLE.c.number)).where(self._mine))
        event = Event(
            number=(last or 0) + 1,
            event=new.event,
            version=new.version,
            details=new.details,
            decision=new.decision,
            created_at=now,
            created_by=by or user_name(),
            finished_at=now if finished else None,
        )
        row = {
            "schema_name": self._name,
            "number": event.number,
            "event": event.event,
            "version": str(event.version),
            "details": json.dumps(dict(event.details)),
            "decision": event.decision,
            "created_at": event.created_at,
            "created_by": event.created_by,
            "finished_at": event.finished_at,
        }
        connection.execute(_TABLE.insert().values(**row))
        return event

    def begin(self, news: Iterable[NewEvent], *, latest: SchemaVersion | None) -> tuple[Event, ...]:
        """Record what is going to be done, and that ``latest`` is `latest` from now on (None: as before)."""
        with catalog_errors(), self._engine.begin() as connection:
            events = tuple(self.add(connection, new, finished=False) for new in news)
            if latest is not None:
                self._keep_latest(connection, latest)
        return events

    def adopt(
        self, news: Iterable[NewEvent], *, latest: SchemaVersion | None, by: str = "the registries"
    ) -> None:
        """Record what another machine has done, as the registries tell it."""
        with catalog_errors(), self._engine.begin() as connection:
            for new in news:
                self.add(connection, new, finished=True, by=by)
            if latest is not None:
                self._keep_latest(connection, latest)

    def finish(self, events: Sequence[Event], announcements: Sequence[Announcement]) -> None:
        """The registries agree with ``events``; tell others of it."""
        numbers = [event.number for event in events]
        with catalog_errors(), self._engine.begin() as connection:
            done = _TABLE.update().where(self._mine, _TABLE.c.number.in_(numbers))
            connection.execute(done.values(finished_at=datetime.now(UTC)))
            for announcement in announcements:
                self._deliveries.add(connection, announcement)

    def all(self) -> tuple[Event, ...]:
        """Oldest first."""
        return self._found()

    def unfinished(self) -> tuple[Event, ...]:
        """Those with which the registries may not agree yet, oldest first."""
        return self._found(_TABLE.c.finished_at.is_(None))

    def decision(self) -> int | None:
        """The number of the last decision about `latest`; None where it always followed the releases."""
        query = sa.select(sa.func.max(_TABLE.c.decision)).where(self._mine)
        with catalog_errors(), self._engine.connect() as connection:
            number: int | None = connection.scalar(query)
        return number

    def databases_left(self) -> DatabasesLeft | None:
        """What the rollback that was decided last has not done yet; None where nothing is left of it."""
        last = self._last_decision()
        left = last.details.get(_LEFT) if last is not None else None
        if last is None or not left:
            return None
        return DatabasesLeft(
            version=last.version,
            databases=tuple(left),
            allow_data_loss=bool(last.details.get("allow_data_loss")),
        )

    def note_databases_left(self, databases: Sequence[str], *, allow_data_loss: bool) -> None:
        """With the last decision about `latest`, of which they are a part."""
        last = self._last_decision()
        if last is None:
            return
        details = {**last.details, **left_details(databases, allow_data_loss=allow_data_loss)}
        with catalog_errors(), self._engine.begin() as connection:
            this = _TABLE.update().where(self._mine, _TABLE.c.number == last.number)
            connection.execute(this.values(details=json.dumps(details)))

    def _last_decision(self) -> Event | None:
        number = self.decision()
        found = () if number is None else self._found(_TABLE.c.decision == number)
        return found[-1] if found else None

    def withdrawn(self) -> Mapping[SchemaVersion, str]:
        """The versions that are withdrawn now, with the reason of each."""
        return withdrawn_by(self._found(_TABLE.c.event.in_((WITHDRAWN, RESTORED))))

    def withdrawal(self, version: SchemaVersion) -> Event | None:
        """Who has withdrawn ``version``, and why; None where it isn't withdrawn."""
        with catalog_errors(), self._engine.connect() as connection:
            return withdrawal_of(connection, self._name, version)

    def restored(self) -> frozenset[SchemaVersion]:
        """The versions that were withdrawn once, and aren't any more."""
        events = self._found(_TABLE.c.event.in_((WITHDRAWN, RESTORED)))
        return frozenset(event.version for event in events) - withdrawn_by(events).keys()

    def _found(self, *conditions: sa.ColumnElement[bool]) -> tuple[Event, ...]:
        query = sa.select(_TABLE).where(self._mine, *conditions).order_by(_TABLE.c.number)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_event(row) for row in connection.execute(query).mappings())

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TABLE.c.schema_name == self._name


def withdrawn_by(events: Iterable[Event]) -> Mapping[SchemaVersion, str]:
    """The versions that are withdrawn after ``events``, oldest first, with the reason of each."""
    return {version: event.reason for version, event in _withdrawals(events).items()}


def withdrawal_of(connection: sa.Connection, schema_name: str, version: SchemaVersion) -> Event | None:
    """Who has withdrawn ``version``, and why; None where it isn't withdrawn."""
    query = sa.select(_TABLE).where(
        _TABLE.c.schema_name == schema_name,
        _TABLE.c.version == str(version),
        _TABLE.c.event.in_((WITHDRAWN, RESTORED)),
    )
    rows = connection.execute(query.order_by(_TABLE.c.number)).mappings()
    return _withdrawals(map(_event, rows)).get(version)


def _withdrawals(events: Iterable[Event]) -> dict[SchemaVersion, Event]:
    found: dict[SchemaVersion, Event] = {}
    for event in events:
        if event.event in (WITHDRAWN, RESTORED):
            found.pop(event.version, None)
        if event.event == WITHDRAWN:
            found[event.version] = event
    return found


def _event(row: Any) -> Event:
    return Event(
        number=row["number"],
        event=row["event"],
        version=SchemaVersion.parse(row["version"]),
        details=json.loads(row["details"]),
        decision=row["decision"],
        created_at=in_utc(row["created_at"]),
        created_by=row["created_by"],
        finished_at=in_utc(row["finished_at"]) if row["finished_at"] else None,
    )
