"""Generates the npm package with Prisma Client, its Postgres adapter and everything they need but ``pg``."""

from __future__ import annotations

from importlib import resources
from typing import Any

from schemas.prisma.bridge import PrismaBridge

from ..changelog_file import changelog_file
from ..metadata import package_json
from ..rendering.typescript import entry_points, npm_templates
from ..target import GenerationRequest, Language, Package
from .bundled import bundled_components
from .partial_uniques import without_partial_uniques
from .prisma_output import prisma_client, prisma_version
from .view import client_view

_NODE = ">=20.19"
_PG = "^8.16.3"  # what @prisma/adapter-pg requires
_TEMPLATES = ("index.cjs", "index.mjs", "index.d.cts", "key_columns.cjs")
_RUNTIME = (
    "connect.cjs", "connect.d.cts", "database_url.cjs", "sessions.cjs", "url_config.cjs", "values.cjs",
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
        written = {
            "package.json": package_json(_manifest(request)),
            "README.md": _render("README.md", context),
            **changelog_file(request),
            "dist/index.d.mts": 'export * from "./index.cjs";\n',
            **{f"dist/{file}": _render(file, context) for file in _TEMPLATES},
            **{f"dist/{file}": _runtime(file) for file in _RUNTIME},
        }
        files = prisma.under("dist/prisma") | written
        return Package(
            language=self.language,
            kind="npm",
            name=name,
            version=version,
            files=files,
            bundled=bundled_components(prisma, {file: _runtime(file) for file in _RUNTIME}),
        )


def _manifest(request: GenerationRequest) -> dict[str, Any]:
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
        "exports": entry_points(["index"]),
        "files": ["dist", *changelog_file(request)],
        "engines": {"node": _NODE},
        "dependencies": {"pg": _PG},
        "schemaService": {
            "schemaName": request.schema_name,
            "schemaVersion": version,
            "schemaDigest": request.schema.digest,
        },
    }
    return {key: value for key, value in manifest.items() if value is not None}


def _render(name: str, context: dict[str, Any]) -> str:
    return npm_templates(__package__).get_template(f"{name}.jinja").render(context)


def _runtime(name: str) -> str:
    return resources.files(__package__).joinpath("runtime", name).read_text("utf-8")
