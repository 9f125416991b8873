"""Runs to a version that is withdrawn: whoever asks for one is told, and none is begun unknowingly."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..catalogue.facts.events import Event
from ..catalogue.runs import Run, is_news
from ..errors import RunStateError


def reason_of(catalogue: Catalogue, target: SchemaVersion) -> str | None:
    """Why nobody should use ``target``; None where it isn't withdrawn. Raises CatalogueError."""
    withdrawal = catalogue.events.withdrawal(target)
    return withdrawal.reason if withdrawal else None


def check_target(catalogue: Catalogue, run: Run) -> None:
    """Raises RunStateError where the target was withdrawn while ``run`` waited. One that was begun goes on,
    and a fleet run is paused as a whole."""
    withdrawal = catalogue.events.withdrawal(run.target)
    if run.fleet is None and run.attempt == 1 and is_news(withdrawal, run):
        raise RunStateError(_withdrawn_meanwhile(run, withdrawal))


def warning(target: SchemaVersion, reason: str) -> Problem:
    """What whoever asks for a run to a withdrawn version is told."""
    return Problem(
        code="target-withdrawn",
        severity="warning",
        message=f"{target} is withdrawn ({reason}), and nobody should use it",
        fix="it is done because it was asked for by its number; to take it back, migrate to another version",
    )


def _withdrawn_meanwhile(run: Run, withdrawal: Event) -> Problem:
    return Problem(
        code="target-withdrawn",
        message=f"{withdrawal.created_by} has withdrawn {run.target} ({withdrawal.reason}) while run "
        f"{run.id} waited; nothing was done",
        fix=f"migrate to another version; or, to do it all the same: schema-service run retry {run.id}",
    )
