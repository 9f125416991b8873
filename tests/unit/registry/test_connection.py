"""HTTP to a registry: where credentials go, and what each failure is called."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from requests.auth import HTTPBasicAuth

from generators.file_tree import FileTree
from generators.metadata import package_json
from generators.packing import pack
from generators.target import Artifact, Package
from registry.config.credentials import NpmCredentials
from registry.config.secret import Secret
from registry.errors import (
    CredentialsError,
    RegistryError,
    RegistryUnreachableError,
    ReleaseError,
    UploadRefusedError,
)
from registry.publishers.connection import Connection
from registry.publishers.npm import NpmPublisher
from registry.publishers.pypi import PypiPublisher

from .fake_registry import FakeRegistry


def connection(url: str) -> Connection:
    auth = HTTPBasicAuth("me", "s3kret")
    return Connection(url, kind="registry", auth=auth, credentials_fix="set THEM")


def test_credentials_stay_with_the_registry(registries: Callable[[], FakeRegistry]) -> None:
    own, other = registries(), registries()
    other.answers["/file"] = (200, {}, b"content")
    own.answers["/file"] = (302, {"Location": f"{other.url}file"}, b"")
    assert connection(own.url).get(f"{own.url}file").content == b"content"
    assert connection(own.url).get(f"{other.url}file").content == b"content"
    assert all(authorization for _, _, authorization in own.asked)
    assert [authorization for _, _, authorization in other.asked] == [None, None]


def test_of_an_index_only_the_page_of_our_own_project_is_asked_for(
    registries: Callable[[], FakeRegistry],
) -> None:
    """The list of all projects of an index that mirrors another one has tens of megabytes."""
    index = registries()
    index.answers["/"] = (400, {}, b"not a form")
    publisher = PypiPublisher(upload_url=index.url, index_url=f"{index.url}simple/", credentials=None)
    publisher.check_access("Schema_Client")
    publisher.newest("Schema_Client")
    pages = [path for method, path, _ in index.asked if method == "GET" and path.startswith("/simple")]
    assert pages == ["/simple/schema-client/"] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_to_where_a_registry_redirects(
    registries: Callable[[], FakeRegistry], status: int
) -> None:
    own, other = registries(), registries()
    own.answers["/"] = (status, {"Location": "http://me:s3kret@elsewhere.example.org/x?token=t0ken"}, b"")
    with pytest.raises(UploadRefusedError, match="points to") as caught:
        connection(own.url).send("PUT", own.url, json={"a": "b"})
    assert "elsewhere.example.org/x" in str(caught.value)
    assert "s3kret" not in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert other.asked == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, CredentialsError),
        (403, CredentialsError),
        (429, RegistryUnreachableError),
        (500, RegistryUnreachableError),
        (503, RegistryUnreachableError),
    ],
)
def test_each_status_has_its_error(
    registries: Callable[[], FakeRegistry], status: int, expected: type[RegistryError]
) -> None:
    own = registries()
    own.answers["/"] = (status, {}, b"<html>s3kret</html>")
    with pytest.raises(expected) as caught:
        connection(own.url).get(own.url)
    assert "s3kret" not in str(caught.value)
    assert own.url in str(caught.value)


@pytest.mark.parametrize("url", ["http://does-not-exist.invalid/", "https://127.0.0.1:1/"])
def test_an_unreachable_registry_is_told_without_any_secret(url: str) -> None:
    with pytest.raises(RegistryUnreachableError) as caught:
        connection(url).get(url)
    assert "s3kret" not in str(caught.value)


def test_a_registry_that_does_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.publishers.connection.TIMEOUT_SECONDS", (1.0, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(RegistryUnreachableError, match="in time"):
            connection(url).get(url)


def test_a_plain_server_behind_https_is_no_certificate_of_trust(
    registries: Callable[[], FakeRegistry],
) -> None:
    own = registries()
    with pytest.raises(RegistryUnreachableError):
        connection(own.url.replace("http:", "https:")).get(own.url.replace("http:", "https:"))


def test_a_netrc_is_nobodys_business(
    registries: Callable[[], FakeRegistry], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = registries()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3kret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    Connection(own.url, kind="registry", auth=None, credentials_fix="").get(own.url)
    assert own.asked == [("GET", "/", None)]


def tarball(content: str = "") -> Artifact:
    manifest = package_json({"name": "x", "version": "1.0.0"})
    files = FileTree({"package.json": manifest, "index.js": content})
    return pack(Package(language="node", kind="npm", name="x", version="1.0.0", files=files))


@pytest.mark.parametrize("dist", [{"integrity": "sha512-AAAA"}, {"shasum": "00"}, {"integrity": "sha512-?"}])
def test_a_registry_whose_digest_does_not_fit_its_file_is_told(
    registries: Callable[[], FakeRegistry], dist: dict[str, str]
) -> None:
    """What a refused republish once did to Verdaccio (verdaccio#874)."""
    own, artifact = registries(), tarball()
    listed = {"versions": {"1.0.0": {"dist": {"tarball": f"{own.url}x.tgz", **dist}}}}
    own.answers["/x"] = (200, {}, package_json(listed).encode())
    own.answers["/x.tgz"] = (200, {}, artifact.content)
    publisher = NpmPublisher(url=own.url, credentials=NpmCredentials("Bearer", Secret("t0ken")))
    with pytest.raises(ReleaseError, match="another digest"):
        publisher.lookup("x", "1.0.0", artifact.filename)
    with pytest.raises(ReleaseError, match="another digest"):
        publisher.upload(artifact)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"versions": []}', b'{"versions": {"1.0.0": {"dist": 1}}}'])
def test_a_packument_of_nonsense_lists_nothing(registries: Callable[[], FakeRegistry], body: bytes) -> None:
    own = registries()
    own.answers["/x"] = (200, {}, body)
    assert NpmPublisher(url=own.url, credentials=None).lookup("x", "1.0.0", "x-1.0.0.tgz") is None


@pytest.mark.parametrize(
    "page",
    [
        ("application/vnd.pypi.simple.v1+json", b"{"),
        ("application/vnd.pypi.simple.v1+json", b'{"files": [1]}'),
        ("text/html", b"<a>no address</a><a href=''>"),
    ],
)
def test_an_index_of_nonsense_lists_nothing(
    registries: Callable[[], FakeRegistry], page: tuple[str, bytes]
) -> None:
    own = registries()
    own.answers["/simple/x/"] = (200, {"Content-Type": page[0]}, page[1])
    publisher = PypiPublisher(upload_url=own.url, index_url=f"{own.url}simple", credentials=None)
    assert publisher.lookup("X", "1.0.0", "x-1.0.0-py3-none-any.whl") is None


def test_an_index_without_digests_is_read_by_its_bytes(registries: Callable[[], FakeRegistry]) -> None:
    own = registries()
    own.answers["/simple/x/"] = (200, {"Content-Type": "text/html"}, b'<a href="../../f/x%2B1.whl">x</a>')
    own.answers["/f/x%2B1.whl"] = (200, {}, b"wheel")
    publisher = PypiPublisher(upload_url=own.url, index_url=f"{own.url}simple", credentials=None)
    published = publisher.lookup("x", "1", "x+1.whl")
    assert published is not None
    assert published.sha256 == hashlib.sha256(b"wheel").hexdigest()
