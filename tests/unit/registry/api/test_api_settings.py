"""The table [api]: what it takes, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient
from starlette.types import Message, Send

from registry.api.operating.stopping import EndStreams
from registry.config.settings import load_settings
from registry.errors import SettingsError
from schemas.workspace.init_workspace import create_workspace

from ....documented_page import blocks
from .conftest import bearer
from .issuer import Issuer

_TRUSTED = """[api.trusted.ci]
issuer = "https://gitlab.example"
audience = "schema-service"
claims = { project_path = "org/schemas" }
scopes = ["publish"]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    create_workspace(tmp_path / "team", name="team", sample=False)
    return tmp_path / "team"


def with_settings(workspace: Path, text: str) -> Path:
    with (workspace / "schema-service.toml").open("a") as file:
        file.write(f"\n{text}")
    return workspace


@pytest.mark.parametrize(
    "text",
    [
        '[api]\nhosts = ["https://schemas.example"]',
        '[api]\nhosts = ["schemas.example:80"]',
        '[api]\nproxies = ["*"]',
        '[api]\nproxies = ["10.0.0.1/8"]',
        '[api]\ncors_origins = ["https://pages.example/a"]',
        '[api]\ncors_origins = ["pages.example"]',
        '[api]\ncors_origins = ["https://pages.example:99999"]',
        _TRUSTED.replace("gitlab.example", "gitlab.example:99999"),
        '[api]\nreads = "maybe"',
        "[api.limits]\nrequests_a_minute = 0",
        _TRUSTED.replace("https://gitlab.example", "http://gitlab.example"),
        _TRUSTED.replace("https://gitlab.example", "https://user@gitlab.example"),
        _TRUSTED.replace('{ project_path = "org/schemas" }', "{}"),
        _TRUSTED.replace('["publish"]', "[]"),
        _TRUSTED.replace("publish", "write"),
        _TRUSTED.replace('"schema-service"', '""'),
        # Anybody's jobs have a branch that is called main.
        _TRUSTED.replace("https://gitlab.example", "https://gitlab.com").replace("project_path", "ref"),
        _TRUSTED.replace("https://gitlab.example", "https://token.actions.githubusercontent.com"),
    ],
)
def test_what_would_open_the_service_by_mistake_is_refused(workspace: Path, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(with_settings(workspace, text))
    for problem in refused.value.problems:
        assert problem.code == "invalid-setting"
        assert problem.message.startswith("'api.")


def test_lists_are_variables_too(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_API__HOSTS", "A.example, *.b.example")
    monkeypatch.setenv("SCHEMA_SERVICE_API__PROXIES", "10.0.0.0/8,::1")
    monkeypatch.setenv("SCHEMA_SERVICE_API__LIMITS__WRITES_A_MINUTE", "5")
    api = load_settings(workspace).api
    assert (api.hosts, api.proxies) == (("a.example", "*.b.example"), ("10.0.0.0/8", "::1/128"))
    assert api.limits.writes_a_minute == 5


@pytest.mark.parametrize("page", ["run-the-service.md", "tokens.md"])
def test_the_settings_on_the_pages_are_valid(workspace: Path, page: str) -> None:
    for text in blocks(page, "toml"):
        with_settings(workspace, text)
    assert load_settings(workspace).api.model_fields_set
    assert blocks(page, "yaml")
    for text in blocks(page, "yaml"):
        assert yaml.safe_load(text)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_the_jobs_on_the_page_are_trusted(
    workspace: Path, serve: Callable[..., TestClient], issuer: Issuer, name: str
) -> None:
    (text,) = blocks("tokens.md", "toml")
    table = load_settings(with_settings(workspace, text)).api.trusted[name]
    client = serve(trusted={name: table.model_dump() | {"issuer": issuer.url}}, reads="closed")
    claims = {
        claim: wanted if isinstance(wanted, str) else wanted[0]  # type: ignore[index]
        for claim, wanted in table.claims.items()
    }
    assert client.get("/versions", headers=bearer(issuer.token(**claims))).status_code == 200
    for claim in claims:
        other = issuer.token(**{**claims, claim: "other"})
        assert client.get("/versions", headers=bearer(other)).status_code == 401, claim


def test_a_stream_ends_between_events_and_anything_else_is_cancelled_as_ever() -> None:
    async def ended(content_type: bytes, *, stops: bool) -> list[Message]:
        sent: list[Message] = []
        stopping, begun = asyncio.Event(), asyncio.Event()

        async def application(_scope: object, _receive: object, send: Send) -> None:
            headers = [(b"content-type", content_type)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"id: 1\n\n", "more_body": True})
            begun.set()
            await asyncio.Event().wait()

        async def send(message: Message) -> None:
            sent.append(message)

        task = asyncio.create_task(EndStreams(application, stopping)({"type": "http"}, None, send))  # type: ignore[arg-type]
        await begun.wait()
        if stops:
            stopping.set()
        else:
            task.cancel()
        await task
        return sent

    sent = asyncio.run(ended(b"text/event-stream; charset=utf-8", stops=True))
    assert sent[1:] == [
        {"type": "http.response.body", "body": b"id: 1\n\n", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]
    for content_type in (b"text/event-stream", b"application/json"):
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(ended(content_type, stops=False))
