"""Asking for a run: what is checked before it waits for a worker."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..catalogue.lookup import published_version
from ..catalogue.runs import NewRun
from ..config.settings import Settings
from ..databases.registered import database_named
from ..errors import ConflictingOptionsError
from .withdrawn import reason_of


def run_request(
    catalogue: Catalogue,
    settings: Settings,
    database: str,
    to: str,
    *,
    down: bool = False,
    dry_run: bool = False,
    allow_data_loss: bool = False,
) -> NewRun:
    """A run of a registered database to a published version.

    Raises UnknownDatabaseError, InvalidVersionError, NotPublishedError, and UsageError for what has no
    meaning. Whether the database lets it is for the run to say. A version that is withdrawn may be asked for,
    as it may be pinned: its ``withdrawn`` is then to be shown.
    """
    name = database_named(settings, database).name
    target = published_version(catalogue, SchemaVersion.parse(to)).version
    if allow_data_loss and not down:
        raise ConflictingOptionsError(_only_down())
    return NewRun(
        database=name,
        direction="down" if down else "up",
        target=target,
        dry_run=dry_run,
        allow_data_loss=allow_data_loss,
        withdrawn=reason_of(catalogue, target),
    )


def _only_down() -> Problem:
    return Problem(
        code="conflicting-options",
        message="only a run down can be allowed to lose data",
        fix="leave that out, or ask for a run down",
    )
