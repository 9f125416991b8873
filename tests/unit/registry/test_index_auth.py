"""Logging in to a devpi once, and only to the registry itself."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from requests import PreparedRequest, Request

from registry.config.credentials import PypiCredentials
from registry.config.secret import Secret
from registry.publishers.index_auth import IndexAuth

from .fake_registry import FakeRegistry

Registries = Callable[[], FakeRegistry]
CREDENTIALS = PypiCredentials("zoë", Secret("pässword"))


def authenticated(url: str) -> PreparedRequest:
    return IndexAuth(url, CREDENTIALS)(Request("GET", url).prepare())


def header(pair: str) -> str:
    request = Request("GET", "http://x/", auth=tuple(part.encode() for part in pair.split(":"))).prepare()  # type: ignore[arg-type]
    return str(request.headers["Authorization"])


def devpi(registry: FakeRegistry, login: str, answer: object = None, status: int = 200) -> None:
    registry.answers["/+api"] = (200, {}, json.dumps({"result": {"login": login}}).encode())
    registry.answers["/+login"] = (status, {}, json.dumps({"result": answer}).encode())


def test_an_index_that_is_no_devpi_gets_the_password(registries: Registries) -> None:
    registry = registries()
    assert authenticated(registry.url).headers["Authorization"] == header("zoë:pässword")


def test_a_devpi_gets_its_token_and_is_asked_for_it_once(registries: Registries) -> None:
    registry = registries()
    devpi(registry, f"{registry.url}+login", {"password": "token", "expiration": 36000})
    auth = IndexAuth(registry.url, CREDENTIALS)
    for _ in range(3):
        request = auth(Request("GET", registry.url).prepare())
        assert request.headers["Authorization"] == header("zoë:token")
    assert [path for _, path, _ in registry.asked] == ["/+api", "/+login"]


def test_a_token_is_renewed_before_it_ends(registries: Registries) -> None:
    registry = registries()
    devpi(registry, f"{registry.url}+login", {"password": "token", "expiration": 0})
    auth = IndexAuth(registry.url, CREDENTIALS)
    for _ in range(2):
        auth(Request("GET", registry.url).prepare())
    assert [path for _, path, _ in registry.asked] == ["/+api", "/+login"] * 2


def test_the_password_is_sent_to_no_other_host(registries: Registries) -> None:
    registry, other = registries(), registries()
    devpi(registry, f"{other.url}+login", {"password": "token", "expiration": 36000})
    assert authenticated(registry.url).headers["Authorization"] == header("zoë:pässword")
    assert other.asked == []


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_login_that_fails_leaves_it_to_the_request_to_say_why(registries: Registries, status: int) -> None:
    registry = registries()
    devpi(registry, f"{registry.url}+login", None, status)
    assert authenticated(registry.url).headers["Authorization"] == header("zoë:pässword")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"result": 1}', b'{"result": {"login": 1}}'])
def test_nonsense_is_no_devpi(registries: Registries, body: bytes) -> None:
    registry = registries()
    registry.answers["/+api"] = (200, {}, body)
    assert authenticated(registry.url).headers["Authorization"] == header("zoë:pässword")
