"""Requests that nobody should send: each is refused with what is wrong, and none ends an answer half-way."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from registry.api import event_stream
from registry.api.documents import RequestBody
from registry.api.problem_details import error_response, problem_response
from registry.catalogue import Catalogue
from registry.catalogue.engine import unavailable
from registry.catalogue.fleets.records import NewFleetRun
from registry.catalogue.run_events import RunEvent
from registry.catalogue.runs import Run
from registry.errors import CatalogueError
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from .conftest import BY, RUN, bearer

Serve = Callable[..., TestClient]


@pytest.fixture
def fleet(catalogue: Catalogue) -> str:
    """The id of a fleet run of two databases."""
    new = NewFleetRun(
        label="all",
        direction="up",
        target=SchemaVersion(1, 0, 0),
        dry_run=True,
        allow_data_loss=False,
        waves=(("eu-1",), ("us-1",)),
        concurrency=1,
        stop_after=1,
        pause_after_canary=False,
    )
    return catalogue.fleets.add(new, BY).id


def test_a_stream_is_not_resumed_after_a_number_that_no_event_has(
    serve: Serve, catalogue: Catalogue, fleet: str
) -> None:
    run = catalogue.runs.cancel(catalogue.runs.add(RUN, BY).id, BY)
    catalogue.fleets.cancel(fleet, BY)
    for path in (f"/runs/{run.id}/events", f"/fleet-runs/{fleet}/events", "/releases/none/events"):
        answer = serve().get(path, headers={"Last-Event-ID": "99999999999999999999"})
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "invalid-request")


def test_a_stream_goes_on_when_the_state_database_answers_again(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_LOOK_SECONDS", 0)
    run = catalogue.runs.cancel(catalogue.runs.add(RUN, BY).id, BY)

    class Restarting:
        """Every third question finds nobody."""

        asked = 0

        def find(self, run_id: str) -> Run:
            self._ask()
            return catalogue.runs.find(run_id)

        def events(self, run_id: str, *, after: int = 0) -> tuple[RunEvent, ...]:
            self._ask()
            return catalogue.runs.events(run_id, after=after)[:1]

        def _ask(self) -> None:
            self.asked += 1
            if self.asked % 3 == 1:
                raise CatalogueError(unavailable("restarted"))

    async def everything() -> list[str]:
        stream = event_stream.event_stream(Restarting(), run.id, after=0)  # type: ignore[arg-type]
        return [each async for each in stream]

    sent = [each for each in asyncio.run(everything()) if each.startswith("id: ")]
    assert [each.splitlines()[0] for each in sent] == ["id: 1", "id: 2"]


def test_parameters_that_do_not_exist_are_refused(serve: Serve) -> None:
    client = serve()
    for path in (
        "/runs?state=failed",
        "/databases?labels=eu",
        "/releases?after=x",
        "/versions?nope=1",
        "/schema/1.0.0?x=",
    ):
        answer = client.get(path)
        (problem,) = answer.json()["problems"]
        assert (answer.status_code, problem["code"]) == (422, "invalid-request"), path
        assert problem["message"].startswith("query."), path
    assert client.get("/npm/-/ping?write=true").status_code == 200  # package managers send their own


def test_a_page_after_what_is_not_there_is_refused(serve: Serve, catalogue: Catalogue, fleet: str) -> None:
    client = serve()
    databases = f"/fleet-runs/{fleet}/databases"
    assert [each["database"] for each in client.get(f"{databases}?after=eu-1").json()["databases"]] == [
        "us-1"
    ]
    nobody = client.get(f"{databases}?after=nobody")
    assert (nobody.status_code, nobody.json()["problems"][0]["code"]) == (404, "not-in-fleet-run")
    assert client.get(f"{databases}?state=fialed").status_code == 422
    token = catalogue.access.create("all", "admin", expires_at=None, by=BY)
    audit = client.get("/audit?before=nobody", headers=bearer(token))
    assert (audit.status_code, audit.json()["problems"][0]["code"]) == (404, "no-such-write")
    assert client.get("/audit?limit=1", headers=bearer(token)).json()["next"]


@pytest.mark.parametrize(
    ("path", "field", "wrong"),
    [
        ("/databases/eu-1/runs", "to", [1, True, None]),
        *[
            ("/databases/eu-1/runs", field, ["yes", "true", 1, 0, None])
            for field in ("dry_run", "down", "allow_data_loss")
        ],
        *[
            ("/fleet-runs", field, ["5", True, 1.5, float("inf")])
            for field in ("wave", "concurrency", "stop_after", "canary")
        ],
        ("/fleet-runs", "pause_after_canary", ["yes", 1]),
        ("/fleet-runs", "skip", ["eu-1", [1]]),
        ("/fleet-runs", "label", [1]),
        ("/versions/1.0.0/latest", "dry_run", ["on", 1]),
        ("/versions/1.0.0/withdraw", "reason", [1, True]),
        ("/versions/1.0.0/publish", "draft", [1]),
        ("/drafts/1.0.0/ref", "ref", [1]),
    ],
)
def test_a_value_of_another_type_is_refused(
    serve: Serve, catalogue: Catalogue, path: str, field: str, wrong: list[object]
) -> None:
    token = bearer(catalogue.access.create("all", "admin", expires_at=None, by=BY))
    token["Content-Type"] = "application/json"
    whole: dict[str, object] = {"to": "1.0.0"} if "runs" in path else {}
    whole |= {"label": "all"} if path == "/fleet-runs" else {}
    whole |= {"reason": "x"} if path.endswith("withdraw") else {}
    for value in wrong:
        answer = serve().post(path, content=json.dumps({**whole, field: value}), headers=token)
        assert answer.status_code == 422, value
        assert {each["code"] for each in answer.json()["problems"]} == {"invalid-request"}
        assert f"body.{field}" in answer.json()["detail"], value


def test_a_whole_number_may_be_written_with_a_fraction_of_nothing(serve: Serve, catalogue: Catalogue) -> None:
    """As JSON Schema has it, and what describes this API is one."""
    token = bearer(catalogue.access.create("all", "admin", expires_at=None, by=BY))
    body = {"label": "all", "to": "1.0.0", "concurrency": 2.0, "wave": 3.0, "stop_after": 1.0, "canary": 1.0}
    answer = serve().post("/fleet-runs", json=body, headers=token)
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (404, "not-published")


def test_every_body_is_read_so(serve: Serve) -> None:
    bodies = [
        field.field_info.annotation
        for route in serve().app.routes  # type: ignore[attr-defined]
        if isinstance(route, APIRoute)
        for field in route.dependant.body_params
    ]
    assert len(bodies) > 5
    assert all(issubclass(each, RequestBody) for each in bodies if isinstance(each, type))


def test_a_body_that_is_not_said_to_be_json_is_told_so(serve: Serve, catalogue: Catalogue) -> None:
    token = bearer(catalogue.access.create("all", "migrate", expires_at=None, by=BY))
    for kind in ("application/x-www-form-urlencoded", "text/plain"):  # the first is what curl -d sends
        headers = {**token, "Content-Type": kind}
        answer = serve().post("/databases/eu-1/runs", content='{"to": "1.0.0"}', headers=headers)
        assert answer.status_code == 422
        assert [each["fix"] for each in answer.json()["problems"]] == [
            "send the header: Content-Type: application/json"
        ]
    deep = serve().post(
        "/databases/eu-1/runs", content="[" * 30_000, headers={**token, "Content-Type": "application/json"}
    )
    (problem,) = deep.json()["problems"]
    assert (deep.status_code, problem["message"]) == (400, "There was an error parsing the body")


def test_where_the_state_database_is_stands_in_the_log_only(caplog: pytest.LogCaptureFixture) -> None:
    why = 'connection to server at "10.1.2.3", port 5432 failed: FATAL: no role "secret_role"'
    with caplog.at_level(logging.WARNING):
        answer = error_response(CatalogueError(unavailable(why)))
    assert answer.status_code == 503
    assert "10.1.2.3" not in bytes(answer.body).decode()
    assert "secret_role" not in bytes(answer.body).decode()
    assert why in caplog.text


def test_text_that_is_no_unicode_is_answered() -> None:
    answer = problem_response(HTTPStatus.BAD_REQUEST, Problem(code="x", message="a\udcff", fix="b\udcff"))
    assert b"a\\\\udcff" in bytes(answer.body)
