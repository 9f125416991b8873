"""Registries of other makes, by configuration: addresses, credentials and answers as they are documented."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generators.target import Artifact
from registry.config.settings import Settings
from registry.errors import CredentialsError, ImmutableVersionError, ReleaseError, UploadRefusedError
from registry.publishers.npm import NpmPublisher
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from registry.publishers.opening import open_publishers
from registry.publishers.publisher import Maker, Publisher
from registry.publishers.pypi import PypiPublisher
from registry.publishers.several_registries import SeveralRegistries
from registry.publishers.staged_index import StagedIndex
from schemas.workspace.workspace import Workspace

from ..artifacts import overlook_once, tarball_of, wheel_of
from ..shaped_server import Headers, ShapedServer, basic, serving, shaped_server

_SECRET = "t0ken-s3kret"
_BEARER = ("Authorization", f"Bearer {_SECRET}")
_MADE = {"schemaName": "shop"}
#: Make, `auth` of both registries (None: what is usual), what each sends then, and the form of its pages.
_CASES: Mapping[str, tuple[str, str | None, tuple[tuple[str, str], ...], str]] = {
    "gitlab": ("gitlab", None, (basic("ci", _SECRET), _BEARER), "html"),
    "gitlab, personal token": ("gitlab", "private-token", (("PRIVATE-TOKEN", _SECRET),), "html"),
    "gitlab, job's token": ("gitlab", "job-token", (("JOB-TOKEN", _SECRET),), "html"),
    "artifactory": ("artifactory", None, (basic("ci", _SECRET), _BEARER), "html"),
    "artifactory, token": ("artifactory", "bearer", (_BEARER,), "html"),
    "nexus": ("nexus", None, (basic("ci", _SECRET), _BEARER), "html"),
    "nexus, pages in JSON": (
        "nexus",
        "basic",
        (basic("ci", _SECRET), ("Authorization", f"Basic {_SECRET}")),
        "json",
    ),
}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_PYPI_USERNAME", "ci")
    monkeypatch.setenv("SCHEMA_SERVICE_PYPI_PASSWORD", _SECRET)
    monkeypatch.setenv("SCHEMA_SERVICE_NPM_TOKEN", _SECRET)


def publishers(server: ShapedServer, kind: str, auth: str | None, root: Path) -> Mapping[Any, Publisher]:
    given = {"auth": auth} if auth else {}
    registries = {
        "pypi": {"url": server.upload_url, "kind": kind, **given},
        "npm": {"url": server.npm_url, **given},
    }
    return open_publishers(Workspace(root), Settings(name="shop", registries=registries))  # type: ignore[arg-type]


def artifacts(content: str = "1") -> tuple[Artifact, Artifact]:
    name = "@org/shop-client"
    return wheel_of("shop-client", content=f"V = {content}\n"), tarball_of(
        name, content=f"module.exports = {content}\n", made_from=_MADE
    )


@pytest.mark.parametrize("case", _CASES)
def test_a_life_of_two_packages(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, auth, accepted, pages = _CASES[case]
    with shaped_server(make, *accepted, pages_as=pages) as server:
        found = publishers(server, make, auth, tmp_path)
        for artifact in artifacts():
            publisher = found[artifact.kind]
            publisher.check_access(artifact.name)
            assert publisher.newest(artifact.name) is None
            publisher.upload(artifact)
            published = publisher.lookup(artifact.name, "1.0.0", artifact.filename)
            assert published is not None
            assert published.sha256 == artifact.sha256
            assert publisher.download(artifact.name, "1.0.0", artifact.filename) == artifact.content
            assert publisher.versions(artifact.name) == {"1.0.0"}
            schema_name = "shop" if artifact.kind == "npm" else None
            assert publisher.maker(artifact.name, "1.0.0") == Maker(
                is_this_tool=True, schema_name=schema_name
            )
            publisher.set_latest(artifact.name, "1.0.0")
            publisher.end_staging(artifact.name, "1.0.0")
        assert server.packuments["@org/shop-client"]["dist-tags"] == {"latest": "1.0.0"}
        for artifact in artifacts("2"):
            with pytest.raises(ImmutableVersionError):
                found[artifact.kind].upload(artifact)
        written = list(server.writes)
        for artifact in artifacts():  # somebody uploads the same between our look and our upload
            publisher = found[artifact.kind]
            assert isinstance(publisher, (NpmPublisher, PypiPublisher))
            overlook_once(publisher, monkeypatch)
            publisher.upload(artifact)
        assert server.writes == written
        assert server.undocumented == []


@pytest.mark.parametrize("make", ["gitlab", "artifactory", "nexus"])
def test_a_draft_arrives_under_its_own_tag(make: str, tmp_path: Path) -> None:
    with shaped_server(make, basic("ci", _SECRET), _BEARER) as server:
        npm = publishers(server, make, None, tmp_path)["npm"]
        npm.upload(tarball_of("@org/shop-client", "1.0.0-dev.1"))
        tags = server.packuments["@org/shop-client"]["dist-tags"]
        assert tags == {"latest": PLACEHOLDER_VERSION, "dev": "1.0.0-dev.1"}


@pytest.mark.parametrize("make", ["gitlab", "artifactory", "nexus"])
def test_wrong_credentials_are_told_without_them(make: str, tmp_path: Path) -> None:
    with shaped_server(make, ("Authorization", "other")) as server:
        for publisher in publishers(server, make, None, tmp_path).values():
            with pytest.raises(CredentialsError) as refused:
                publisher.newest("@org/shop-client")
            assert _SECRET not in str(refused.value)


def test_a_wrong_address_is_told(tmp_path: Path) -> None:
    with shaped_server("nexus", basic("ci", _SECRET), _BEARER) as server:
        registries = {"pypi": {"url": f"{server.url}/elsewhere", "kind": "nexus"}, "npm": {"url": server.url}}
        settings = Settings(name="shop", registries=registries)  # type: ignore[arg-type]
        with pytest.raises(UploadRefusedError, match="no index at this address"):
            open_publishers(Workspace(tmp_path), settings)["wheel"].check_access("shop-client")


@pytest.mark.parametrize("auth", ["basic", "bearer", "private-token", "job-token", "deploy-token"])
def test_no_header_with_a_secret_goes_where_an_index_forwards_to(auth: str, tmp_path: Path) -> None:
    """GitLab sends who asks for a project that it hasn't got to the public index."""
    heard: list[Headers] = []

    def public(_method: str, _path: str, headers: Headers, _body: bytes) -> tuple[int, str, bytes]:
        heard.append(headers)
        return 404, "text/plain", b""

    headers = {
        "basic": basic("ci", _SECRET),
        "bearer": _BEARER,
        "private-token": ("PRIVATE-TOKEN", _SECRET),
        "job-token": ("JOB-TOKEN", _SECRET),
        "deploy-token": ("Deploy-Token", _SECRET),
    }
    with (
        serving(public) as url,
        shaped_server("gitlab", headers[auth], public=f"{url}/simple/") as server,
    ):
        assert publishers(server, "gitlab", auth, tmp_path)["wheel"].newest("shop-client") is None
    (asked,) = heard
    assert not {"authorization", "private-token", "job-token", "deploy-token"} & {
        name.lower() for name in asked
    }


def test_of_several_the_first_that_has_a_file_and_answers_gives_it(tmp_path: Path) -> None:
    wheel, tarball = artifacts()
    both = (basic("ci", _SECRET), _BEARER)
    with shaped_server("nexus", *both) as server, shaped_server("artifactory", *both) as other:
        found, mirror = (
            publishers(server, "nexus", None, tmp_path),
            publishers(other, "artifactory", None, tmp_path),
        )
        for artifact in (wheel, tarball):
            several = SeveralRegistries((found[artifact.kind], mirror[artifact.kind]))
            several.upload(artifact)
            assert several.lookup(artifact.name, "1.0.0", artifact.filename) is not None
        server.wheels.clear()
        several = SeveralRegistries((found["wheel"], mirror["wheel"]))
        assert several.download(wheel.name, "1.0.0", wheel.filename) == wheel.content
        assert several.lookup(wheel.name, "1.0.0", wheel.filename) is None, "it has to be uploaded again"
        several.upload(wheel)
        assert several.lookup(wheel.name, "1.0.0", wheel.filename) is not None
        assert several.versions(wheel.name) == {"1.0.0"}
        server.accepted.clear()
        with pytest.raises(CredentialsError):
            several.check_access(wheel.name)
        with pytest.raises(CredentialsError):
            several.download(wheel.name, "1.0.0", wheel.filename)


def test_between_two_servers_a_wheel_is_promoted_byte_for_byte(tmp_path: Path) -> None:
    (wheel, _), both = artifacts(), (basic("ci", _SECRET), _BEARER)
    with shaped_server("nexus", *both) as server, shaped_server("nexus", *both) as other:
        release, staging = (publishers(each, "nexus", None, tmp_path)["wheel"] for each in (server, other))
        assert isinstance(release, PypiPublisher)
        assert isinstance(staging, PypiPublisher)
        index = StagedIndex(release, staging)
        with pytest.raises(ReleaseError, match="doesn't list"):
            index.promote(wheel.name, "1.0.0", wheel.filename)
        index.upload(wheel)
        assert (server.writes, other.writes) == ([], [wheel.filename])
        assert index.download(wheel.name, "1.0.0", wheel.filename) == wheel.content
        index.promote(wheel.name, "1.0.0", wheel.filename)
        index.promote(wheel.name, "1.0.0", wheel.filename)
        assert server.writes == other.writes == [wheel.filename]
        assert release.download(wheel.name, "1.0.0", wheel.filename) == wheel.content
        with pytest.raises(ImmutableVersionError):
            index.upload(artifacts("2")[0])
