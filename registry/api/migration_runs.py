"""Registered databases and their runs over HTTP. Whoever reads this learns no address, and names none."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..catalogue.access import Writer
from ..config.settings import Settings
from ..databases.asking import ask_all
from ..databases.database import LOOKING, placeless, without_place
from ..databases.database import users as connected_users
from ..databases.manifests import PublishedManifests
from ..databases.overview import DatabaseRow, detail
from ..databases.registered import RegisteredDatabase, database_named, fleet, registered_databases
from ..databases.whereabouts import Status, versions_count, whereabouts
from ..errors import DatabaseBusyError, DatabaseError, NotPublishedError
from ..runs.documents import run_document
from ..runs.request import run_request
from .authorisation import check_databases, writer_with
from .documents import ProblemItem
from .event_stream import MEDIA_TYPE, LastEvent, event_stream
from .problem_details import write_answers
from .run_documents import (
    ClientDocument,
    DatabaseDetailDocument,
    DatabaseDocument,
    DatabaseList,
    DatabaseUsersDocument,
    RunDocument,
    RunList,
    RunRequest,
)
from .served.document import base_path
from .version_patterns import VERSION, VERSION_OR_LATEST

NamePath = Annotated[str, Path(description="a registered database", examples=["main"], max_length=60)]
RunPath = Annotated[str, Path(description="a run's id", examples=["5f0c4d3e2b1a"], max_length=40)]
MostQuery = Annotated[int, Query(description="how many", ge=1, le=1000)]
LabelQuery = Annotated[
    str | None, Query(description="only those with this label", examples=["tenant"], max_length=200)
]
StatusQuery = Annotated[Status | None, Query(description="only those in this state", examples=["behind"])]
LiveQuery = Annotated[bool, Query(description="ask each of them now")]
AfterQuery = Annotated[
    str | None, Query(description="go on after this database", examples=["main"], max_length=60)
]
BelowQuery = Annotated[
    str | None,
    Query(description="only clients before this version", examples=["2.0.0"], max_length=80, **VERSION),
]
BrokenByQuery = Annotated[
    str | None,
    Query(
        description="only clients that work no more on a database at this version",
        examples=["2.0.0"],
        max_length=80,
        **VERSION,
    ),
]
VersionPath = Annotated[
    str,
    Path(
        description="a semantic version, or `latest`", examples=["2.0.0"], max_length=80, **VERSION_OR_LATEST
    ),
]
DatabaseQuery = Annotated[
    str | None, Query(description="only those of this one", examples=["main"], max_length=60)
]


def add_migration_runs(
    app: FastAPI, catalogue: Catalogue, settings: Settings, manifests: PublishedManifests
) -> None:
    """Let ``app`` answer for databases and runs. Every write needs a token with the scope `migrate`."""
    views = _Views(catalogue, settings, manifests)
    writes = write_answers()
    may_migrate = Depends(writer_with(catalogue, "migrate"))

    def check_run(run_id: str, by: Writer) -> None:
        check_databases(by, settings, [catalogue.runs.find(run_id).database])

    def start_run(
        name: NamePath, request: RunRequest, asked: Request, response: Response, by: Writer = may_migrate
    ) -> RunDocument:
        """Queue a run; a worker does it. `Location` is where to ask how it goes."""
        check_databases(by, settings, [name])
        new = run_request(catalogue, settings, name, **request.model_dump())
        run = catalogue.runs.add(new, by)
        response.headers["Location"] = f"{base_path(asked)}/runs/{run.id}"
        return RunDocument(**run_document(run))

    def cancel_run(run_id: RunPath, by: Writer = may_migrate) -> RunDocument:
        """Cancel a run: the step that runs is rolled back, and the steps before it stay."""
        check_run(run_id, by)
        return RunDocument(**run_document(catalogue.runs.cancel(run_id, by)))

    def retry_run(run_id: RunPath, by: Writer = may_migrate) -> RunDocument:
        """Queue a run again that failed or was cancelled: it goes on where it stopped."""
        check_run(run_id, by)
        return RunDocument(**run_document(catalogue.runs.retry(run_id, by)))

    app.get("/migrations/{version}/manifest", tags=["migrations"])(views.manifest)
    app.get("/databases", tags=["databases"])(views.databases)
    app.get("/databases/{name}", tags=["databases"])(views.database)
    app.get("/databases/{name}/users", tags=["databases"])(views.users)
    accepted = HTTPStatus.ACCEPTED
    app.post("/databases/{name}/runs", tags=["runs"], status_code=accepted, responses=writes)(start_run)
    app.get("/runs", tags=["runs"])(views.runs)
    app.get("/runs/{run_id}", tags=["runs"])(views.run)
    stream: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}
    events = app.get(
        "/runs/{run_id}/events", tags=["runs"], response_class=StreamingResponse, responses=stream
    )
    events(views.run_events)
    app.post("/runs/{run_id}/cancel", tags=["runs"], status_code=accepted, responses=writes)(cancel_run)
    app.post("/runs/{run_id}/retry", tags=["runs"], status_code=accepted, responses=writes)(retry_run)


class _Views:
    def __init__(self, catalogue: Catalogue, settings: Settings, manifests: PublishedManifests) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._manifests = manifests

    def databases(
        self,
        label: LabelQuery = None,
        status: StatusQuery = None,
        live: LiveQuery = False,
        limit: MostQuery = 1000,
        after: AfterQuery = None,
    ) -> DatabaseList:
        """Where the registered databases are, as workers and runs have seen them last, or, with `live`, as
        they say now; one that doesn't answer says why."""
        settings, latest = self._settings, self._catalogue.latest()
        chosen = registered_databases(settings) if label is None else fleet(settings, label)
        found = whereabouts(self._catalogue, chosen)
        rest = [row for row in found if status in (None, row.status) and row.name > (after or "")]
        page = rest[:limit]
        if live and page and latest is not None:
            names = {row.name for row in page}
            asked = [each for each in chosen if each.name in names]
            ask_all(self._catalogue, asked, latest, self._manifests)
            page = list(whereabouts(self._catalogue, asked))
        return DatabaseList(
            latest=str(latest) if latest else None,
            versions=versions_count(found),
            databases=[DatabaseDocument(**asdict(row)) for row in page],
            next=page[-1].name if len(rest) > limit else None,
        )

    def database(self, name: NamePath) -> DatabaseDetailDocument:
        """A database: its version, what is pending, how it differs, and what happened to it."""
        database = database_named(self._settings, name)
        latest = self._latest()
        try:
            found = detail(database, latest, self._manifests)
        except (DatabaseError, DatabaseBusyError) as error:
            raise type(error)(*(placeless(database, each) for each in error.problems)) from None
        return DatabaseDetailDocument(
            **_facts(found.row, database),
            latest=str(latest),
            target=found.target,
            history=without_place(database, list(found.history)),
        )

    def users(
        self, name: NamePath, below: BelowQuery = None, broken_by: BrokenByQuery = None
    ) -> DatabaseUsersDocument:
        """Which versions of the schema's clients are connected to a database now: what to ask before a column
        is dropped."""
        database = database_named(self._settings, name)
        breaking = None if broken_by is None else SchemaVersion.parse(broken_by)
        manifest = self._manifests.of(breaking or self._latest())
        oldest = None if below is None else SchemaVersion.parse(below)
        try:
            found = connected_users(database, manifest, below=oldest, broken_by=breaking, options=LOOKING)
        except (DatabaseError, DatabaseBusyError) as error:
            raise type(error)(*(placeless(database, each) for each in error.problems)) from None
        return DatabaseUsersDocument(
            name=name,
            clients=[
                ClientDocument(
                    package=each.package,
                    version=each.version,
                    application=without_place(database, each.application),
                    connections=each.connections,
                    since=each.since,
                )
                for each in found.clients
            ],
            others=sum(found.others.values()),
        )

    def manifest(self, version: VersionPath) -> dict[str, Any]:
        """The manifest of the migrations package of a version: each script as the steps that the runner makes
        of it, and what a database consists of at each version."""
        latest = self._catalogue.latest() if version == "latest" else None
        return self._manifests.stored(latest or SchemaVersion.parse(version))

    def runs(self, limit: MostQuery = 50, database: DatabaseQuery = None) -> RunList:
        """The runs, newest first."""
        found = self._catalogue.runs.newest(limit, database=database)
        return RunList(runs=[RunDocument(**run_document(run)) for run in found])

    def run(self, run_id: RunPath) -> RunDocument:
        """One run."""
        return RunDocument(**run_document(self._catalogue.runs.find(run_id)))

    def run_events(self, run_id: RunPath, last_event_id: LastEvent = 0) -> StreamingResponse:
        """What happens in a run, as server-sent events, until it is over; resumes by `Last-Event-ID`."""
        run = self._catalogue.runs.find(run_id)
        content = event_stream(self._catalogue.runs, run.id, after=last_event_id)
        return StreamingResponse(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    def _latest(self) -> SchemaVersion:
        latest = self._catalogue.latest()
        if latest is None:
            raise NotPublishedError(_nothing_published())
        return latest


def _facts(row: DatabaseRow, database: RegisteredDatabase) -> dict[str, Any]:
    problems = [placeless(database, each) for each in row.problems]
    items = [ProblemItem(code=each.code, message=each.message, fix=each.fix) for each in problems]
    return {**asdict(row), "problems": items}


def _nothing_published() -> Problem:
    return Problem(
        code="not-published",
        message="nothing is published yet, so there is nothing to compare databases with",
        fix="publish a version first; where another machine did, run: schema-service repair",
    )
