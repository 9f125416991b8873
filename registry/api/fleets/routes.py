"""One version for all databases with a label: asked for, followed, paused and resumed over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Response
from fastapi.responses import StreamingResponse

from ...catalogue import Catalogue
from ...catalogue.access import Writer
from ...catalogue.fleets.records import FleetRun, MemberState
from ...config.settings import Settings
from ...databases.registered import fleet as registered_fleet
from ...runs.fleet_documents import fleet_document, member_document
from ...runs.fleet_request import fleet_request
from ..authorisation import check_databases, writer_with
from ..event_stream import MEDIA_TYPE, LastEvent, event_stream
from ..problem_details import write_answers
from .documents import (
    FleetMemberDocument,
    FleetMemberList,
    FleetRequest,
    FleetRunDocument,
    FleetRunList,
)

FleetPath = Annotated[str, Path(description="a fleet run's id", examples=["5f0c4d3e2b1a"], max_length=40)]
MemberPath = Annotated[str, Path(description="one of its databases", examples=["acme"], max_length=60)]
MostQuery = Annotated[int, Query(description="how many", ge=1, le=1000)]
LabelQuery = Annotated[
    str | None, Query(description="only those of this label", examples=["tenant"], max_length=200)
]
StateQuery = Annotated[MemberState | None, Query(description="only those in this state", examples=["failed"])]
AfterQuery = Annotated[
    str | None, Query(description="go on after this database", examples=["acme"], max_length=60)
]


def add_fleet_runs(app: FastAPI, catalogue: Catalogue, settings: Settings) -> None:
    """Let ``app`` answer for fleet runs. Every write needs a token with the scope `migrate`."""
    fleets, views = catalogue.fleets, _Views(catalogue)
    writes = write_answers()
    accepted: dict[str, Any] = {"tags": ["fleets"], "status_code": HTTPStatus.ACCEPTED, "responses": writes}
    may_migrate = Depends(writer_with(catalogue, "migrate"))

    def check_all(fleet_id: str, by: Writer) -> None:
        members = fleets.members(fleets.find(fleet_id).id)
        check_databases(by, settings, [member.database for member in members])

    def start_fleet_run(
        request: FleetRequest, response: Response, by: Writer = may_migrate
    ) -> FleetRunDocument:
        """Begin a fleet run; workers do it. `Location` is where to ask how it goes."""
        check_databases(by, settings, [each.name for each in registered_fleet(settings, request.label)])
        fleet = fleets.add(fleet_request(catalogue, settings, **request.model_dump()), by)
        response.headers["Location"] = f"/fleet-runs/{fleet.id}"
        return views.document(fleet)

    def pause(fleet_id: FleetPath, by: Writer = may_migrate) -> FleetRunDocument:
        """Start no further database; those that are at work go on."""
        check_all(fleet_id, by)
        return views.document(fleets.pause(fleet_id, by))

    def resume(fleet_id: FleetPath, by: Writer = may_migrate) -> FleetRunDocument:
        """Go on; failures so far don't count any more."""
        check_all(fleet_id, by)
        return views.document(fleets.resume(fleet_id, by))

    def retry(fleet_id: FleetPath, by: Writer = may_migrate) -> FleetRunDocument:
        """Try those again that failed or were cancelled, and go on."""
        check_all(fleet_id, by)
        return views.document(fleets.retry(fleet_id, by))

    def cancel(fleet_id: FleetPath, by: Writer = may_migrate) -> FleetRunDocument:
        """Leave out what waits, and cancel what is at work."""
        check_all(fleet_id, by)
        return views.document(fleets.cancel(fleet_id, by))

    def skip(fleet_id: FleetPath, database: MemberPath, by: Writer = may_migrate) -> FleetRunDocument:
        """Leave out a database that waits, or that failed."""
        check_databases(by, settings, [database])
        return views.document(fleets.skip(fleet_id, database, by))

    app.post("/fleet-runs", **accepted)(start_fleet_run)
    app.get("/fleet-runs", tags=["fleets"])(views.fleet_runs)
    app.get("/fleet-runs/{fleet_id}", tags=["fleets"])(views.fleet_run)
    app.get("/fleet-runs/{fleet_id}/databases", tags=["fleets"])(views.fleet_run_databases)
    stream: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}
    events = app.get(
        "/fleet-runs/{fleet_id}/events", tags=["fleets"], response_class=StreamingResponse, responses=stream
    )
    events(views.fleet_run_events)
    changes: tuple[Callable[..., FleetRunDocument], ...] = (pause, resume, retry, cancel)
    for change in changes:
        app.post(f"/fleet-runs/{{fleet_id}}/{change.__name__}", **accepted)(change)
    app.post("/fleet-runs/{fleet_id}/databases/{database}/skip", **accepted)(skip)


class _Views:
    def __init__(self, catalogue: Catalogue) -> None:
        self._fleets = catalogue.fleets

    def document(self, fleet: FleetRun) -> FleetRunDocument:
        return FleetRunDocument(**fleet_document(fleet, self._fleets.members(fleet.id)))

    def fleet_runs(self, limit: MostQuery = 20, label: LabelQuery = None) -> FleetRunList:
        """The fleet runs, newest first."""
        found = self._fleets.newest(limit, label=label)
        return FleetRunList(fleet_runs=[self.document(fleet) for fleet in found])

    def fleet_run(self, fleet_id: FleetPath) -> FleetRunDocument:
        """One fleet run, with how many of its databases are in each state."""
        return self.document(self._fleets.find(fleet_id))

    def fleet_run_databases(
        self,
        fleet_id: FleetPath,
        state: StateQuery = None,
        limit: MostQuery = 100,
        after: AfterQuery = None,
    ) -> FleetMemberList:
        """The databases of a fleet run; with `state=failed`, those that failed and why."""
        rest = self._fleets.members(self._fleets.find(fleet_id).id, after=after)
        wanted = [member for member in rest if state in (None, member.state)]
        page = wanted[:limit]
        return FleetMemberList(
            databases=[FleetMemberDocument(**member_document(member)) for member in page],
            next=page[-1].database if len(wanted) > limit else None,
        )

    def fleet_run_events(self, fleet_id: FleetPath, last_event_id: LastEvent = 0) -> StreamingResponse:
        """What happens in a fleet run, as server-sent events, until its end; resumes by `Last-Event-ID`."""
        fleet = self._fleets.find(fleet_id)
        content = event_stream(self._fleets, fleet.id, after=last_event_id)
        return StreamingResponse(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
