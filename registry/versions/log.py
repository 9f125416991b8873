"""What happened to versions, when, and who did it: read from what the catalogue and the seals keep anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import Catalogue
from ..catalogue.facts.events import LATEST_MOVED, RESTORED, ROLLED_BACK, WITHDRAWN
from .amend import corrected_descriptions

Happened: TypeAlias = Literal[
    "published",
    "pushed",
    "promoted",
    "corrected",
    "latest",
    "rolled back",
    "withdrawn",
    "restored",
    "announced",
    "delivered",
]
_WHAT: Mapping[str, Happened] = {
    LATEST_MOVED: "latest",
    ROLLED_BACK: "rolled back",
    WITHDRAWN: "withdrawn",
    RESTORED: "restored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``at`` is None where nobody recorded the time, ``by`` where nobody is named. ``text`` says more."""

    at: datetime | None
    version: SchemaVersion
    what: Happened
    by: str | None
    text: str

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "at": self.at.isoformat() if self.at else None,
            "version": str(self.version),
            "what": self.what,
            "by": self.by,
            "text": self.text,
        }


def version_log(workspace: Workspace, catalogue: Catalogue) -> tuple[Event, ...]:
    """Everything that happened, the newest first; what has no time comes last."""
    events = [*_published(catalogue), *_sealed(workspace, catalogue), *_corrected(catalogue)]
    events += _changed(catalogue)
    events += _announced(catalogue)
    oldest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(events, key=lambda event: (event.at or oldest, event.version), reverse=True))


def _published(catalogue: Catalogue) -> list[Event]:
    """What was pushed says so, also after its promotion, which is an event of its own."""
    pushed = catalogue.staged.all() | {each.version for each in catalogue.events.all() if each.is_promotion}
    corrected = corrected_descriptions(catalogue.corrections.all())
    return [
        Event(
            at=each.published_at,
            version=each.version,
            what="pushed" if each.version in pushed else "published",
            by=each.published_by,
            text=f"{corrected[each.version]} (corrected)" if each.version in corrected else each.description,
        )
        for each in catalogue.summaries()
    ]


def _changed(catalogue: Catalogue) -> list[Event]:
    """What was done to published versions."""
    return [
        Event(
            at=each.created_at,
            version=each.version,
            what="promoted" if each.is_promotion else _WHAT[each.event],
            by=each.created_by,
            text=f"{each.version} is latest" if each.decision else str(each.details.get("reason", "")),
        )
        for each in catalogue.events.all()
        if each.event in _WHAT or each.is_promotion
    ]


def _sealed(workspace: Workspace, catalogue: Catalogue) -> list[Event]:
    """Versions that were published with another state database: their seals say when."""
    known = set(catalogue.versions())
    found = []
    for version in workspace.versions():
        lock = workspace.release_lock(version) if version not in known else None
        if lock is not None:
            at = _moment(lock.published_at)
            text = "by another machine, as release.lock says"
            what: Happened = "pushed" if lock.is_staged else "published"
            found.append(Event(at=at, version=version, what=what, by=None, text=text))
    return found


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _corrected(catalogue: Catalogue) -> list[Event]:
    return [
        Event(
            at=each.made_at,
            version=each.version,
            what="corrected",
            by=each.made_by,
            text=f"the {each.what}",
        )
        for each in catalogue.corrections.all()
    ]


def _announced(catalogue: Catalogue) -> list[Event]:
    events = []
    for each in catalogue.deliveries.all():
        version = SchemaVersion.parse(each.version)
        text = f"{each.event}, {each.id}"
        events.append(Event(at=each.created_at, version=version, what="announced", by=None, text=text))
        if each.delivered_at is not None:
            events.append(Event(at=each.delivered_at, version=version, what="delivered", by=None, text=text))
    return events
