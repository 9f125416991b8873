"""A fleet run as lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....catalogue.fleets.records import CANARY, FleetRun, Member
from ....catalogue.fleets.schedule import counts
from ....catalogue.run_events import RunEvent
from ...output import say

_SHOWN = {
    "fleet_started": "begun by {by}: {databases} databases",
    "database_started": "  {database}: run {run}",
    "database_finished": "  {database}: {state}",
    "database_waits": "  {database}: waits again",
    "database_skipped": "  {database}: skipped by {by}",
    "fleet_paused": "paused: {reason}",
    "fleet_resumed": "{how} by {by}",
    "fleet_cancel_asked": "cancel, by {by}",
}


def print_fleet_event(event: RunEvent) -> None:
    facts = dict(event.event)
    say(f"{event.at:%H:%M:%S}  {_words(str(facts['event']), facts)}")
    for problem in facts.get("problems", ()):
        say((f"          error[{problem['code']}]: ", "red"), str(problem["message"]).replace("\n", "; "))


def print_fleet_outcome(fleet: FleetRun, members: tuple[Member, ...]) -> None:
    """How many are where, and for each that failed, why and what to do."""
    say(f"{fleet.id} is {fleet.state}: {shown_counts(counts(members))}")
    for member in members:
        if member.state in ("failed", "cancelled"):
            say(f"  {member.database}: {member.state}  (schema-service run show {member.run})")
            for problem in member.problems:
                say((f"    error[{problem['code']}]: ", "red"), str(problem["message"]).split("\n")[0])
    if fleet.state == "paused":
        say(f"It is paused: {fleet.reason}")
        say(f"  fix: schema-service fleet retry|resume|cancel {fleet.id}; fleet skip {fleet.id} NAME")
    elif fleet.state in ("failed", "cancelled"):
        say(f"Try again those that failed: schema-service fleet retry {fleet.id}")


def shown_counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(numbers.items())) or "no databases"


def _words(name: str, facts: Mapping[str, Any]) -> str:
    if name == "wave_started":
        which = "canary" if facts["wave"] == CANARY else f"wave {facts['wave']}"
        return f"{which}: {facts['databases']} databases"
    if name == "fleet_finished":
        return f"{facts['state']}: {shown_counts(facts['counts'])}"
    return _SHOWN[name].format(**facts)
