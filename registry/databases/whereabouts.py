"""Where each registered database is, from the state database alone: no database is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..catalogue.last_known import LastKnown
from .registered import RegisteredDatabase

#: ``unknown``: nobody has asked it yet; ``error``: it did not answer, or not as it should; ``failed``: its
#: last run did; ``between``: a run stopped between two versions.
Status = Literal[
    "unknown",
    "error",
    "queued",
    "migrating",
    "failed",
    "between",
    "empty",
    "behind",
    "current",
    "ahead",
]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """``target`` is where its last run, ``run``, was going to; ``pending`` and ``drift`` are None where they
    weren't asked for since then; ``seen_at`` is when it told, or was migrated."""

    name: str
    labels: tuple[str, ...]
    status: Status
    version: str | None
    target: str | None
    run: str | None
    run_state: str | None
    seen_at: datetime | None
    pending: tuple[str, ...] | None
    is_between: bool
    is_ahead: bool
    other_line: str | None
    drift: tuple[str, ...] | None
    problems: tuple[dict[str, Any], ...]


def whereabouts(catalogue: Catalogue, databases: Sequence[RegisteredDatabase]) -> tuple[Whereabouts, ...]:
    """One for each of ``databases``. Raises CatalogueError."""
    known, latest = catalogue.databases.all(), catalogue.latest()
    return tuple(_whereabouts(database, known.get(database.name), latest) for database in databases)


def versions_count(found: Sequence[Whereabouts]) -> dict[str, int]:
    """How many databases are at each version, those with the most first."""
    return dict(Counter(each.version or "-" for each in found).most_common())


def _whereabouts(
    database: RegisteredDatabase, known: LastKnown | None, latest: SchemaVersion | None
) -> Whereabouts:
    facts: Mapping[str, Any] = (known.facts if known else None) or {}
    # What is pending was told by comparing with the latest version of then.
    is_compared = latest is not None and facts.get("latest") == str(latest)
    pending, drift = facts.get("pending") if is_compared else None, facts.get("drift")
    return Whereabouts(
        name=database.name,
        labels=database.labels,
        status=_status(known, facts, latest),
        version=known.version if known else None,
        target=known.target if known else None,
        run=known.run if known else None,
        run_state=known.run_state if known else None,
        seen_at=known.seen_at if known else None,
        pending=tuple(pending) if pending is not None else None,
        is_between=bool(facts.get("is_between")),
        is_ahead=bool(facts.get("is_ahead")),
        other_line=facts.get("other_line"),
        drift=tuple(drift) if drift is not None else None,
        problems=tuple(facts.get("problems", ())),
    )


def _status(known: LastKnown | None, facts: Mapping[str, Any], latest: SchemaVersion | None) -> Status:
    if known is not None and known.run_state in ("queued", "running"):
        return "queued" if known.run_state == "queued" else "migrating"
    if known is None or known.facts is None:
        return "failed" if known is not None and known.run_state == "failed" else "unknown"
    if facts.get("problems"):
        return "error"
    if known.run_state == "failed" and known.version != known.target:
        return "failed"
    if facts.get("is_between"):
        return "between"
    return _compared(known.version, latest)


def _compared(text: str | None, latest: SchemaVersion | None) -> Status:
    if text is None:
        return "empty"
    try:
        version = SchemaVersion.parse(text, drafts=True)
    except InvalidVersionError:
        return "unknown"
    if latest is None or version > latest:
        return "ahead"
    return "current" if version == latest else "behind"
