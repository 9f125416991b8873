"""A fleet run as JSON, the same from the API and from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..catalogue.fleets.records import FleetRun, Member
from ..catalogue.fleets.schedule import counts


def fleet_document(fleet: FleetRun, members: Sequence[Member]) -> dict[str, Any]:
    """``counts`` tells how many databases are in each state."""
    facts = asdict(fleet)
    times = {name: facts[name] for name in ("created_at", "finished_at")}
    return {
        **facts,
        "target": str(fleet.target),
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "databases": len(members),
        "waves": sorted({member.wave for member in members}),
        "counts": counts(members),
    }


def member_document(member: Member) -> dict[str, Any]:
    """``problems`` say why it failed."""
    return {
        "database": member.database,
        "wave": member.wave,
        "state": member.state,
        "run": member.run,
        "problems": list(member.problems),
    }
