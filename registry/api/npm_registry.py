"""Our own two packages as npm asks a registry for them, and the keys that sign them; read-only.

npm asks the registry that a package is from for its keys, at ``/-/npm/v1/keys``, which Verdaccio and most
others don't answer. A team whose scope points here (``@org:registry=<this API>/npm/``) gets its packages, and
`npm audit signatures` verifies them. Where a proxy in front of the registry can send that one address here,
the registry itself serves the rest.

Rules: the npm documentation on registry signatures, and the registry API that npm speaks.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse

from generators.target import Kind, Language
from schemas.errors import Problem

from ..catalogue import Catalogue
from ..config.settings import Settings
from ..errors import NotPublishedError
from ..publishers.publisher import Publisher
from ..trust.public_keys import npm_keys
from .artifact_bytes import artifact_response

_KEYS = "/-/npm/v1/keys"
_PREFIX = "/npm"
_TAG = "npm registry"
PackagePath = Annotated[
    str,
    Path(
        description="a package, or one of its tarballs",
        examples=["@org/schema-client", "@org/schema-client/-/schema-client-2.0.0.tgz"],
    ),
]


def add_npm_registry(
    app: FastAPI, catalogue: Catalogue, settings: Settings, publishers: Mapping[Kind, Publisher]
) -> None:
    """Let ``app`` answer npm."""
    views = _Views(catalogue, settings, publishers)
    app.get(_KEYS, tags=[_TAG])(views.keys)
    app.get(f"{_PREFIX}{_KEYS}", tags=[_TAG])(views.keys)
    app.get(f"{_PREFIX}/{{path:path}}", tags=[_TAG], response_class=Response)(views.package)


class _Views:
    def __init__(
        self, catalogue: Catalogue, settings: Settings, publishers: Mapping[Kind, Publisher]
    ) -> None:
        self._catalogue = catalogue
        self._publishers = publishers
        names = settings.packages.names()
        self._languages: dict[str, Language] = {
            names.node_client: "node",
            names.typescript_types: "typescript",
        }

    def keys(self) -> dict[str, Any]:
        """The public keys of this schema's releases, in npm's form; none where releases aren't signed."""
        return npm_keys(self._catalogue.trust.signing_keys())

    def package(self, path: PackagePath, request: Request) -> Response:
        """A package's versions with their signatures, or one of its tarballs."""
        name, _, file = path.partition("/-/")
        language = self._languages.get(name)
        if language is None:
            raise NotPublishedError(_unknown(name))
        if not file:
            return JSONResponse(self._packument(name, str(request.base_url)))
        for version in self._catalogue.versions():
            published = self._catalogue.find(version)
            if published is not None and file == _file(name, published.artifact(language).version):
                return artifact_response(published.artifact(language), self._publishers)
        raise NotPublishedError(_unknown(path))

    def _packument(self, name: str, base_url: str) -> dict[str, Any]:
        """The registry's own, with the addresses of tarballs here: npm fetches those from here too."""
        packument = copy.deepcopy(self._publishers["npm"].packument(name))
        if not packument:
            raise NotPublishedError(_unknown(name))
        for version, manifest in packument.get("versions", {}).items():
            address = f"{base_url}{_PREFIX.lstrip('/')}/{quote(name, safe='@/')}/-/{_file(name, version)}"
            manifest["dist"]["tarball"] = address
        return packument


def _file(name: str, version: str) -> str:
    return f"{name.rpartition('/')[2]}-{version}.tgz"


def _unknown(what: str) -> Problem:
    return Problem(
        code="not-published",
        message=f"this is no npm package of this schema: {what[:120]}",
        fix="point the packages' scope here (@scope:registry=…/npm/), and nothing else",
    )
