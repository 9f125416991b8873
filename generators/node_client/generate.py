"""Generates the npm package with Prisma Client, its Postgres adapter and node-postgres: it needs no other."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from typing import Any

from schemas.prisma.bridge import PrismaBridge

from ..bundled import BundledComponent
from ..changelog_file import changelog_file
from ..file_tree import FileTree
from ..metadata import package_json
from ..rendering.typescript import entry_points, npm_templates
from ..revisions import current_revision
from ..target import GenerationRequest, Language, Package
from .bundled import LICENCES, bundled_components
from .partial_uniques import without_partial_uniques
from .prisma_output import prisma_client, prisma_version
from .view import client_view

_NODE = ">=20.19"
_TEMPLATES = ("index.cjs", "index.mjs", "index.d.cts", "key_columns.cjs", "database_range.cjs")
#: What a client's types are made of, as types alone: TypeScript writes them into declarations of code that
#: exports a client.
_RUNTIME_ENTRY = {"./runtime": {"types": "./dist/prisma/runtime/client.d.ts"}}
_LICENCE_TEXTS = "THIRD_PARTY_LICENSES.txt"
_LICENCE_HEADING = """\
This package carries the work of others, in dist/prisma; so does a program that it is bundled into. Their
licences are below. The files next to that folder are of schema-service, under the Apache License 2.0, whose
text is below too.

"""
_RUNTIME = (
    "connect.cjs", "connect.d.cts", "database_check.cjs", "database_url.cjs", "database_version.cjs",
    "exact_dates.cjs", "exact_dates.d.cts", "sessions.cjs", "url_config.cjs", "values.cjs",
)  # fmt: skip


class NodeClientTarget:
    """``@org/schema-client``: Prisma Client as a finished package, for ``import`` and ``require``."""

    def __init__(self, bridge: PrismaBridge) -> None:
        self._bridge = bridge

    @property
    def language(self) -> Language:
        return "node"

    def generate(self, request: GenerationRequest) -> Package:
        """The package for ``request``. Raises the bridge's errors, and BridgeError for odd output."""
        known = without_partial_uniques(request.schema, self._bridge)
        prisma = prisma_client(self._bridge, request.schema, known.text)
        name, version = request.names.node_client, str(request.version)
        context = {
            **client_view(request),
            "node_range": _NODE,
            "prisma_version": prisma_version(prisma),
            "partial_keys": known.kept,
        }
        bundled = bundled_components(prisma, {file: _runtime(file) for file in _RUNTIME})
        written = {
            "package.json": package_json(_manifest(request, bundled)),
            _LICENCE_TEXTS: _LICENCE_HEADING + prisma[LICENCES].decode(),
            "README.md": _render("README.md", context),
            **changelog_file(request),
            "dist/index.d.mts": 'export * from "./index.cjs";\n',
            # For what resolves no "exports".
            "runtime.d.ts": 'export * from "./dist/prisma/runtime/client.js";\n',
            **{f"dist/{file}": _render(file, context) for file in _TEMPLATES},
            **{f"dist/{file}": _runtime(file) for file in _RUNTIME},
        }
        code = FileTree({path: content for path, content in prisma.items() if path != LICENCES})
        return Package(
            language=self.language,
            kind="npm",
            name=name,
            version=version,
            files=code.under("dist/prisma") | written,
            bundled=bundled,
        )


def _manifest(request: GenerationRequest, bundled: Iterable[BundledComponent]) -> dict[str, Any]:
    version = str(request.version)
    manifest: dict[str, Any] = {
        "name": request.names.node_client,
        "version": version,
        "description": request.description or f"Database client of the schema {request.schema_name}",
        "author": request.author,
        "type": "commonjs",
        "sideEffects": False,
        "main": "./dist/index.cjs",
        "types": "./dist/index.d.cts",
        "exports": {**entry_points(["index"]), **_RUNTIME_ENTRY},
        "files": ["dist", "runtime.d.ts", _LICENCE_TEXTS, *changelog_file(request)],
        "engines": {"node": _NODE},
        "schemaService": {
            "schemaName": request.schema_name,
            "schemaVersion": version,
            "schemaDigest": request.schema.digest,
            "generatorRevision": current_revision(),
            "bundled": [f"{each.name}@{each.version}" for each in bundled if each.ecosystem == "npm"],
        },
    }
    return {key: value for key, value in manifest.items() if value is not None}


def _render(name: str, context: dict[str, Any]) -> str:
    return npm_templates(__package__).get_template(f"{name}.jinja").render(context)


def _runtime(name: str) -> str:
    return resources.files(__package__).joinpath("runtime", name).read_text("utf-8")
