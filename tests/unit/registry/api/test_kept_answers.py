"""What is asked again is answered without asking anybody, and for all else like the first time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from registry.catalogue import Catalogue, PublishedArtifact, PublishedVersion
from registry.catalogue.facts.events import WITHDRAWN, NewEvent
from registry.catalogue.facts.package_facts import PackageFacts
from schemas.versions import SchemaVersion

from .conftest import BY, LOCAL, bearer

Serve = Callable[..., TestClient]
_CLIENT = "@org/schema-client"


def _published(catalogue: Catalogue, *versions: str) -> None:
    for text in versions:
        version = SchemaVersion.parse(text)
        files = [
            PublishedArtifact(
                language=language,
                kind=kind,
                name=name,
                version=text,
                filename=f"{language}-{text}",
                sha256=f"{language}-{text}",
                size=1,
            )
            for language, kind, name in (("python", "wheel", "schema-client"), ("node", "npm", _CLIENT))
        ]
        for file in files:
            catalogue.packages.keep(file.sha256, PackageFacts(manifest={"name": file.name, "version": text}))
        catalogue.record(
            PublishedVersion(
                version=version,
                description=f"The {text}",
                author=None,
                schema_text="model Item { id Int @id }",
                schema_digest="0" * 64,
                input_digest="0" * 64,
                changelog=f"# {text}",
                published_at=datetime(2026, 1, 1, tzinfo=UTC),
                published_by="somebody",
                migrations=(),
                artifacts=tuple(files),
            ),
            latest=version,
        )


@contextmanager
def _statements(catalogue: Catalogue) -> Iterator[list[str]]:
    found: list[str] = []

    def executed(*told: object) -> None:
        found.append(str(told[2]))

    sa.event.listen(catalogue._engine, "before_cursor_execute", executed)
    try:
        yield found
    finally:
        sa.event.remove(catalogue._engine, "before_cursor_execute", executed)


_ASKED = (
    "/versions?per_page=1",
    "/versions/latest",
    "/schema/1.0.0",
    "/schema/^1.prisma",
    "/schema/1.0.0/metadata",
    "/changelog/1.1.0",
    "/migrations/1.0.0",
    "/client/1.0.0/python",
    "/client/latest/node/install",
    "/simple/schema-client/",
    f"/npm/{_CLIENT}",
    f"/npm/{_CLIENT}/1.0.0",
    f"/npm/{_CLIENT}/latest",
    f"/npm/-/package/{_CLIENT}/dist-tags",
)


def _same(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content, headers


def test_what_is_asked_again_is_answered_the_same_without_a_query(
    serve: Serve, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    _published(catalogue, "1.0.0", "1.1.0")
    client = serve()
    first = {path: client.get(path) for path in _ASKED}
    assert {answer.status_code for answer in first.values()} == {200}
    again: dict[str, httpx.Response] = {}
    caplog.clear()
    with _statements(catalogue) as statements, caplog.at_level(logging.INFO, "registry"):
        for path in _ASKED:
            again[path] = client.get(path)
            known = client.get(path, headers={"If-None-Match": again[path].headers["ETag"]})
            assert (known.status_code, known.content) == (304, b""), path
            for name in ("ETag", "Cache-Control", "Vary", "Content-Location"):
                assert known.headers.get(name) == first[path].headers.get(name), path
            head = client.head(path)
            assert _same(head) == (200, b"", _same(first[path])[2]), path
    assert statements == []
    for path in _ASKED:
        assert _same(again[path]) == _same(first[path]), path
        assert again[path].headers["X-Request-ID"] != first[path].headers["X-Request-ID"]
    logged = [each.__dict__["fields"]["path"] for each in caplog.records if each.message == "request"]
    assert logged == [path.partition("?")[0] for path in _ASKED for _ in range(3)]
    counted = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/schema/{version}",status="200"} 4.0' in counted
    assert 'http_requests_total{method="GET",route="/schema/{version}",status="304"} 2.0' in counted


def test_another_question_has_another_answer(serve: Serve, catalogue: Catalogue) -> None:
    _published(catalogue, "1.0.0")
    client = serve(hosts=("schemas.example",))
    for _ in range(2):
        as_json = client.get("/schema/1.0.0", headers={"Accept": "application/json"})
        as_text = client.get("/schema/1.0.0", headers={"Accept": "text/plain"})
        assert as_json.json()["schema_text"] == as_text.text
        assert client.get("/schema/1.0.0", headers={"Accept": "image/png"}).status_code == 406
        for host in ("localhost", "schemas.example"):
            manifest = client.get(f"/npm/{_CLIENT}/1.0.0", headers={"Host": host}).json()
            assert manifest["dist"]["tarball"].startswith(f"http://{host}/npm/")
        assert client.get("/schema/1.0.0", headers={"Host": "evil.example"}).status_code == 421


def test_a_change_is_seen_by_the_next_request(serve: Serve, catalogue: Catalogue) -> None:
    _published(catalogue, "1.0.0")
    client = serve()
    for _ in range(2):
        assert client.get("/versions/latest").json()["version"] == "1.0.0"
        assert client.get(f"/npm/{_CLIENT}/2.0.0").status_code == 404
    other = Catalogue.open(
        str(catalogue._engine.url), root=catalogue._root or catalogue._engine.url.database, schema_name="ours"
    )
    _published(other, "2.0.0")
    assert client.get("/versions/latest").json()["version"] == "2.0.0"
    assert client.get(f"/npm/{_CLIENT}/2.0.0").json()["version"] == "2.0.0"
    withdrawn = NewEvent(event=WITHDRAWN, version=SchemaVersion(1, 0, 0), details={"reason": "loses rows"})
    other.events.begin([withdrawn], latest=None)
    assert client.get("/versions/1.0.0").json()["withdrawn"] == "loses rows"
    other.close()


def test_who_may_not_ask_gets_no_kept_answer(serve: Serve, catalogue: Catalogue) -> None:
    _published(catalogue, "1.0.0")
    client = serve(reads="closed", limits={"requests_a_minute": 4})
    token = catalogue.access.create("reader", "read", expires_at=None, by=BY)
    asked = [client.get("/schema/1.0.0", headers=each) for each in (bearer(token), bearer(token), {})]
    assert [answer.status_code for answer in asked] == [200, 200, 401]
    catalogue.access.revoke("reader", by=BY)
    late = [client.get("/schema/1.0.0", headers=bearer(token)) for _ in range(2)]
    assert [answer.status_code for answer in late] == [401, 429]


def test_versions_that_are_asked_for_at_once_are_read_together(serve: Serve, catalogue: Catalogue) -> None:
    versions = [f"1.0.{number}" for number in range(20)]
    _published(catalogue, *versions)
    app = serve().app

    async def all_at_once() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            await client.get("/versions")
            return await asyncio.gather(
                *(
                    client.get(f"/{what}")
                    for each in versions
                    for what in (f"schema/{each}", f"client/{each}/node")
                )
            )

    with _statements(catalogue) as statements:
        answers = asyncio.run(all_at_once())
    assert [answer.json()["version"] for answer in answers[::2]] == versions
    assert [answer.json()["package_version"] for answer in answers[1::2]] == versions
    read = [each for each in statements if "schema_text" in each or "artifacts" in each]
    assert len(read) < 12
