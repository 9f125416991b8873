"""The index that pip and uv read: our own wheels, and where all others are.

Rules: the simple repository API of the Python packaging guide (PEP 503 and PEP 691, with PEP 592 for what is
withdrawn, PEP 658 and 714 for METADATA, PEP 700 for sizes and times). The package ``simple-repository`` has
these documents too, but writes the reason of a withdrawal into HTML as it is, and needs an HTTP client and
another way to SQLite for indexes that nobody has here.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from packaging.utils import canonicalize_name

from generators.target import Language
from schemas.errors import Problem

from ...catalogue import Catalogue
from ...config.settings import Settings
from ...errors import NotPublishedError
from ...publishers.published_bytes import PublishedBytes
from ..served.document import IMMUTABLE, Document, respond
from ..served.kept_documents import KeptDocuments
from ..served.negotiation import preferred
from ..served.version_index import VersionIndex
from .described import DescribedPackages
from .offered import OfferedPackage, offered_packages, package_with
from .package_files import artifact_response
from .upstream_redirects import REDIRECTS, redirected

_JSON: Final = "application/vnd.pypi.simple.v1+json"
_HTML: Final = "application/vnd.pypi.simple.v1+html"
_OFFERED = ("text/html", _HTML, _JSON)  # the default first
_API = "1.1"
_METADATA = ".metadata"
_LANGUAGES: tuple[Language, ...] = ("python", "migrations")

ProjectPath = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", max_length=200, examples=["schema-client"]),
]
FilePath = Annotated[
    str,
    Path(
        description="its name",
        examples=["schema_client-2.0.0-py3-none-any.whl"],
        pattern=r"^[A-Za-z0-9_.+-]+$",
        max_length=300,
    ),
]
DigestPath = Annotated[str, Path(description="of the file", examples=["0" * 64], pattern=r"^[0-9a-f]{64}$")]


def simple_index(
    catalogue: Catalogue,
    settings: Settings,
    kept: KeptDocuments,
    described: DescribedPackages,
    files: PublishedBytes,
) -> APIRouter:
    router = APIRouter(prefix="/simple", tags=["Python index"])
    views = _Views(catalogue, settings, kept, described, files)
    router.get("/", response_class=Response)(views.projects)
    router.get("/{project}/", response_class=Response, responses=REDIRECTS)(views.project)
    router.get("/files/{sha256}/{filename}", response_class=Response)(views.file)
    return router


class _Views:
    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        kept: KeptDocuments,
        described: DescribedPackages,
        files: PublishedBytes,
    ) -> None:
        self._catalogue = catalogue
        self._kept = kept
        self._described = described
        self._files = files
        names = settings.packages.names()
        self._configured = {names.python_client: "python", names.python_migrations: "migrations"}
        pypi = settings.registries.pypi
        self._others = (pypi.dependencies_url or pypi.simple_url) if pypi else None

    async def projects(self, request: Request) -> Response:
        """The names of our wheels."""
        form, now = preferred(request, _OFFERED), await self._kept.now()
        names = sorted(self._ours(now.index))
        document = await now.document(("simple", form), lambda: _projects(names, form))
        return _varying(now.respond(request, document))

    async def project(self, request: Request, project: ProjectPath) -> Response:
        """The files of one of our wheels. Every other name leads to the index of dependencies, and one of
        ours never does."""
        form, now = preferred(request, _OFFERED), await self._kept.now()
        name = canonicalize_name(project)
        found = self._ours(now.index).get(name)
        if found is None:
            if self._others is None:
                raise NotPublishedError(_unknown(project))
            return redirected(self._others, f"{name}/")

        def made() -> Document:
            return _page(name, offered_packages(self._catalogue, now.index, *found), form)

        return _varying(now.respond(request, await now.document(("simple", form, name), made)))

    async def file(self, request: Request, sha256: DigestPath, filename: FilePath) -> Response:
        """A wheel, or with `.metadata` at its end the METADATA in it."""
        return await run_in_threadpool(self._file, request, sha256, filename)

    def _ours(self, index: VersionIndex) -> dict[str, tuple[str, Language]]:
        """Names as indexes compare them, each as it is written and the language that it is for."""
        names: dict[str, Any] = {**self._configured, **index.package_names}
        return {
            canonicalize_name(name): (name, language)
            for name, language in names.items()
            if language in _LANGUAGES
        }

    def _file(self, request: Request, sha256: str, filename: str) -> Response:
        package = package_with(self._catalogue, sha256)
        named = filename.removesuffix(_METADATA)
        if package is None or package.artifact.filename != named or package.artifact.kind != "wheel":
            raise NotPublishedError(_unknown(filename))
        if named == filename:
            return artifact_response(request, package.artifact, self._files)
        document = Document(self._described.metadata(package).encode(), "text/plain")
        return respond(request, document, caching=IMMUTABLE)


def _projects(names: Iterable[str], form: str) -> Document:
    if form == _JSON:
        listed = {"meta": {"api-version": _API}, "projects": [{"name": name} for name in names]}
        return Document(json.dumps(listed).encode(), form)
    return _html("Simple index", [f'<a href="{name}/">{name}</a>' for name in names], form)


def _page(name: str, packages: Iterable[OfferedPackage], form: str) -> Document:
    if form != _JSON:
        return _html(f"Links for {name}", map(_anchor, packages), form)
    files = [_file(each) for each in packages]
    listed = {
        "meta": {"api-version": _API},
        "name": name,
        "versions": list(dict.fromkeys(each.artifact.version for each in packages)),
        "files": files,
    }
    return Document(json.dumps(listed).encode(), form)


def _address(package: OfferedPackage) -> str:
    """As the page of its project names it."""
    return f"../files/{package.artifact.sha256}/{package.artifact.filename}"


def _python(package: OfferedPackage) -> str | None:
    requires = package.facts.requires if package.facts else None
    return requires[1] if requires else None


def _file(package: OfferedPackage) -> dict[str, Any]:
    artifact, python = package.artifact, _python(package)
    moment = package.published_at.astimezone(UTC)
    found: dict[str, Any] = {
        "filename": artifact.filename,
        "url": _address(package),
        "hashes": {"sha256": artifact.sha256},
        "size": artifact.size,
        "upload-time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "yanked": False if package.withdrawn is None else package.withdrawn or True,
    }
    if python is not None:
        found["requires-python"] = python
    if package.facts is not None:
        found["core-metadata"] = {"sha256": package.facts.metadata_sha256}
    return found


def _anchor(package: OfferedPackage) -> str:
    attributes = {"href": f"{_address(package)}#sha256={package.artifact.sha256}"}
    if (python := _python(package)) is not None:
        attributes["data-requires-python"] = python
    if package.facts is not None:
        attributes["data-core-metadata"] = f"sha256={package.facts.metadata_sha256}"
    if package.withdrawn is not None:
        attributes["data-yanked"] = package.withdrawn
    shown = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {shown}>{html.escape(package.artifact.filename)}</a>"


def _html(title: str, anchors: Iterable[str], form: str) -> Document:
    head = f'<meta name="pypi:repository-version" content="{_API}"><title>{html.escape(title)}</title>'
    lines = "\n".join(f"{anchor}<br>" for anchor in anchors)
    return Document(
        f"<!DOCTYPE html>\n<html><head>{head}</head><body>\n{lines}\n</body></html>\n".encode(), form
    )


def _varying(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer


def _unknown(what: str) -> Problem:
    return Problem(
        code="not-published",
        message=f"this is no wheel of this schema: {what[:120]}",
        fix="GET /simple/ lists the names of its wheels",
    )
