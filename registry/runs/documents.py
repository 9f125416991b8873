"""A run as JSON, the same from the API and from the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..catalogue.run_events import RunEvent
from ..catalogue.runs import Run


def run_document(run: Run) -> dict[str, Any]:
    """``result`` or ``problems`` say how a run ended; both are there, one of them is empty."""
    facts = asdict(run)
    outcome = facts.pop("outcome") or {}
    times = {name: facts[name] for name in ("created_at", "started_at", "finished_at")}
    return {
        **facts,
        "target": str(run.target),
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "result": outcome if run.state == "succeeded" else None,
        "problems": outcome.get("problems", []),
    }


def event_document(event: RunEvent) -> dict[str, Any]:
    return {"seq": event.seq, "at": event.at.isoformat(), **event.event}
