"""Which runs a process may go on with when the one that it was started for is over."""

from __future__ import annotations

from ..catalogue.runs import Run

#: All of them, and none.
ALL, NONE = "all", "none"


def fleet_scope(fleet_id: str) -> str:
    """Those of one fleet run."""
    return f"fleet:{fleet_id}"


def is_in_scope(run: Run, scope: str) -> bool:
    return scope == ALL or (run.fleet is not None and scope == fleet_scope(run.fleet))
