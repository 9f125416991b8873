"""Publishes tarballs to any npm-compatible registry: one PUT of a packument for each version.

Rules: the registry API of the npm documentation, as libnpmpublish speaks it, and Subresource Integrity for
``dist.integrity``. A version arrives under a tag of its own, so that only ``set_latest`` moves ``latest``.
A registry gives ``latest`` to the first version of a package by itself, because each package must have one;
so the first one to be uploaded is a placeholder.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import tarfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin

import semver
from requests import Response

from generators.target import Artifact
from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

from ..config.addresses import checked_url
from ..config.credentials import NPM_CREDENTIALS_FIX, NpmCredentials
from ..config.settings import AuthKind
from ..errors import CredentialsError, RegistryUnreachableError
from .connection import Connection, response_summary
from .dist_tags import tags_in
from .header_auth import npm_auth
from .latest_decision import LatestDecision, decisions_in
from .npm_placeholder import PLACEHOLDER_VERSION, placeholder
from .publisher import (
    ListedSignatures,
    Maker,
    PublishedFile,
    Publisher,
    digest_mismatch,
    not_published,
    version_taken,
)

#: The tag of a version that is uploaded and that no other tag names yet.
STAGING_TAG = "staged"
#: The tag of the newest draft.
DRAFT_TAG = "dev"
_OTHERS_UPLOAD_SECONDS = 10.0
_AFTER_FAILURE_SECONDS = 2.0
_POLL_SECONDS = 0.1


#: From name, version and integrity to signatures: the id of a key, and what it signed in base64.
NpmSigner = Callable[[str, str, str], list[dict[str, str]]]


_NO_SUCH_TAGS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.NOT_IMPLEMENTED,
)


class NpmPublisher:
    """``url`` is the registry's address, as in npm's configuration; ``auth`` how the credentials are sent.
    ``sign`` makes ``dist.signatures`` from a package's name, version and integrity."""

    def __init__(
        self,
        *,
        url: str,
        credentials: NpmCredentials | None,
        auth: AuthKind | None = None,
        credentials_fix: str = NPM_CREDENTIALS_FIX,
        sign: NpmSigner | None = None,
    ) -> None:
        self._sign = sign
        self._kept: dict[str, dict[str, Any]] | None = None
        self._registry = Connection(
            checked_url(url),
            kind="npm registry",
            auth=npm_auth(credentials, auth) if credentials else None,
            credentials_fix=credentials_fix,
        )

    @property
    def registries(self) -> tuple[NpmPublisher, ...]:
        return (self,)

    @property
    def is_hidden(self) -> bool:
        """Yes: what is uploaded has a tag that nobody follows."""
        return True

    @property
    def url(self) -> str:
        return self._registry.url

    def check_access(self, name: str) -> None:  # noqa: ARG002 - the protocol's
        """``npm whoami``; registries without that call pass if they answer at all."""
        response = self._registry.get(urljoin(self.url, "-/whoami"))
        if response.ok and not _as_object(response.content).get("username"):
            raise self._registry.credentials_refused()

    def lookup(self, name: str, version: str, filename: str) -> PublishedFile | None:
        dist = self._dist(name, version)
        if dist is None:
            return None
        content = self._fetch(name, version, dist)
        return PublishedFile(
            name=name,
            version=version,
            filename=filename,
            url=self._tarball(dist),
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def newest(self, name: str) -> str | None:
        versions = [each for each in _versions(self._read(name)) if each != PLACEHOLDER_VERSION]
        return max(versions, key=_precedence, default=None)

    def versions(self, name: str) -> frozenset[str]:
        return frozenset(_versions(self._read(name))) - {PLACEHOLDER_VERSION}

    def maker(self, name: str, version: str) -> Maker:
        """By ``schemaService`` in the version's manifest: the registry's, or the tarball's own where the
        registry keeps a few fields only, as GitLab does."""
        packument = self._read(name)
        listed = _versions(packument).get(version)
        stated = listed.get("schemaService") if isinstance(listed, dict) else None
        if stated is None and (dist := _dist_of(packument, version)) is not None:
            stated = _stated_in(self._fetch(name, version, dist))
        schema_name = stated.get("schemaName") if isinstance(stated, dict) else None
        return Maker(
            is_this_tool=isinstance(stated, dict),
            schema_name=schema_name if isinstance(schema_name, str) else None,
        )

    def upload(self, artifact: Artifact) -> None:
        if not _versions(self._read(artifact.name)):
            self._put(placeholder(artifact.name), tag="latest")
        self._put(artifact, tag=_tag_of(artifact.version))

    def promote(self, name: str, version: str, filename: str) -> None:
        """Nothing to do: ``set_latest`` makes a version visible."""

    def _put(self, artifact: Artifact, *, tag: str) -> None:
        if self._is_published(artifact):
            return
        try:
            response = self._send("PUT", self._package(artifact.name), json=self._packument(artifact, tag))
        except RegistryUnreachableError:
            # Verdaccio fails (500) for one of two simultaneous uploads of the same file.
            if self._appears(artifact, _AFTER_FAILURE_SECONDS):
                return
            raise
        except CredentialsError:
            # Some refuse (403) a version that is there as they refuse credentials.
            if self._is_published(artifact):
                return
            raise
        # A refused republish may have touched the stored digest (verdaccio#874): the lookup compares both.
        if response.ok or self._is_published(artifact):
            return
        if response.status_code == HTTPStatus.CONFLICT and self._appears(artifact, _OTHERS_UPLOAD_SECONDS):
            return
        raise self._registry.refused(
            "upload-refused",
            f"refuses {artifact.name} {artifact.version} ({response_summary(response)})",
            "fix what it names; for 404, correct the url under [registries.npm]",
        )

    def is_waiting(self, name: str, version: str, filename: str) -> bool:  # noqa: ARG002 - the protocol's
        """No: `latest` alone decides who gets it."""
        return False

    def download(self, name: str, version: str, filename: str) -> bytes:  # noqa: ARG002 - the protocol's
        dist = self._dist(name, version)
        if dist is None:
            raise not_published(name, version, self._registry.name)
        return self._fetch(name, version, dist)

    def latest(self, name: str) -> str | None:
        """The dist-tag of that name, unless it is on the placeholder."""
        tag = _tags(self._read(name)).get("latest")
        return tag if isinstance(tag, str) and tag != PLACEHOLDER_VERSION else None

    def set_latest(self, name: str, version: str) -> None:
        """Move the dist-tag ``latest``.

        A package that doesn't have the version keeps its tag, which must name a version that is there.
        """
        packument = self._read(name)
        if _dist_of(packument, version) is not None and _tags(packument).get("latest") != version:
            self._move_tag(name, "latest", version)

    def tags(self, name: str) -> Mapping[str, str]:
        return tags_in(self._read(name))

    def set_tags(self, name: str, wanted: Mapping[str, str | None]) -> bool:
        packument = self._read(name)
        tags, can = _tags(packument), True
        for tag, version in wanted.items():
            if version is None and tag in tags:
                self._checked(self._send("DELETE", self._tag(name, tag)), f"remove {tag} of {name}")
            elif version is not None and tags.get(tag) != version and _dist_of(packument, version):
                can = self._follow(name, tag, version) and can
        return can

    def is_staged(self, name: str, version: str) -> bool:
        return _tags(self._read(name)).get(STAGING_TAG) == version

    def decisions(self, name: str) -> list[LatestDecision]:
        return decisions_in(_tags(self._read(name)))

    def show_decision(self, name: str, decision: LatestDecision) -> None:
        """The new tag comes first: there is a decision to be seen at every moment."""
        packument = self._read(name)
        if _dist_of(packument, decision.version) is None:
            return
        tags = _tags(packument)
        if tags.get(decision.tag) != decision.version:
            self._move_tag(name, decision.tag, decision.version)
        for other in decisions_in(tags):
            if other.number != decision.number:
                self._send("DELETE", self._tag(name, other.tag))

    def unpinned(self, name: str) -> str | None:
        return self.latest(name)

    def withdrawal(self, name: str, version: str) -> str | None:
        listed = _versions(self._read(name)).get(version)
        text = listed.get("deprecated") if isinstance(listed, dict) else None
        return text if isinstance(text, str) and text else None

    def mark_withdrawn(self, name: str, version: str, text: str | None) -> bool:
        """``npm deprecate``: a PUT of the whole packument, in which that version has a text."""
        if self.withdrawal(name, version) == text:
            return True
        packument = self._read(name, "?write=true")
        listed = _versions(packument).get(version)
        if not isinstance(listed, dict):
            raise not_published(name, version, self._registry.name)
        listed["deprecated"] = text or ""
        try:
            response = self._send("PUT", self._package(name), json=packument)
            why = response_summary(response)
        except CredentialsError:
            why = "these credentials may not"
        if self.withdrawal(name, version) != text:
            raise self._registry.refused(
                "deprecation-refused",
                f"doesn't mark {name} {version} as {'withdrawn' if text else 'restored'} ({why})",
                "give these credentials the right to deprecate packages, which Verdaccio calls `unpublish`",
            )
        return True

    def end_staging(self, name: str, version: str) -> None:
        """Drop the staging tag: a version below its line's highest gets no other one. What waits keeps it."""
        tags = dict(_tags(self._read(name)))
        if (staged := tags.pop(STAGING_TAG, None)) is not None and staged in (version, *tags.values()):
            self._send("DELETE", self._tag(name, STAGING_TAG))

    def _follow(self, name: str, tag: str, version: str) -> bool:
        """npm reads `v1` as a range, which means the same; so a registry may refuse it as a tag, or have no
        requests for tags at all."""
        response = self._send("PUT", self._tag(name, tag), json=version)
        if response.status_code in _NO_SUCH_TAGS:
            return False
        self._checked(response, f"move {tag} of {name} to {version}")
        return True

    def _move_tag(self, name: str, tag: str, version: str) -> None:
        response = self._send("PUT", self._tag(name, tag), json=version)
        self._checked(response, f"move {tag} of {name} to {version}")

    def _checked(self, response: Response, what: str) -> None:
        if not response.ok:
            raise self._registry.refused(
                "tag-refused",
                f"doesn't {what} ({response_summary(response)})",
                "give these credentials the right to publish the package, then run this again",
            )

    def signatures(self, name: str, version: str) -> ListedSignatures:
        dist = self._dist(name, version) or {}
        return ListedSignatures(
            integrity=str(dist.get("integrity", "")), signatures=tuple(_signatures(dist.get("signatures")))
        )

    def packument(self, name: str) -> dict[str, Any]:
        return self._read(name)

    def _is_published(self, artifact: Artifact) -> bool:
        published = self.lookup(artifact.name, artifact.version, artifact.filename)
        if published is not None and published.sha256 != artifact.sha256:
            raise version_taken(artifact, self._registry.name)
        return published is not None

    def _appears(self, artifact: Artifact, seconds: float) -> bool:
        """Whether a simultaneous upload of the same file succeeds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            self._forget_kept()
            if self._is_published(artifact):
                return True
        return False

    def _dist(self, name: str, version: str) -> dict[str, Any] | None:
        return _dist_of(self._read(name), version)

    @contextmanager
    def packuments_kept(self) -> Iterator[None]:
        """Until the block ends, what the registry tells of a package is read once, and again after each
        change: for who asks much about many versions and may be one change of somebody else behind."""
        before, self._kept = self._kept, {}
        try:
            yield
        finally:
            self._kept = before

    def _send(self, method: str, url: str, **arguments: Any) -> Response:
        try:
            return self._registry.send(method, url, **arguments)
        finally:
            self._forget_kept()

    def _forget_kept(self) -> None:
        if self._kept is not None:
            self._kept.clear()

    def _read(self, name: str, query: str = "") -> dict[str, Any]:
        if self._kept is None or query:
            return self._read_now(name, query)
        if name not in self._kept:
            self._kept[name] = self._read_now(name, query)
        return self._kept[name]

    def _read_now(self, name: str, query: str) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Cache-Control": "no-cache"}
        response = self._registry.get(f"{self._package(name)}{query}", headers=headers)
        if response.status_code == 404:
            return {}
        if not response.ok:
            raise self._registry.refused(
                "registry-unreadable",
                f"doesn't say which versions of {name} it has ({response_summary(response)})",
                "correct the url under [registries.npm]",
            )
        return _as_object(response.content)

    def _fetch(self, name: str, version: str, dist: dict[str, Any]) -> bytes:
        response = self._registry.get(self._tarball(dist))
        if not response.ok:
            raise not_published(name, version, self._registry.name)
        if not _fits(dist, response.content):
            raise digest_mismatch(name, version, self._registry.name)
        return response.content

    def _tarball(self, dist: dict[str, Any]) -> str:
        return urljoin(self.url, str(dist["tarball"]))

    def _package(self, name: str) -> str:
        return urljoin(self.url, quote(name, safe="@"))

    def _tag(self, name: str, tag: str) -> str:
        return urljoin(self.url, f"-/package/{quote(name, safe='@')}/dist-tags/{tag}")

    def _packument(self, artifact: Artifact, tag: str) -> dict[str, Any]:
        """The body of the PUT: the manifest of the one version, its tag, and the tarball in base64."""
        manifest, readme = _manifest_and_readme(artifact.content)
        attachment = f"{artifact.name}-{artifact.version}.tgz"
        integrity = npm_integrity(artifact.content)
        dist: dict[str, Any] = {
            "integrity": integrity,
            "shasum": hashlib.sha1(artifact.content, usedforsecurity=False).hexdigest(),
            "tarball": f"{self.url}{artifact.name}/-/{attachment}",
        }
        if self._sign is not None and artifact.version != PLACEHOLDER_VERSION:
            signatures = self._sign(artifact.name, artifact.version, integrity)
            dist |= {"signatures": signatures} if signatures else {}
        identity = f"{artifact.name}@{artifact.version}"
        return {
            "_id": artifact.name,
            "name": artifact.name,
            "description": manifest.get("description", ""),
            "readme": readme,
            "dist-tags": {tag: artifact.version},
            "versions": {artifact.version: {**manifest, "_id": identity, "readme": readme, "dist": dist}},
            "access": None,
            "_attachments": {
                attachment: {
                    "content_type": "application/octet-stream",
                    "data": base64.b64encode(artifact.content).decode(),
                    "length": len(artifact.content),
                }
            },
        }


@contextmanager
def packuments_kept(publishers: Iterable[Publisher]) -> Iterator[None]:
    """:meth:`NpmPublisher.packuments_kept` of each npm registry among ``publishers``."""
    with ExitStack() as kept:
        for publisher in publishers:
            for each in publisher.registries:
                if isinstance(each, NpmPublisher):
                    kept.enter_context(each.packuments_kept())
        yield


def _tag_of(version: str) -> str:
    """The tag under which a version arrives."""
    try:
        return DRAFT_TAG if SchemaVersion.parse(version, drafts=True).is_draft else STAGING_TAG
    except InvalidVersionError:
        return STAGING_TAG


def _stated_in(tarball: bytes) -> object:
    """``schemaService`` of a tarball's own manifest; None for a tarball of another make."""
    try:
        return _manifest_and_readme(tarball)[0].get("schemaService")
    except (tarfile.TarError, KeyError, OSError, EOFError, zlib.error):
        return None


def _versions(packument: dict[str, Any]) -> dict[str, Any]:
    versions = packument.get("versions")
    return versions if isinstance(versions, dict) else {}


def _precedence(version: str) -> tuple[bool, semver.Version]:
    """As npm orders them; what isn't a version comes first."""
    try:
        return True, semver.Version.parse(version)
    except ValueError:
        return False, semver.Version(0)


def _dist_of(packument: dict[str, Any], version: str) -> dict[str, Any] | None:
    listed = _versions(packument).get(version)
    dist = listed.get("dist") if isinstance(listed, dict) else None
    return dist if isinstance(dist, dict) and isinstance(dist.get("tarball"), str) else None


def npm_integrity(content: bytes) -> str:
    """Subresource Integrity of a tarball, as ``dist.integrity`` has it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def _signatures(listed: object) -> Iterator[tuple[str, str]]:
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            yield str(each.get("keyid", "")), str(each.get("sig", ""))


def _tags(packument: dict[str, Any]) -> dict[str, Any]:
    tags = packument.get("dist-tags")
    return tags if isinstance(tags, dict) else {}


def _manifest_and_readme(tarball: bytes) -> tuple[dict[str, Any], str]:
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
        files = {}
        for name in ("package/package.json", "package/README.md"):
            try:
                member = archive.extractfile(name)
            except KeyError:
                continue
            files[name] = member.read() if member else b""
    manifest = _as_object(files["package/package.json"])
    return manifest, files.get("package/README.md", b"").decode(errors="replace")


def _fits(dist: dict[str, Any], content: bytes) -> bool:
    """Whether every digest that the registry lists is the content's own."""
    for entry in str(dist.get("integrity", "")).split():
        algorithm, _, encoded = entry.partition("-")
        if algorithm in ("sha256", "sha384", "sha512"):
            try:
                listed = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                return False
            if listed != hashlib.new(algorithm, content).digest():
                return False
    shasum = dist.get("shasum")
    return not shasum or shasum == hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _as_object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
