"""Where credentials come from, in which order, and that nothing shows them."""

from __future__ import annotations

import base64
import copy
import pickle
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from registry.config.credentials import (
    PYPI_CREDENTIALS_FIX,
    NpmCredentials,
    PypiCredentials,
    credentials_fix,
    npm_credentials,
    pypi_credentials,
)
from registry.config.secret import Secret, scrubbed
from registry.errors import SettingsError

URL = "https://packages.example.org/team/release/"
LOCAL = "http://127.0.0.1:3141/schema/release/"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's own keyring stays out of the tests."""
    use_keyring(monkeypatch, lambda url, user: None)
    return iter(())


def use_keyring(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    module = ModuleType("keyring")
    module.get_credential = answer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)


def python(url: str = URL, home: Path = Path("/nowhere"), **environment: str) -> PypiCredentials | None:
    local = {LOCAL: PypiCredentials("schema", Secret("local"))}
    return pypi_credentials(url, local=local, environment=environment, home=home)


def node(url: str = URL, home: Path = Path("/nowhere"), **environment: str) -> NpmCredentials | None:
    local = {LOCAL: NpmCredentials("Bearer", Secret("local"))}
    return npm_credentials(url, local=local, environment=environment, home=home)


def test_nothing_anywhere_is_none() -> None:
    assert python() is None
    assert node() is None


def test_our_own_variables_win() -> None:
    found = python(
        LOCAL,
        SCHEMA_SERVICE_PYPI_USERNAME="ours",
        SCHEMA_SERVICE_PYPI_PASSWORD="1",
        TWINE_USERNAME="twine",
        TWINE_PASSWORD="2",
    )
    assert found == PypiCredentials("ours", Secret("1"))
    assert node(LOCAL, SCHEMA_SERVICE_NPM_TOKEN="1", NODE_AUTH_TOKEN="2") == NpmCredentials(
        "Bearer", Secret("1")
    )


def test_a_local_server_is_given_its_own_credentials_before_everybodys() -> None:
    assert python(LOCAL, TWINE_PASSWORD="for another index") == PypiCredentials("schema", Secret("local"))
    assert node(LOCAL.rstrip("/"), NODE_AUTH_TOKEN="for another registry") == NpmCredentials(
        "Bearer", Secret("local")
    )


def test_local_credentials_leave_this_machine_for_nobody() -> None:
    local = {URL: PypiCredentials("schema", Secret("local"))}
    assert pypi_credentials(URL, local=local, environment={}, home=Path("/nowhere")) is None


def test_a_password_alone_is_a_token() -> None:
    assert python(TWINE_PASSWORD="token") == PypiCredentials("__token__", Secret("token"))
    assert python(TWINE_USERNAME="name alone") is None


@pytest.mark.parametrize("repository", [URL, URL.rstrip("/")])
def test_the_section_of_pypirc_with_this_repository_is_used(tmp_path: Path, repository: str) -> None:
    (tmp_path / ".pypirc").write_text(
        "[distutils]\nindex-servers = a\n  b\n"
        "[a]\nrepository = https://other.example.org/\nusername = a\npassword = wrong\n"
        f"[b]\nrepository = {repository}\nusername = b\npassword = 100%right\n"
    )
    assert python(home=tmp_path) == PypiCredentials("b", Secret("100%right"))


@pytest.mark.parametrize("content", [b"[broken", b"\xff\xfe", b"[a]\nrepository = https://x.example.org\n"])
def test_a_pypirc_that_does_not_help_is_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".pypirc").write_bytes(content)
    assert python(home=tmp_path) is None


def test_the_keyring_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(url: str, user: str | None) -> SimpleNamespace:
        asked.append((url, user))
        return SimpleNamespace(username="kept", password="in the ring")

    use_keyring(monkeypatch, answer)
    assert python(TWINE_PASSWORD="x") == PypiCredentials("__token__", Secret("x"))
    assert asked == []
    assert python() == PypiCredentials("kept", Secret("in the ring"))
    assert asked == [(URL, None)]


def test_a_keyring_that_waits_for_somebody_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.config.keyring_lookup._WAIT_SECONDS", 0.05)
    answered = threading.Event()

    def answer(url: str, user: str | None) -> SimpleNamespace:
        answered.wait(60)
        return SimpleNamespace(username="late", password="in the ring")

    use_keyring(monkeypatch, answer)
    assert python() is None
    answered.set()


def test_a_keyring_that_fails_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(url: str, user: str | None) -> None:
        raise RuntimeError("no back end")

    use_keyring(monkeypatch, fail)
    assert python() is None


def test_the_longest_path_in_npmrc_wins(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text(
        "; a comment\n# //packages.example.org/team/release/:_authToken=commented\n"
        "registry=https://other.example.org/\n"
        "//other.example.org/:_authToken=other\n"
        "//packages.example.org/:_authToken=host\n"
        "//packages.example.org/team/:_authToken = team\n"
    )
    assert node(home=tmp_path) == NpmCredentials("Bearer", Secret("team"))
    assert node("https://packages.example.org", home=tmp_path) == NpmCredentials("Bearer", Secret("host"))
    assert node("https://packages.example.org:8443/", home=tmp_path) is None
    assert node("https://packages.example.org.evil.example/", home=tmp_path) is None


def test_variables_in_npmrc_are_expanded(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text("//packages.example.org/:_authToken=${TEAM_TOKEN}\n")
    assert node(home=tmp_path, TEAM_TOKEN="from the variable") == NpmCredentials(
        "Bearer", Secret("from the variable")
    )
    assert node(home=tmp_path) is None


@pytest.mark.parametrize(
    ("written", "environment", "token"),
    [
        ("${TOKEN?}", {"TOKEN": "t"}, "t"),
        ("${TOKEN?}", {}, None),
        ("${TOKEN}", {}, None),
        ("${TOKEN-default}", {}, None),
        ("${TOKEN-default}", {"TOKEN": "t"}, None),
        ("${TOKEN-default}", {"TOKEN-default": "t"}, "t"),
        ("a${X}b${Y?}c", {"X": "1", "Y": "2"}, "a1b2c"),
        (r"\\${X}", {"X": "1"}, r"\1"),
        (r"\${X}", {"X": "1"}, "${X}"),
        ("$X", {"X": "1"}, "$X"),
    ],
)
def test_variables_in_npmrc_mean_what_they_mean_to_npm(
    tmp_path: Path, written: str, environment: dict[str, str], token: str | None
) -> None:
    """The rule of npm's @npmcli/config, lib/env-replace.js; a variable that isn't set makes no token."""
    (tmp_path / ".npmrc").write_text(f"//packages.example.org/:_authToken={written}\n")
    expected = NpmCredentials("Bearer", Secret(token)) if token else None
    assert node(home=tmp_path, **environment) == expected


def test_a_user_and_a_password_in_npmrc_make_a_basic_header(tmp_path: Path) -> None:
    password = base64.b64encode(b"word").decode()
    (tmp_path / ".npmrc").write_text(
        f"//packages.example.org/:username=me\n//packages.example.org/:_password={password}\n"
    )
    expected = base64.b64encode(b"me:word").decode()
    assert node(home=tmp_path) == NpmCredentials("Basic", Secret(expected))
    (tmp_path / ".npmrc").write_text("//packages.example.org/:_auth=cGFpcg==\n")
    assert node(home=tmp_path) == NpmCredentials("Basic", Secret("cGFpcg=="))


def test_the_projects_npmrc_is_read_before_the_users(tmp_path: Path) -> None:
    for name in ("home", "project"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".npmrc").write_text(f"//packages.example.org/:_authToken={name}\n")
    found = npm_credentials(URL, environment={}, home=tmp_path / "home", project=tmp_path / "project")
    assert found == NpmCredentials("Bearer", Secret("project"))
    elsewhere = {"NPM_CONFIG_USERCONFIG": str(tmp_path / "project" / ".npmrc")}
    found = npm_credentials(URL, environment=elsewhere, home=tmp_path / "home")
    assert found == NpmCredentials("Bearer", Secret("project"))


@pytest.mark.parametrize(
    "url", ["", "ftp://host/", "https://", "https://host:port/", "https://a b/", "https://me:s3kret@host/"]
)
def test_what_is_no_address_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        pypi_credentials(url, environment={})
    assert "s3kret" not in str(caught.value)


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret("s3kret")
    credentials = (PypiCredentials("me", secret), NpmCredentials("Bearer", secret))
    shown = f"{secret} {secret!r} {credentials}"
    assert "s3kret" not in shown
    assert secret.reveal() == "s3kret"
    for write_down in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write_down(secret)


def test_scrubbing_takes_out_every_secret() -> None:
    assert scrubbed("a s3kret and a t0ken", Secret("s3kret"), Secret("t0ken"), Secret("")) == "a … and a …"


def test_what_names_no_registry_is_for_the_first_only() -> None:
    """Another host must not learn the first one's password."""
    general = {
        "SCHEMA_SERVICE_PYPI_PASSWORD": "general",
        "TWINE_PASSWORD": "general",
        "SCHEMA_SERVICE_NPM_TOKEN": "general",
        "NODE_AUTH_TOKEN": "general",
    }
    own = {
        "SCHEMA_SERVICE_PYPI_EU_WEST_USERNAME": "me",
        "SCHEMA_SERVICE_PYPI_EU_WEST_PASSWORD": "own",
        "SCHEMA_SERVICE_NPM_EU_WEST_TOKEN": "own",
    }
    nowhere = Path("/nowhere")
    for variables, expected in ((general, None), ({**general, **own}, "own")):
        index = pypi_credentials(URL, name="eu-west", is_first=False, environment=variables, home=nowhere)
        registry = npm_credentials(URL, name="eu-west", is_first=False, environment=variables, home=nowhere)
        assert (index and index.password.reveal()) == expected
        assert (registry and registry.secret.reveal()) == expected
    first = pypi_credentials(URL, name="eu-west", environment={**general, **own}, home=nowhere)
    assert first == PypiCredentials("me", Secret("own")), "its own come first"
    unnamed = pypi_credentials(URL, is_first=False, environment={**general, **own}, home=nowhere)
    assert unnamed is None


def test_the_fix_names_the_variables_of_the_registry() -> None:
    assert credentials_fix("pypi", None, is_first=True) == PYPI_CREDENTIALS_FIX
    assert "SCHEMA_SERVICE_PYPI_EU_WEST_PASSWORD" in credentials_fix("pypi", "eu-west", is_first=False)
    assert "SCHEMA_SERVICE_NPM_EU_WEST_TOKEN" in credentials_fix("npm", "eu-west", is_first=True)
    unnamed = credentials_fix("npm", None, is_first=False)
    assert 'name = "mirror"' in unnamed
    assert "NODE_AUTH_TOKEN" not in unnamed
