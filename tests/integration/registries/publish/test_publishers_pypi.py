"""Publishing wheels to a real devpi."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from registry.config.credentials import PypiCredentials
from registry.config.secret import Secret
from registry.config.upstreams import Upstreams
from registry.consumers.throwaway_environments import python_environment
from registry.errors import (
    CredentialsError,
    ImmutableVersionError,
    RegistryUnreachableError,
    ReleaseError,
    UploadRefusedError,
)
from registry.local.devpi import LocalDevpi
from registry.publishers.pypi import PypiPublisher
from registry.publishers.staged_index import StagedIndex
from schemas.errors import ExitCode

from ..artifacts import LONGEST_VERSION, overlook_once, wheel_of

NewName = Callable[[str], str]


@pytest.fixture
def publisher(devpi: LocalDevpi) -> PypiPublisher:
    return PypiPublisher(
        upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=devpi.credentials
    )


def test_an_upload_can_be_looked_up_and_read_back(publisher: PypiPublisher, new_name: NewName) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.check_access("x")
    assert publisher.lookup(wheel.name, wheel.version, wheel.filename) is None
    publisher.upload(wheel)
    published = publisher.lookup(wheel.name, wheel.version, wheel.filename)
    assert published is not None
    assert published.sha256 == wheel.sha256
    assert publisher.download(wheel.name, wheel.version, wheel.filename) == wheel.content


def test_the_longest_name_and_version_are_stored(publisher: PypiPublisher, new_name: NewName) -> None:
    longest = f"{LONGEST_VERSION}.dev{2**53 - 1}"
    wheel = wheel_of(new_name("client").ljust(80, "x"), longest)
    publisher.upload(wheel)
    assert publisher.download(wheel.name, wheel.version, wheel.filename) == wheel.content


def test_names_are_normalised(publisher: PypiPublisher, new_name: NewName) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    spelled = wheel.name.replace("-", "_").upper()
    assert publisher.lookup(spelled, wheel.version, wheel.filename) is not None


def test_uploading_the_same_bytes_again_is_fine(publisher: PypiPublisher, new_name: NewName) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    publisher.upload(wheel)


def test_other_content_for_a_published_version_is_refused(
    publisher: PypiPublisher, new_name: NewName
) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    with pytest.raises(ImmutableVersionError) as caught:
        publisher.upload(wheel_of(wheel.name, content="VALUE = 2\n"))
    assert caught.value.exit_code == ExitCode.USER
    assert publisher.download(wheel.name, wheel.version, wheel.filename) == wheel.content


def test_the_index_itself_refuses_other_content(
    publisher: PypiPublisher, new_name: NewName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody uploads between our look and our form; the bytes that were first stay."""
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    overlook_once(publisher, monkeypatch)
    with pytest.raises(ImmutableVersionError):
        publisher.upload(wheel_of(wheel.name, content="VALUE = 2\n"))
    assert publisher.download(wheel.name, wheel.version, wheel.filename) == wheel.content


def test_several_versions_live_side_by_side(publisher: PypiPublisher, new_name: NewName) -> None:
    name = new_name("client")
    wheels = [wheel_of(name, version, content=f"V = {version!r}\n") for version in ("1.0.0", "2.0.0rc1")]
    for wheel in wheels:
        publisher.upload(wheel)
        publisher.set_latest(name, wheel.version)
    for wheel in wheels:
        assert publisher.download(name, wheel.version, wheel.filename) == wheel.content


@pytest.mark.parametrize("page", ["text/html", "application/vnd.pypi.simple.v1+json"])
def test_both_forms_of_the_index_are_read(
    publisher: PypiPublisher, new_name: NewName, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    monkeypatch.setattr("registry.publishers.pypi._ACCEPT", page)
    published = publisher.lookup(wheel.name, wheel.version, wheel.filename)
    assert published is not None
    assert published.sha256 == wheel.sha256


@pytest.mark.parametrize("password", ["s3kret-and-wrong", None])
def test_wrong_or_no_credentials_are_told_before_anything_is_uploaded(
    devpi: LocalDevpi, new_name: NewName, password: str | None
) -> None:
    credentials = PypiCredentials("schema", Secret(password)) if password else None
    publisher = PypiPublisher(upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=credentials)
    with pytest.raises(CredentialsError) as caught:
        publisher.check_access("x")
    message = str(caught.value)
    assert "TWINE_PASSWORD" in message
    assert ".pypirc" in message
    assert "s3kret" not in message
    assert caught.value.exit_code == ExitCode.USER
    with pytest.raises(CredentialsError):
        publisher.upload(wheel_of(new_name("client")))


def test_a_registry_that_is_down_is_safe_to_try_again(unused_port: int) -> None:
    address = f"http://127.0.0.1:{unused_port}/schema/release/"
    publisher = PypiPublisher(upload_url=address, index_url=f"{address}+simple/", credentials=None)
    with pytest.raises(RegistryUnreachableError) as caught:
        publisher.check_access("x")
    assert caught.value.exit_code == ExitCode.SERVICE
    assert address in str(caught.value)
    assert "connection refused" in str(caught.value)


def test_an_address_without_an_index_is_told(devpi: LocalDevpi) -> None:
    address = f"{devpi.url}schema/nowhere/"
    publisher = PypiPublisher(upload_url=address, index_url=devpi.index_url, credentials=devpi.credentials)
    with pytest.raises(UploadRefusedError, match="has no index at this address"):
        publisher.check_access("x")


def test_a_file_that_was_never_uploaded_can_not_be_downloaded(publisher: PypiPublisher) -> None:
    with pytest.raises(ReleaseError, match="doesn't list"):
        publisher.download("schema-client", "9.9.9", "schema_client-9.9.9-py3-none-any.whl")


def test_a_consumer_installs_it_beside_packages_from_elsewhere(
    devpi: LocalDevpi, publisher: PypiPublisher, new_name: NewName, tmp_path: Path, upstreams: Upstreams
) -> None:
    wheel = wheel_of(new_name("client"), content="VALUE = 42\n")
    publisher.upload(wheel)
    requirements = [f"{wheel.name}=={wheel.version}", "six"]
    upstream = dataclasses.replace(upstreams.python, extra_index_urls=(), find_links=())
    environment = python_environment(
        tmp_path / "env", requirements, index_url=devpi.index_url, upstream=upstream
    )
    module = wheel.name.replace("-", "_")
    assert environment.run(f"import {module}, six; print({module}.VALUE)") == "42\n"


def test_nothing_on_the_release_index_can_be_deleted(
    devpi: LocalDevpi, publisher: PypiPublisher, new_name: NewName
) -> None:
    wheel = wheel_of(new_name("client"))
    publisher.upload(wheel)
    auth = (devpi.username, devpi.password.reveal())
    answer = requests.delete(f"{devpi.upload_url}{wheel.name}/{wheel.version}", auth=auth, timeout=10)
    assert answer.status_code == 403
    assert publisher.download(wheel.name, wheel.version, wheel.filename) == wheel.content


def test_a_devpi_that_does_not_push_says_why(devpi: LocalDevpi, new_name: NewName) -> None:
    """The release index takes uploads from nobody."""
    wheel = wheel_of(new_name("client"))

    def at(url: str, index_url: str) -> PypiPublisher:
        return PypiPublisher(upload_url=url, index_url=index_url, credentials=devpi.credentials)

    staging = at(devpi.staging_url, devpi.staging_index_url)
    staging.upload(wheel)
    closed = f"{devpi.url}root/pypi/"
    index = StagedIndex(at(closed, f"{closed}+simple/"), staging)
    with pytest.raises(UploadRefusedError) as refused:
        index.promote(wheel.name, wheel.version, wheel.filename)
    (problem,) = refused.value.problems
    assert problem.code == "promotion-refused"
    assert "root/pypi" in problem.message
