"""The commands that lead on from a database between two versions: those for which there is a plan."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import RefusedError, RunnerError, UsageError
from ..manifest import Manifest
from .planning import NOTHING, Plan, plan_downgrade, plan_upgrade
from .state import State

# Their fixes name the commands themselves.
_NAMES_THEM = ("half-applied", "half-undone", "ahead", "other-line", "draft-differs")


def add_next_commands(error: RunnerError, manifest: Manifest, state: State) -> None:
    """Add them to the fix of an error that a command met in this state."""
    commands = next_commands(manifest, state)
    if commands and error.code not in _NAMES_THEM:
        error.fix = (
            f"{error.fix}; the database is between versions, and from here these work: {', '.join(commands)}"
        )


def next_commands(manifest: Manifest, state: State) -> tuple[str, ...]:
    """Empty where the database is at a version, or another package has to be installed."""
    if not _is_between(manifest, state):
        return ()
    version = _lowest_version(manifest, state)
    plans = {
        "upgrade": lambda: plan_upgrade(manifest, state, None),
        f"downgrade --to {version}": lambda: plan_downgrade(manifest, state, version),
    }
    return tuple(command for command, plan in plans.items() if _has_plan(plan))


def _is_between(manifest: Manifest, state: State) -> bool:
    halves = (state.is_half_applied(name) or state.is_half_reverted(name) for name in state.records)
    if any(halves):
        return True
    known = state.version is None or state.version in manifest.versions
    above = manifest.above(state.version) if known else ()
    return any(state.is_applied(migration.id) for migration in above)


def _lowest_version(manifest: Manifest, state: State) -> str:
    """Where a downgrade that was begun was going to, or where an upgrade came from."""
    ends = (state.version, state.target)
    known = [
        -1 if end is None else manifest.versions.index(end)
        for end in ends
        if end is None or end in manifest.versions
    ]
    lowest = min(known, default=-1)
    return NOTHING if lowest < 0 else manifest.versions[lowest]


def _has_plan(plan: Callable[[], Plan]) -> bool:
    try:
        plan()
    except (RefusedError, UsageError):
        return False
    return True
