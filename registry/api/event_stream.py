"""The events of a run, or a fleet run, as they come: server-sent events, as the HTML standard defines them.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi.concurrency import run_in_threadpool

from ..catalogue.fleets.fleet_runs import FleetRuns
from ..catalogue.fleets.records import FleetRun
from ..catalogue.run_events import RunEvent
from ..catalogue.run_queue import Queued, RunQueue
from ..runs.documents import event_document

MEDIA_TYPE = "text/event-stream"
_LOOK_SECONDS = 0.5
_SILENT_LOOKS = 30  # proxies close a connection on which nothing is sent for a minute


async def event_stream(runs: RunQueue[Any] | FleetRuns, run_id: str, *, after: int) -> AsyncIterator[str]:
    """Those after the one numbered ``after``, until the run is over."""
    silent = 0
    while True:
        find: Callable[[str], Queued | FleetRun] = runs.find
        run = await run_in_threadpool(find, run_id)  # before the events: none may be missed
        while events := await run_in_threadpool(runs.events, run_id, after=after):
            after, silent = events[-1].seq, 0
            for event in events:
                yield _sent(event)
        if run.is_over:
            return
        silent += 1
        if silent % _SILENT_LOOKS == 0:
            yield ": waiting\n\n"
        await asyncio.sleep(_LOOK_SECONDS)


def _sent(event: RunEvent) -> str:
    """JSON has no line breaks, which would end an event."""
    return f"id: {event.seq}\nevent: {event.event['event']}\ndata: {json.dumps(event_document(event))}\n\n"
