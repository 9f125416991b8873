"""The events of a run as lines."""

from __future__ import annotations

import io
from typing import Any

from migrations.runner.events import Reporter

from ....catalogue.run_events import RunEvent
from ....catalogue.runs import Run
from ...output import say, say_lines

_OWN = {
    "run_queued": "queued",
    "run_started": "attempt {attempt}, by {worker}",
    "run_finished": "{state}",
}


def print_event(event: RunEvent) -> None:
    """Nothing for those that only programs need."""
    fields = dict(event.event)
    name = str(fields.pop("event"))
    if name in _OWN:
        say(f"{event.at:%H:%M:%S}  {_OWN[name].format(**fields)}")
        return
    lines = io.StringIO()
    Reporter(as_json=False, secret=None, stream=lines)(name, **fields)
    for line in lines.getvalue().splitlines():
        say(f"{event.at:%H:%M:%S}  {line}")


def print_outcome(run: Run) -> None:
    """What a run that is over has done, or would do."""
    outcome: dict[str, Any] = dict(run.outcome or {})
    for problem in outcome.get("problems", ()):
        say((f"error[{problem['code']}]: ", "red"), problem["message"].split("\n")[0])
        say_lines("\n".join(problem["message"].split("\n")[1:]), indent="    ")
        say(f"  fix: {problem['fix']}")
    if run.state == "cancelled":
        say(f"What was done stays; go on with: schema-service run retry {run.id}")
    if run.state == "succeeded":
        count = len(outcome["migrations"])
        words = "would go" if run.dry_run else "went"
        before, after = (outcome[key] or "nothing" for key in ("version_before", "version"))
        say(f"{run.database} {words} from {before} to {after}: {count} migration{'s'[: count != 1]}")
        for word, key in (
            ("lost", "losses"),
            ("blocked", "blocked_by"),
            ("told only by the run", "unchecked"),
        ):
            for line in outcome.get(key, ()):
                say(f"  {word}: {line}")
