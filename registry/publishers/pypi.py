"""Publishes wheels to any index that accepts the legacy upload form and serves the simple repository API.

Rules: the upload API and the simple repository API (PEP 503, PEP 691) at packaging.python.org. The form is
twine's; it is sent from here, because twine prints its progress and has no timeout.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import requests
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version
from requests.auth import AuthBase
from requests_toolbelt import MultipartEncoder  # type: ignore[import-untyped]
from twine.exceptions import TwineException
from twine.package import PackageFile

from generators.packing.wheel import WHEEL_GENERATOR
from generators.target import Artifact

from ..config.addresses import checked_url
from ..config.credentials import PYPI_CREDENTIALS_FIX, PypiCredentials
from ..config.settings import AuthKind
from ..errors import CredentialsError
from .connection import Connection, response_summary
from .header_auth import index_auth
from .index_auth import IndexAuth
from .latest_decision import LatestDecision
from .publisher import ListedSignatures, Maker, PublishedFile, digest_mismatch, not_published, version_taken

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class PypiPublisher:
    """``upload_url`` accepts the form, ``index_url`` is what pip reads; ``auth`` is how the credentials are
    sent.

    A server that ``is_devpi`` is logged in to; the addresses of others have no slash at their end where
    ``upload_url`` has none.
    """

    def __init__(
        self,
        *,
        upload_url: str,
        index_url: str,
        credentials: PypiCredentials | None,
        auth: AuthKind = "basic",
        is_devpi: bool = True,
        credentials_fix: str = PYPI_CREDENTIALS_FIX,
    ) -> None:
        sent: AuthBase | None = None
        if credentials:
            logs_in = is_devpi and auth == "basic"
            sent = (
                IndexAuth(checked_url(upload_url), credentials) if logs_in else index_auth(credentials, auth)
            )
        self._uploads = _connection(upload_url, sent, credentials_fix)
        self._index = _connection(index_url, sent, credentials_fix)
        self._form_url = self._uploads.url if is_devpi else upload_url

    @property
    def url(self) -> str:
        return self._uploads.url

    @property
    def registries(self) -> tuple[PypiPublisher, ...]:
        return (self,)

    @property
    def is_hidden(self) -> bool:
        """No: pip takes the highest version that there is."""
        return False

    @property
    def uploads(self) -> Connection:
        """To where uploads go."""
        return self._uploads

    def check_access(self, name: str) -> None:
        """Send a form without a file: every index checks the credentials before it rejects the form."""
        self._index.probe(self._page_of(name))
        form = {":action": "schema-service-access-check"}
        response = self._uploads.send("POST", self._form_url, data=form)
        if response.status_code == 404:
            raise self._uploads.refused(
                "no-such-index",
                "has no index at this address",
                "correct the url under [registries.pypi]; it is the address that uploads go to",
            )

    def lookup(self, name: str, version: str, filename: str) -> PublishedFile | None:
        listed = self._list_of(name).get(filename)
        if listed is None:
            return None
        url, sha256 = listed
        if sha256 is None:
            sha256 = hashlib.sha256(self._fetch(name, version, url)).hexdigest()
        return PublishedFile(name=name, version=version, filename=filename, url=url, sha256=sha256)

    def upload(self, artifact: Artifact) -> None:
        if self._is_published(artifact):
            return
        form = _upload_form(artifact, self._uploads)
        try:
            response = self._uploads.send(
                "POST", self._form_url, data=form, headers={"Content-Type": form.content_type}
            )
        except CredentialsError:
            # Some refuse (403) a file that is there as they refuse credentials.
            if self._is_published(artifact):
                return
            raise
        # The index refuses our form if somebody uploaded since the lookup; the bytes decide.
        if response.ok or self._is_published(artifact):
            return
        raise self._uploads.refused(
            "upload-refused",
            f"refuses {artifact.filename} ({response_summary(response)})",
            "fix what it names; for 404, correct the url under [registries.pypi]",
        )

    def is_waiting(self, name: str, version: str, filename: str) -> bool:  # noqa: ARG002 - the protocol's
        """No: what is in an index is seen."""
        return False

    def download(self, name: str, version: str, filename: str) -> bytes:
        listed = self._list_of(name).get(filename)
        if listed is None:
            raise not_published(name, version, self._index.name)
        url, sha256 = listed
        content = self._fetch(name, version, url)
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise digest_mismatch(name, version, self._index.name)
        return content

    def newest(self, name: str) -> str | None:
        versions = [version for file in self._list_of(name) if (version := _version_of(file))]
        return str(max(versions)) if versions else None

    def versions(self, name: str) -> frozenset[str]:
        return frozenset(str(version) for file in self._list_of(name) if (version := _version_of(file)))

    def promote(self, name: str, version: str, filename: str) -> None:
        """Nothing to do: it was visible from the upload on."""

    def maker(self, name: str, version: str) -> Maker:
        """By ``Generator`` in the wheel's own metadata; a version that also has other files isn't ours."""
        files = [file for file in self._list_of(name) if str(_version_of(file)) == version]
        return Maker(is_this_tool=all(_is_ours(self.download(name, version, file)) for file in files))

    def signatures(self, name: str, version: str) -> ListedSignatures:  # noqa: ARG002 - the protocol's
        """None: a Python index lists digests only."""
        return ListedSignatures()

    def packument(self, name: str) -> dict[str, Any]:  # noqa: ARG002 - the protocol's
        """Empty: that is npm's."""
        return {}

    def latest(self, name: str) -> str | None:  # noqa: ARG002 - the protocol's
        """None: a Python index has no tags."""
        return None

    def set_latest(self, name: str, version: str) -> None:
        """Nothing to do: a Python index has no tags, and pip's latest is the highest final version."""

    def tags(self, name: str) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """Empty: a Python index has no tags."""
        return {}

    def set_tags(self, name: str, wanted: Mapping[str, str | None]) -> bool:  # noqa: ARG002 - the protocol's
        """False: a Python index has no tags."""
        return False

    def is_staged(self, name: str, version: str) -> bool:  # noqa: ARG002 - the protocol's
        """False: what is uploaded can be installed."""
        return False

    def decisions(self, name: str) -> list[LatestDecision]:  # noqa: ARG002 - the protocol's
        """None: there is nothing in a Python index that could show one."""
        return []

    def show_decision(self, name: str, decision: LatestDecision) -> None:
        """Nothing to do."""

    def unpinned(self, name: str) -> str | None:
        """As pip chooses: the highest that is neither a pre-release nor yanked; else a pre-release."""
        if (page := self._page(name)) is None:
            return None
        files = _listed_files(page).keys() - _yanked_files(page).keys()
        found = [version for file in files if (version := _version_of(file))]
        final = [version for version in found if not version.is_prerelease]
        chosen = max(final or found, default=None)
        return str(chosen) if chosen else None

    def withdrawal(self, name: str, version: str) -> str | None:
        """As the index says that the version is yanked (PEP 592)."""
        page = self._page(name)
        yanked = {} if page is None else _yanked_files(page)
        reasons = [reason for file, reason in yanked.items() if str(_version_of(file)) == version]
        return reasons[0] or "yanked" if reasons else None

    def mark_withdrawn(self, name: str, version: str, text: str | None) -> bool:
        """No request yanks a file: PEP 592 describes what indexes show, and each has its own page for it, or
        none (devpi has none for its own indexes). So this tells whether somebody has done it there."""
        return (self.withdrawal(name, version) is None) == (text is None)

    def end_staging(self, name: str, version: str) -> None:
        """Nothing to do, as there."""

    def _is_published(self, artifact: Artifact) -> bool:
        published = self.lookup(artifact.name, artifact.version, artifact.filename)
        if published is not None and published.sha256 != artifact.sha256:
            raise version_taken(artifact, self._uploads.name)
        return published is not None

    def _list_of(self, name: str) -> dict[str, tuple[str, str | None]]:
        """The files of a project: file name -> (address, sha256 if given)."""
        page = self._page(name)
        return {} if page is None else _listed_files(page)

    def _page(self, name: str) -> requests.Response | None:
        """The index's page of a project; None if it has no such project."""
        headers = {"Accept": _ACCEPT, "Cache-Control": "no-cache"}
        response = self._index.get(self._page_of(name), headers=headers)
        if response.status_code == 404:
            return None
        if not response.ok:
            raise self._index.refused(
                "index-unreadable",
                f"doesn't give its list of {name} ({response_summary(response)})",
                "correct the index_url under [registries.pypi]",
            )
        return response

    def _page_of(self, name: str) -> str:
        return urljoin(self._index.url, f"{canonicalize_name(name)}/")

    def _fetch(self, name: str, version: str, url: str) -> bytes:
        response = self._index.get(url)
        if not response.ok:
            raise not_published(name, version, self._index.name)
        return response.content


def _version_of(filename: str) -> Version | None:
    """The version that a file's name tells; None for a file that no installer takes."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _is_ours(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/WHEEL"))
            return f"Generator: {WHEEL_GENERATOR}" in wheel.read(path).decode().splitlines()
    except (zipfile.BadZipFile, ValueError):
        return False


def _connection(url: str, auth: AuthBase | None, credentials_fix: str) -> Connection:
    return Connection(checked_url(url), kind="Python index", auth=auth, credentials_fix=credentials_fix)


def _upload_form(artifact: Artifact, connection: Connection) -> MultipartEncoder:
    """Twine's form: the wheel's own metadata, its digests and its content."""
    with tempfile.TemporaryDirectory(prefix="schema-service-") as folder:
        path = Path(folder) / artifact.filename
        path.write_bytes(artifact.content)
        try:
            fields = PackageFile.from_filename(str(path), comment=None).metadata_dictionary()
        except TwineException as error:
            raise connection.refused(
                "not-uploadable", f"would refuse {artifact.filename}: {error}", "report this as a bug"
            ) from None
    content = (artifact.filename, artifact.content, "application/octet-stream")
    return MultipartEncoder(
        [*_form_fields(fields), (":action", "file_upload"), ("protocol_version", "1"), ("content", content)]
    )


def _form_fields(metadata: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """As the form writes them: https://docs.pypi.org/api/upload/. Importing twine's own function, which comes
    with its progress bars, takes longer than an upload."""
    for name, value in metadata.items():
        if isinstance(value, Mapping):  # project_urls
            yield from ((name, f"{label}, {address}") for label, address in value.items())
        elif name == "keywords" and isinstance(value, list):
            yield name, ", ".join(value)
        elif isinstance(value, (list, tuple)):
            yield from ((name, str(each)) for each in value)
        else:
            yield name, str(value)


def _listed_files(response: requests.Response) -> dict[str, tuple[str, str | None]]:
    if "json" in response.headers.get("Content-Type", ""):
        try:
            files = response.json()["files"]
            return {
                file["filename"]: (
                    urljoin(response.url, file["url"]),
                    file.get("hashes", {}).get("sha256"),
                )
                for file in files
            }
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
            return {}
    return dict(_listed_anchor(urljoin(response.url, address)) for address, _ in _anchors(response))


def _yanked_files(response: requests.Response) -> dict[str, str]:
    """The files that the page marks as yanked, with the reason, which may be empty (PEP 592, PEP 691)."""
    if "json" in response.headers.get("Content-Type", ""):
        try:
            files = response.json()["files"]
            marks = {file["filename"]: file.get("yanked", False) for file in files}
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
            return {}
        return {
            name: mark if isinstance(mark, str) else "" for name, mark in marks.items() if mark is not False
        }
    return {
        _listed_anchor(urljoin(response.url, address))[0]: reason
        for address, reason in _anchors(response)
        if reason is not None
    }


def _anchors(response: requests.Response) -> list[tuple[str, str | None]]:
    anchors = _Anchors()
    anchors.feed(response.text)
    return anchors.found


def _listed_anchor(address: str) -> tuple[str, tuple[str, str | None]]:
    url, fragment = urldefrag(address)
    filename = unquote(urlsplit(url).path).rpartition("/")[2]
    algorithm, _, digest = fragment.partition("=")
    return filename, (url, digest if algorithm == "sha256" else None)


class _Anchors(HTMLParser):
    """The addresses of a simple page's links (PEP 503), each with why it is yanked; None if it isn't."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        address = attributes.get("href")
        if tag == "a" and address:
            reason = attributes["data-yanked"] or "" if "data-yanked" in attributes else None
            self.found.append((address, reason))
