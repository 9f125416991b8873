"""Publishing tarballs to a real Verdaccio."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import requests

from registry.config.credentials import NpmCredentials
from registry.config.secret import Secret
from registry.consumers.throwaway_environments import npm_project
from registry.errors import (
    CredentialsError,
    ImmutableVersionError,
    RegistryUnreachableError,
    ReleaseError,
    UploadRefusedError,
)
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers import npm
from registry.publishers.latest_decision import LatestDecision
from registry.publishers.npm import NpmPublisher
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from schemas.errors import ExitCode

from ..artifacts import LONGEST_VERSION, overlook_once, tarball_of

NewName = Callable[[str], str]


@pytest.fixture
def publisher(verdaccio: LocalVerdaccio) -> NpmPublisher:
    return NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)


@pytest.fixture(params=["", "@org/"], ids=["plain", "scoped"])
def name(request: pytest.FixtureRequest, new_name: NewName) -> str:
    return f"{request.param}{new_name('types')}"


def tags(verdaccio: LocalVerdaccio, name: str) -> dict[str, str]:
    answer = requests.get(f"{verdaccio.url}-/package/{quote(name, safe='@')}/dist-tags", timeout=10)
    found: dict[str, str] = answer.json()
    return found


def test_an_upload_can_be_looked_up_and_read_back(publisher: NpmPublisher, name: str) -> None:
    tarball = tarball_of(name)
    publisher.check_access(name)
    assert publisher.lookup(name, "1.0.0", tarball.filename) is None
    publisher.upload(tarball)
    published = publisher.lookup(name, "1.0.0", tarball.filename)
    assert published is not None
    assert published.sha256 == tarball.sha256
    assert publisher.download(name, "1.0.0", tarball.filename) == tarball.content


def test_the_longest_name_and_version_are_stored(publisher: NpmPublisher, name: str) -> None:
    scope, slash, bare = name.rpartition("/")
    longest = f"{scope}{slash}{bare.ljust(80, 'x')}"
    tarball = tarball_of(longest, f"{LONGEST_VERSION}-alpha.{2**53 - 1}")
    publisher.upload(tarball)
    assert publisher.download(tarball.name, tarball.version, tarball.filename) == tarball.content


def test_latest_moves_by_set_latest_alone(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str
) -> None:
    for version in ("1.0.0", "2.0.0"):
        publisher.upload(tarball_of(name, version))
        publisher.set_latest(name, version)
    publisher.upload(tarball_of(name, "3.0.0"))
    assert tags(verdaccio, name)["latest"] == "2.0.0"
    publisher.set_latest(name, "3.0.0")
    assert tags(verdaccio, name) == {"latest": "3.0.0", "staged": "3.0.0"}
    publisher.end_staging(name, "3.0.0")
    assert tags(verdaccio, name) == {"latest": "3.0.0"}
    publisher.set_latest(name, "2.0.0")
    assert tags(verdaccio, name) == {"latest": "2.0.0"}
    assert publisher.latest(name) == "2.0.0"
    publisher.set_tags(name, {"v2": "2.0.0", "v9": "9.0.0", "next": None})
    assert publisher.tags(name) == {"latest": "2.0.0", "v2": "2.0.0"}
    publisher.upload(tarball_of(name, "2.0.1"))
    publisher.set_tags(name, {"v2": "2.0.1", "next": "3.0.0"})
    publisher.end_staging(name, "2.0.1")
    assert publisher.tags(name) == {"latest": "2.0.0", "v2": "2.0.1", "next": "3.0.0"}
    publisher.upload(tarball_of(name, "1.0.1"))
    publisher.end_staging(name, "2.0.1")
    assert publisher.tags(name)["staged"] == "1.0.1", "it waits"
    publisher.end_staging(name, "1.0.1")
    assert publisher.tags(name) == {"latest": "2.0.0", "v2": "2.0.1", "next": "3.0.0"}
    publisher.set_tags(name, {"next": None})
    assert publisher.tags(name) == {"latest": "2.0.0", "v2": "2.0.1"}


def test_latest_never_means_a_version_that_is_not_there(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str
) -> None:
    assert publisher.latest(name) is None
    publisher.set_latest(name, "1.0.0")
    publisher.upload(tarball_of(name))
    publisher.set_latest(name, "2.0.0")
    assert tags(verdaccio, name) == {"latest": PLACEHOLDER_VERSION, "staged": "1.0.0"}
    assert publisher.latest(name) is None


def test_installed_by_range_or_by_mistake_the_placeholder_says_what_it_is(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str, tmp_path: Path
) -> None:
    publisher.upload(tarball_of(name, content="module.exports = 42;\n"))
    use = f"try {{ console.log(require({json.dumps(name)})) }} catch (error) {{ console.log(error.message) }}"
    unpinned = npm_project(tmp_path / "unpinned", [name], registry=verdaccio.url)
    assert "the first release of" in unpinned.run(use, kind="commonjs")
    ranged = npm_project(tmp_path / "ranged", [f"{name}@>=0.0.0"], registry=verdaccio.url)
    assert ranged.run(use, kind="commonjs") == "42\n"


def test_a_decision_about_latest_is_shown_by_one_tag(publisher: NpmPublisher, name: str) -> None:
    for version in ("1.0.0", "1.1.0"):
        publisher.upload(tarball_of(name, version))
    for number, version in ((1, "1.0.0"), (1, "1.1.0"), (2, "1.0.0")):
        publisher.show_decision(name, LatestDecision(number, version))
        assert publisher.decisions(name) == [LatestDecision(number, version)]
    publisher.show_decision(name, LatestDecision(3, "9.0.0"))
    assert publisher.decisions(name) == [LatestDecision(2, "1.0.0")], "it hasn't got that version"
    assert publisher.is_staged(name, "1.1.0")
    assert not publisher.is_staged(name, "1.0.0")


def test_a_withdrawn_version_is_deprecated_and_nothing_can_be_removed(
    publisher: NpmPublisher, name: str, verdaccio: LocalVerdaccio
) -> None:
    for version in ("1.0.0", "1.1.0"):
        publisher.upload(tarball_of(name, version))
    for text in ("withdrawn: loses rows", "withdrawn: more", None, None):
        assert publisher.mark_withdrawn(name, "1.1.0", text)
        assert publisher.withdrawal(name, "1.1.0") == text
    headers = {"Authorization": f"Bearer {verdaccio.token.reveal()}"}
    address = f"{verdaccio.url}{quote(name, safe='@')}"
    packument = requests.get(address, timeout=10).json()
    less = {**packument, "versions": {"1.1.0": {**packument["versions"]["1.1.0"], "deprecated": "x"}}}
    revision = packument["_rev"]
    for method, path, body in (
        ("PUT", address, {**less, "_attachments": {}}),
        ("PUT", f"{address}/-rev/{revision}", less),
        ("DELETE", f"{address}/-rev/{revision}", None),
        ("DELETE", f"{verdaccio.url}{name}/-/{name.rpartition('/')[2]}-1.0.0.tgz/-rev/{revision}", None),
    ):
        refused = requests.request(method, path, json=body, headers=headers, timeout=10)
        assert refused.status_code == 403, (method, path, refused.text)
        assert "versions are never removed" in refused.text
    assert requests.get(address, timeout=10).json()["versions"].keys() == packument["versions"].keys()
    nobody = NpmPublisher(url=verdaccio.url, credentials=NpmCredentials("Bearer", Secret("wrong")))
    with pytest.raises(UploadRefusedError) as refusal:
        nobody.mark_withdrawn(name, "1.1.0", "withdrawn: x")
    assert refusal.value.problems[0].code == "deprecation-refused"


def test_an_older_line_can_be_published_after_a_newer_one(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str
) -> None:
    publisher.upload(tarball_of(name, "2.0.0"))
    publisher.set_latest(name, "2.0.0")
    publisher.upload(tarball_of(name, "1.0.1"))
    publisher.upload(tarball_of(name, "3.0.0-rc.1"))
    assert tags(verdaccio, name)["latest"] == "2.0.0"


def test_uploading_the_same_bytes_again_is_fine(publisher: NpmPublisher, name: str) -> None:
    publisher.upload(tarball_of(name))
    publisher.upload(tarball_of(name))


def test_the_upload_of_somebody_else_is_seen_where_packuments_are_kept(
    publisher: NpmPublisher, verdaccio: LocalVerdaccio, new_name: NewName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for again and again, and each time anew."""
    tarball = tarball_of(new_name("types"))
    publisher.upload(tarball_of(tarball.name, "0.9.0"))
    other = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    refused, waits = requests.Response(), iter([lambda _: None, other.upload])
    refused.status_code = 409
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: next(waits, other.upload)(tarball))
    monkeypatch.setattr(npm, "time", clock)
    monkeypatch.setattr(publisher._registry, "send", lambda *_, **__: refused)
    with publisher.packuments_kept():
        publisher.upload(tarball)


def test_other_content_for_a_published_version_is_refused(publisher: NpmPublisher, name: str) -> None:
    tarball = tarball_of(name)
    publisher.upload(tarball)
    with pytest.raises(ImmutableVersionError) as caught:
        publisher.upload(tarball_of(name, content="module.exports = 2;\n"))
    assert caught.value.exit_code == ExitCode.USER
    assert publisher.download(name, "1.0.0", tarball.filename) == tarball.content


def test_the_registry_itself_refuses_other_content(
    publisher: NpmPublisher, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody uploads between our look and our PUT; what is stored stays what it was (verdaccio#874)."""
    tarball = tarball_of(name)
    publisher.upload(tarball)
    overlook_once(publisher, monkeypatch)
    with pytest.raises(ImmutableVersionError):
        publisher.upload(tarball_of(name, content="module.exports = 2;\n"))
    assert publisher.download(name, "1.0.0", tarball.filename) == tarball.content


def test_the_manifest_and_its_digests_are_the_tarballs_own(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str
) -> None:
    publisher.upload(tarball_of(name))
    listed = requests.get(f"{verdaccio.url}{quote(name, safe='@')}", timeout=10).json()
    version = listed["versions"]["1.0.0"]
    assert version["main"] == "./index.cjs"
    assert version["dist"]["integrity"].startswith("sha512-")
    assert listed["readme"].strip() == "# Package"


def test_a_token_that_nobody_issued_is_told_before_anything_is_uploaded(verdaccio: LocalVerdaccio) -> None:
    publisher = NpmPublisher(url=verdaccio.url, credentials=NpmCredentials("Bearer", Secret("s3kret.x.y")))
    with pytest.raises(CredentialsError) as caught:
        publisher.check_access("x")
    message = str(caught.value)
    assert "NODE_AUTH_TOKEN" in message
    assert ".npmrc" in message
    assert "s3kret" not in message
    assert caught.value.exit_code == ExitCode.USER


def test_no_credentials_are_told(verdaccio: LocalVerdaccio, name: str) -> None:
    publisher = NpmPublisher(url=verdaccio.url, credentials=None)
    with pytest.raises(CredentialsError, match="asks for credentials"):
        publisher.check_access("x")
    with pytest.raises(CredentialsError):
        publisher.upload(tarball_of(name))


def test_a_registry_that_is_down_is_safe_to_try_again(unused_port: int) -> None:
    publisher = NpmPublisher(url=f"http://127.0.0.1:{unused_port}", credentials=None)
    with pytest.raises(RegistryUnreachableError, match="connection refused") as caught:
        publisher.check_access("x")
    assert caught.value.exit_code == ExitCode.SERVICE


def test_a_version_that_was_never_uploaded_can_not_be_downloaded(publisher: NpmPublisher) -> None:
    with pytest.raises(ReleaseError, match="doesn't list"):
        publisher.download("@org/schema-client", "9.9.9", "org-schema-client-9.9.9.tgz")


def test_basic_credentials_work_too(verdaccio: LocalVerdaccio, name: str, tmp_path: Path) -> None:
    pair = base64.b64encode(b"nobody:wrong").decode()
    publisher = NpmPublisher(url=verdaccio.url, credentials=NpmCredentials("Basic", Secret(pair)))
    with pytest.raises(CredentialsError):
        publisher.check_access("x")


def test_a_consumer_installs_it(
    verdaccio: LocalVerdaccio, publisher: NpmPublisher, name: str, tmp_path: Path
) -> None:
    publisher.upload(tarball_of(name, content="module.exports = 42;\n"))
    publisher.set_latest(name, "1.0.0")
    project = npm_project(tmp_path / "app", [f"{name}@1.0.0"], registry=verdaccio.url)
    assert project.run(f"console.log(require({json.dumps(name)}))", kind="commonjs") == "42\n"
