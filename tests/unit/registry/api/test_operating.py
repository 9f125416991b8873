"""What whoever operates the service looks at: health, metrics, logs, and the pages of problems."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from registry.api.operating.logs import log_as_json
from registry.api.server import serving
from registry.catalogue import Catalogue
from registry.catalogue.revisions import revision
from registry.errors import EmbeddedServerError

from .conftest import BY, LOCAL, RUN, bearer

Serve = Callable[..., TestClient]


def test_ready_is_whoever_has_tables_and_workers(serve: Serve, catalogue: Catalogue) -> None:
    client = serve()
    unattended = client.get("/readyz")
    assert (unattended.status_code, unattended.json()["problems"][0]["code"]) == (503, "no-worker")
    assert serve(databases={}).get("/readyz").json() == {"status": "ready", "workers": None}
    catalogue.workers.beat("a:1", "a")
    assert client.get("/readyz").json() == {"status": "ready", "workers": 1}
    engine = catalogue._engine
    with engine.begin() as connection:
        connection.execute(sa.update(revision).values(version_num="9999"))
    newer = client.get("/readyz")
    assert (newer.status_code, newer.json()["problems"][0]["code"]) == (503, "catalogue-is-newer")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {revision.name}")
    gone = client.get("/readyz")
    assert (gone.status_code, gone.json()["problems"][0]["code"]) == (503, "catalogue-unavailable")
    assert client.get("/healthz").json() == {"status": "ok"}


def test_several_processes_share_a_port_where_each_says_so(serve: Serve) -> None:
    apps = [serve().app for _ in range(2)]
    with serving(apps[0], host="127.0.0.1", port=0, shares_port=True) as address:
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(EmbeddedServerError, match="can't listen"),
            serving(apps[1], host="127.0.0.1", port=port),
        ):
            pass
        with serving(apps[1], host="127.0.0.1", port=port, shares_port=True):
            for _ in range(60):
                assert httpx.get(f"{address}/versions/x", headers={"Connection": "close"}).status_code == 422
    counted = [re.search(r'requests_total\{.*status="422"\} (\d+)', _metrics(app)) for app in apps]
    counts = [int(found[1]) for found in counted if found is not None]
    assert len(counts) == 2
    assert sum(counts) == 60


def _metrics(app: Any) -> str:
    return TestClient(app, base_url=LOCAL).get("/metrics").text


def test_metrics_count_requests_by_route_and_what_the_state_database_has(
    serve: Serve, catalogue: Catalogue
) -> None:
    client = serve()
    catalogue.runs.add(RUN, BY)
    catalogue.runs.cancel(catalogue.runs.add(RUN, BY).id, BY)
    catalogue.workers.beat("a:1", "a")
    for path in ("/schema/1.0.0", "/schema/2.0.0", "/nothing/here", "/versions"):
        client.get(path)
    client.head("/versions")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = dict(re.findall(r"^(schema_service_\S+?(?:\{.*?\})?) (\S+)$", answer.text, re.MULTILINE))
    routes = 'schema_service_http_requests_total{method="%s",route="%s",status="%s"}'
    assert found[routes % ("GET", "/schema/{version}", 404)] == "2.0"
    assert found[routes % ("HEAD", "/versions", 200)] == "1.0"
    assert found[routes % ("GET", "none", 404)] == "1.0"
    assert "2.0.0" not in answer.text
    assert found['schema_service_runs{schema="ours",state="queued"}'] == "1.0"
    assert found['schema_service_runs{schema="ours",state="cancelled"}'] == "1.0"
    assert found['schema_service_queue_depth{schema="ours"}'] == "1.0"
    assert found['schema_service_releases{schema="ours"}'] == "0.0"
    assert found['schema_service_deliveries{schema="ours",state="pending"}'] == "0.0"
    assert found['schema_service_workers{schema="ours"}'] == "1.0"
    assert found["schema_service_catalogue_up"] == "1.0"
    with catalogue._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE catalogue_workers")
    text = client.get("/metrics").text
    assert "schema_service_catalogue_up 0.0" in text
    assert "schema_service_http_requests_total" in text


def test_the_log_has_a_line_for_each_request_and_nothing_secret(
    serve: Serve, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    client = serve()
    text = catalogue.access.create("ci", "migrate", expires_at=None, by=BY)
    root, ours = logging.getLogger(), logging.getLogger("registry")
    before = (root.handlers[:], root.level, ours.level)
    try:
        log_as_json()
        own = client.get("/npm/-/ping?key=s3kret", headers={**bearer(text), "X-Request-ID": "job-17.a"})
        forged = client.get("/a%0Ab", headers={"X-Request-ID": 'x"\x01 y'})
        client.post("/runs/x/cancel", headers=bearer("sst_wrong"))
        add_a_broken_route(client)
        failed = client.get("/broken")
    finally:
        root.handlers[:], root.level, ours.level = before
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    requests = [line for line in lines if line["message"] == "request"]
    assert [(line["path"], line["status"], line["level"]) for line in requests] == [
        ("/npm/-/ping", 200, "info"),
        ("/a\nb", 404, "info"),
        ("/runs/x/cancel", 401, "info"),
        ("/broken", 500, "info"),
    ]
    assert (own.headers["X-Request-ID"], requests[0]["request_id"]) == ("job-17.a", "job-17.a")
    assert re.fullmatch("[0-9a-f]{32}", forged.headers["X-Request-ID"])
    written = json.dumps(lines)
    for secret in (text, "s3kret", "sst_wrong"):
        assert secret not in written
    # A bug is answered, too, with what to report.
    problem = failed.json()["problems"][0]
    assert (failed.status_code, problem["code"]) == (500, "internal-error")
    assert failed.headers["X-Request-ID"] in problem["fix"]
    assert "boom" not in failed.text
    (bug,) = [line for line in lines if line["level"] == "error"]
    assert "ZeroDivisionError: boom" in bug["exception"]
    assert bug["request_id"] == failed.headers["X-Request-ID"]


def add_a_broken_route(client: TestClient) -> None:
    def broken() -> None:
        raise ZeroDivisionError("boom")

    client.app.get("/broken")(broken)  # type: ignore[attr-defined]


def test_each_problem_document_points_to_the_page_of_its_code(serve: Serve) -> None:
    client = serve()
    known = (("/schema/1.0.0", "not-published"), ("/nowhere", "http-404"), ("/runs/x", "no-such-run"))
    for path, code in known:
        page = client.get(client.get(path).json()["type"])
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert f"<h1>{code}</h1>" in page.text
    index = client.get("/problems").text
    linked = re.findall(r'href="(problems/[^"]+)"', index)
    assert len(linked) > 200
    for link in linked:
        assert client.get(f"/{link}").status_code == 200, link
    unknown = client.get("/problems/%3Cscript%3E")
    assert (unknown.status_code, unknown.json()["problems"][0]["code"]) == (404, "no-such-problem")


def test_the_description_has_examples_and_says_where_a_token_goes(serve: Serve) -> None:
    document = serve().get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    lacking = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not operation.get("description"):
                lacking.append((path, method, "description"))
            lacking += [
                (path, method, each["name"])
                for each in operation.get("parameters", [])
                if not _shows_a_value(each["schema"] | each)
            ]
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            fields = schema["properties"].items()
            lacking += [(name, field, "") for field, each in fields if not _shows_a_value(each)]
    assert lacking == []


def _shows_a_value(schema: dict[str, Any]) -> bool:
    kinds = [schema, *schema.get("anyOf", [])]
    is_named = any("$ref" in each or each.get("type") == "boolean" or "enum" in each for each in kinds)
    return is_named or not {"examples", "example", "default"}.isdisjoint(schema)
