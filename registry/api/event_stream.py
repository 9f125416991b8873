"""The events of a run, or a fleet run, as they come: server-sent events, as the HTML standard defines them.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Header
from fastapi.concurrency import run_in_threadpool

from ..catalogue.fleets.fleet_runs import FleetRuns
from ..catalogue.fleets.records import FleetRun
from ..catalogue.run_events import RunEvent
from ..catalogue.run_queue import Queued, RunQueue
from ..errors import CatalogueError
from ..runs.documents import event_document

MEDIA_TYPE = "text/event-stream"
#: As high as the state database counts.
LastEvent = Annotated[
    int,
    Header(alias="Last-Event-ID", description="go on after this one", examples=[3], ge=0, le=2_147_483_647),
]
_LOOK_SECONDS = 0.5
_SILENT_LOOKS = 30  # proxies close a connection on which nothing is sent for a minute


async def event_stream(runs: RunQueue[Any] | FleetRuns, run_id: str, *, after: int) -> AsyncIterator[str]:
    """Those after the one numbered ``after``, until the run is over."""
    silent, is_over = 0, False
    while not is_over:
        sent = after
        try:
            find: Callable[[str], Queued | FleetRun] = runs.find
            run = await run_in_threadpool(find, run_id)  # before the events: none may be missed
            while events := await run_in_threadpool(runs.events, run_id, after=after):
                for event in events:
                    yield _sent(event)
                after = events[-1].seq
        except CatalogueError:  # it restarts: the run goes on then, and so does who follows it
            pass
        else:
            is_over = run.is_over
        silent = 0 if after > sent else silent + 1
        if silent and silent % _SILENT_LOOKS == 0:
            yield ": waiting\n\n"
        if not is_over:
            await asyncio.sleep(_LOOK_SECONDS)


def _sent(event: RunEvent) -> str:
    """JSON has no line breaks, which would end an event."""
    return f"id: {event.seq}\nevent: {event.event['event']}\ndata: {json.dumps(event_document(event))}\n\n"
