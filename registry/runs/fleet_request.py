"""Asking for a fleet run: which databases, in which order, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from schemas.errors import Problem

from ..catalogue import Catalogue
from ..catalogue.fleets.records import NewFleetRun
from ..config.settings import Settings
from ..databases.registered import fleet
from ..errors import ConflictingOptionsError, UnknownDatabaseError
from .request import run_request

#: How many databases are migrated at once, and how many may fail, where nothing else is asked for.
CONCURRENCY, STOP_AFTER = 4, 1


def fleet_request(
    catalogue: Catalogue,
    settings: Settings,
    label: str,
    to: str,
    *,
    canary: int | Sequence[str] = 1,
    wave: int | None = None,
    concurrency: int = CONCURRENCY,
    stop_after: int = STOP_AFTER,
    pause_after_canary: bool = False,
    skip: Collection[str] = (),
    down: bool = False,
    dry_run: bool = False,
    allow_data_loss: bool = False,
) -> NewFleetRun:
    """A run of each database with ``label``, but those in ``skip``. ``canary`` are the first so many, by
    name, or those that it names; the others follow in waves of ``wave``, or all together.

    Raises UnknownDatabaseError, and what :func:`run_request` raises.
    """
    names = [each.name for each in fleet(settings, label)]
    named = list(dict.fromkeys(canary)) if not isinstance(canary, int) else []
    strangers = [each for each in (*named, *skip) if each not in names]
    if strangers:
        raise UnknownDatabaseError(*(_stranger(each, label) for each in strangers))
    names = [name for name in names if name not in skip]
    if not names or set(named) & set(skip):
        raise ConflictingOptionsError(_skips_too_much(label))
    first = named if not isinstance(canary, int) else names[:canary]
    rest = [name for name in names if name not in first]
    size = wave or max(1, len(rest))
    waves = (tuple(rest[at : at + size]) for at in range(0, len(rest), size))
    options = {"down": down, "dry_run": dry_run, "allow_data_loss": allow_data_loss}
    each = run_request(catalogue, settings, names[0], to, **options)
    return NewFleetRun(
        label=label,
        direction=each.direction,
        target=each.target,
        dry_run=each.dry_run,
        allow_data_loss=each.allow_data_loss,
        concurrency=concurrency,
        stop_after=stop_after,
        pause_after_canary=pause_after_canary,
        waves=(tuple(first), *waves),
        withdrawn=each.withdrawn,
    )


def _stranger(name: str, label: str) -> Problem:
    return Problem(
        code="unknown-database",
        message=f"no database called {name[:60]!r} has the label {label[:60]!r}",
        fix=f"see which have it: schema-service databases --label {label[:60]}",
    )


def _skips_too_much(label: str) -> Problem:
    return Problem(
        code="conflicting-options",
        message=f"all databases with the label {label[:60]!r} are to be skipped, or one of the canary is",
        fix="leave out fewer",
    )
