"""The registry that npm, pnpm and yarn read: our two packages, where all others are, and the keys that sign.

npm asks the registry that a package is from for its keys, at ``/-/npm/v1/keys``, which Verdaccio and most
others don't answer. Where a proxy in front of the registry can send that one address here, the registry
itself serves the rest.

Rules: the npm documentation on registry signatures, and the registry API that npm speaks.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from generators.target import Language
from schemas.errors import InvalidVersionError, Problem
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue, PublishedArtifact
from ...catalogue.facts.package_facts import DescribedPackage
from ...config.settings import Settings
from ...errors import NotPublishedError
from ...publishers.dist_tags import line_tags
from ...publishers.npm import DRAFT_TAG
from ...publishers.withdrawal_mark import mark_text
from ...trust.public_keys import npm_keys
from ..served.document import JSON, Document
from ..served.kept_documents import Kept, KeptDocuments
from ..served.negotiation import preferred
from ..served.version_index import VersionIndex
from .described import DescribedPackages
from .npm_manifests import NpmManifests
from .offered import OfferedPackage, offered, offered_draft, offered_packages
from .package_files import artifact_response
from .upstream_redirects import REDIRECTS, redirected

#: What installers ask for: a packument with what they need and no more.
ABBREVIATED: Final = "application/vnd.npm.install-v1+json"
_KEYS = "/-/npm/v1/keys"
_PREFIX = "/npm"
PackagePath = Annotated[
    str,
    Path(
        description="a package, or one of its tarballs",
        examples=["@org/schema-client", "@org/schema-client/-/schema-client-2.0.0.tgz"],
    ),
]
_TAGS_OF = re.compile(r"-/package/(.+)/dist-tags")
_TAG = re.compile(r"[A-Za-z].*")  # what no version looks like
_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST_NAME = 214
_LANGUAGES: tuple[Language, ...] = ("node", "typescript")
#: Of a package.json, what the abbreviated form has.
_NEEDED = (
    "name",
    "version",
    "bin",
    "cpu",
    "dependencies",
    "deprecated",
    "dist",
    "engines",
    "hasInstallScript",
    "libc",
    "optionalDependencies",
    "os",
    "peerDependencies",
    "peerDependenciesMeta",
)


def npm_registry(
    catalogue: Catalogue,
    settings: Settings,
    kept: KeptDocuments,
    described: DescribedPackages,
    manifests: NpmManifests,
) -> APIRouter:
    router = APIRouter(tags=["npm registry"])
    views = _Views(catalogue, settings, kept, described, manifests)
    router.get(_KEYS)(views.keys)
    router.get(f"{_PREFIX}{_KEYS}")(views.keys)
    router.get(f"{_PREFIX}/-/ping")(views.ping)
    router.get(f"{_PREFIX}/{{path:path}}", response_class=Response, responses=REDIRECTS)(views.package)
    return router


class _Views:
    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        kept: KeptDocuments,
        described: DescribedPackages,
        manifests: NpmManifests,
    ) -> None:
        self._catalogue = catalogue
        self._kept = kept
        self._described = described
        self._manifests = manifests
        self._files = described.files
        names = settings.packages.names()
        self._configured = {names.node_client: "node", names.typescript_types: "typescript"}
        npm = settings.registries.npm
        self._others = (npm.dependencies_url or npm.url) if npm else None

    def keys(self) -> dict[str, Any]:
        """The public keys of this schema's releases, in npm's form; none where releases aren't signed."""
        return npm_keys(self._catalogue.trust.signing_keys())

    def ping(self) -> dict[str, Any]:
        """What `npm ping` asks."""
        return {}

    async def package(self, path: PackagePath, request: Request) -> Response:
        """A package's versions with their signatures, one of these, its tags, or one of its tarballs. Every
        other package's name leads to the registry of dependencies, and one of ours never does."""
        now = await self._kept.now()
        ours = self._ours(now.index)
        tags = _TAGS_OF.fullmatch(path)
        name, file, version = (tags[1], "", "") if tags else _parts(path, ours)
        language = ours.get(name)
        if language is None:
            if tags or file or version or self._others is None or not _is_name(name):
                raise NotPublishedError(_unknown(path))
            return redirected(self._others, name)
        if file:
            return await run_in_threadpool(self._tarball, request, name, language, file)
        if tags:
            return now.respond(request, await self._dist_tags(now, name, language))
        base = f"{str(request.base_url).rstrip('/')}{_PREFIX}"
        if version:
            return now.respond(request, await self._manifest(now, name, language, version, base))
        form = preferred(request, (JSON, ABBREVIATED))
        answer = now.respond(request, await self._packument(now, name, language, form, base))
        answer.headers["Vary"] = "Accept"
        return answer

    def _ours(self, index: VersionIndex) -> dict[str, Any]:
        names: dict[str, Any] = {**self._configured, **index.package_names}
        return {name: language for name, language in names.items() if language in _LANGUAGES}

    async def _packument(self, now: Kept, name: str, language: Language, form: str, base: str) -> Document:
        def made() -> Document:
            packages = offered_packages(self._catalogue, now.index, name, language)
            if not packages:
                raise NotPublishedError(_unknown(name))
            manifests = self._manifests.of(packages, now.index)
            listed = {
                str(package.version): _version(package, manifests[str(package.version)], base, form)
                for package in packages
                if str(package.version) in manifests
            }
            document: dict[str, Any] = {
                "name": name,
                "dist-tags": _tags(packages, now.index),
                "versions": listed,
            }
            if form == JSON:
                document["time"] = {str(each.version): each.published_at.isoformat() for each in packages}
            return Document(json.dumps(document).encode(), form, is_whole=len(listed) == len(packages))

        return await now.document(("npm", name, form, base), made)

    async def _dist_tags(self, now: Kept, name: str, language: Language) -> Document:
        def made() -> Document:
            packages = offered_packages(self._catalogue, now.index, name, language)
            if not packages:
                raise NotPublishedError(_unknown(name))
            return Document(json.dumps(_tags(packages, now.index)).encode())

        return await now.document(("npm tags", name), made)

    async def _manifest(self, now: Kept, name: str, language: Language, asked: str, base: str) -> Document:
        """Of one version, or of what a tag stands for; without reading what all others say."""

        async def made() -> Document:
            version = _number(asked)
            found = None if version is None else await self._described.recorded(version, language)
            return await run_in_threadpool(of, found)

        def of(recorded: DescribedPackage | None) -> Document:
            if recorded is not None and recorded.artifact.name == name:
                package = offered(recorded, now.index)
            else:
                package = offered_draft(self._catalogue, name, language, asked)
            manifest = self._manifests.of([package], now.index).get(str(package.version)) if package else None
            if package is None or manifest is None:
                raise NotPublishedError(_unknown(f"{name}/{asked}"))
            return Document(json.dumps(_version(package, manifest, base, JSON)).encode())

        if _TAG.fullmatch(asked):
            tags = json.loads((await self._dist_tags(now, name, language)).body)
            asked = tags.get(asked, asked)
        return await now.document(("npm version", name, asked, base), made)

    def _tarball(self, request: Request, name: str, language: Language, file: str) -> Response:
        text = file.removeprefix(f"{_bare(name)}-").removesuffix(".tgz")
        if file == f"{_bare(name)}-{text}.tgz" and (artifact := self._artifact(name, language, text)):
            return artifact_response(request, artifact, self._files)
        raise NotPublishedError(_unknown(f"{name}/-/{file}"))

    def _artifact(self, name: str, language: Language, text: str) -> PublishedArtifact | None:
        """Of a version, even one that waits to be promoted, or of a draft."""
        found = self._catalogue.packages.with_version(name, text)
        if found is not None:
            return found.artifact
        artifacts = [artifact for draft in self._catalogue.drafts.all() for artifact in draft.artifacts]
        mine = (each for each in artifacts if each.name == name and each.language == language)
        return next((each for each in mine if each.version == text), None)


def _parts(path: str, ours: dict[str, Any]) -> tuple[str, str, str]:
    """A package's name, and the file or the version of it that is asked for."""
    name, _, file = path.partition("/-/")
    if name in ours or file:
        return name, file, ""
    owner, slash, version = name.rpartition("/")
    return (owner, "", version) if slash and owner in ours else (name, "", "")


def _number(text: str) -> SchemaVersion | None:
    try:
        return SchemaVersion.parse(text)
    except InvalidVersionError:
        return None


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def _version(package: OfferedPackage, manifest: dict[str, Any], base: str, form: str) -> dict[str, Any]:
    name = package.artifact.name
    found = {**manifest, "_id": f"{name}@{package.version}"}
    address = f"{base}/{name}/-/{_bare(name)}-{package.artifact.version}.tgz"
    found["dist"] = {**manifest["dist"], "tarball": address}
    if package.withdrawn is not None:
        found["deprecated"] = mark_text(package.withdrawn)
    return found if form == JSON else {key: found[key] for key in _NEEDED if key in found}


def _tags(packages: list[OfferedPackage], index: VersionIndex) -> dict[str, str]:
    """As a release sets them: `latest`, the lines', and the newest draft's."""
    published = {each.version for each in packages if not each.version.is_draft}
    hidden = {each.version for each in packages if each.withdrawn is not None}
    latest = index.latest if index.latest in published else max(published - hidden, default=None)
    tags: dict[str, SchemaVersion | None] = {}
    if latest is not None:
        tags = {**line_tags(published, latest, [], hidden), "latest": latest}
    drafts = [each for each in packages if each.version.is_draft]
    if drafts:
        tags[DRAFT_TAG] = max(drafts, key=lambda each: each.published_at).version
    return {name: str(version) for name, version in tags.items() if version is not None}


def _bare(name: str) -> str:
    return name.rpartition("/")[2]


def _unknown(what: str) -> Problem:
    return Problem(
        code="not-published",
        message=f"this is no npm package of this schema: {what[:120]}",
        fix="ask for a package by its name; GET /client/latest/node tells ours",
    )
