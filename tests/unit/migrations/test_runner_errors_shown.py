"""How the runner shows that a run failed: its code is in the text for people and in the JSON for programs."""

from __future__ import annotations

import json
from io import StringIO

from migrations.runner.events import Reporter


def test_people_see_the_code_the_details_and_the_fix() -> None:
    stream = StringIO()
    reporter = Reporter(as_json=False, secret="hunter2", stream=stream)
    reporter.error("data-loss", "going back loses hunter2", "back it up", details=["T.a: 3 rows"])
    assert stream.getvalue() == "error[data-loss]: going back loses ***\n  - T.a: 3 rows\n  fix: back it up\n"


def test_programs_get_the_code_as_a_field() -> None:
    stream = StringIO()
    Reporter(as_json=True, secret=None, stream=stream).error("standby", "read-only", "use the primary")
    event = json.loads(stream.getvalue())
    assert (event["event"], event["code"], event["message"]) == ("error", "standby", "read-only")
