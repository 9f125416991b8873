"""Generates the npm package with the schema's TypeScript types."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import fields
from importlib import resources
from typing import Any

from ..bundled import embedded_component
from ..changelog_file import changelog_file
from ..file_tree import FileTree
from ..manual import closing_sections
from ..metadata import package_json
from ..rendering.typescript import entry_points, npm_templates, to_commonjs, without_comments
from ..target import GenerationRequest, Language, Package
from .codes import letters
from .view import schema_view

_PUBLIC = (
    "index",
    "enums",
    "models",
    "inputs",
    "json",
    "version",
    "validators",
    "meta",
    "json-schema",
    "zod",
)
_DECLARED = ("index", "enums", "models", "inputs", "fields", "version", "validators", "meta")
_MODULES = ("index", "enums", "version", "validators", "related", "meta", "wire")
_RUNTIME_MODULES = ("kinds", "validate", "schema", "model", "json", "json-schema", "zod", "describe")
_RUNTIME_DECLARATIONS = ("json", "scalars", "validator", "description", "json-schema", "zod")
_RUNTIME = (
    *(f"{name}.mjs" for name in _RUNTIME_MODULES),
    *(f"{name}.d.cts" for name in _RUNTIME_DECLARATIONS),
)
_ZOD = "^4.0.0"
_ONLY = re.compile(r" // only: (\w+)$", re.MULTILINE)
#: Away from the modules, so that the two formats of one lie side by side in the tarball: what a schema says
#: stands in both, and gzip sees a repetition only within 32 KB.
_DECLARATIONS = "dist/types"


class TypesTarget:
    """``@org/schema-types``: declarations and some run-time support, without dependencies."""

    @property
    def language(self) -> Language:
        return "typescript"

    def generate(self, request: GenerationRequest) -> Package:
        """The package for ``request``: ES modules and CommonJS, with types that both resolve."""
        name = request.names.typescript_types
        version = str(request.version)
        context = _context(request, name, version)
        files = {
            "package.json": package_json(_manifest(request, name, version)),
            "README.md": _render("README.md", context),
            **changelog_file(request),
            **dict(sorted(_sources(context, letters(request.schema)).items())),
        }
        return Package(
            language=self.language,
            kind="npm",
            name=name,
            version=version,
            files=FileTree(files),
            bundled=(
                embedded_component(
                    "schema-service-types-runtime", {file: _runtime(file) for file in _RUNTIME}
                ),
            ),
        )


def _sources(context: dict[str, Any], used: Set[str]) -> dict[str, str]:
    modules = {name: _render(f"{name}.mjs", context) for name in _MODULES}
    modules |= {name: runtime_module(name, used) for name in _RUNTIME_MODULES}
    # Modules with types only still have to exist at run time, for whoever imports the whole module.
    modules |= dict.fromkeys(("models", "inputs"), "export {};\n")
    declarations = {name: _render(f"{name}.d.cts", context) for name in _DECLARED}
    declarations |= {name: _runtime(f"{name}.d.cts") for name in _RUNTIME_DECLARATIONS}
    return {
        **{f"dist/{name}.mjs": without_comments(module) for name, module in modules.items()},
        **{f"dist/{name}.cjs": to_commonjs(module) for name, module in modules.items()},
        **{f"{_DECLARATIONS}/{name}.d.cts": declaration for name, declaration in declarations.items()},
        **{f"{_DECLARATIONS}/{name}.d.mts": f'export * from "./{name}.cjs";\n' for name in _PUBLIC},
    }


def _manifest(request: GenerationRequest, name: str, version: str) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "name": name,
        "version": version,
        "description": request.description or f"TypeScript types of the {request.schema_name} schema",
        "author": request.author,
        "type": "commonjs",
        "sideEffects": False,
        "main": "./dist/index.cjs",
        "module": "./dist/index.mjs",
        "types": f"./{_DECLARATIONS}/index.d.cts",
        "exports": entry_points(_PUBLIC, _DECLARATIONS),
        # For `moduleResolution: node10`, which ignores `exports`.
        "typesVersions": {
            "*": {entry: [f"./{_DECLARATIONS}/{entry}.d.cts"] for entry in _PUBLIC if entry != "index"}
        },
        "files": ["dist", *changelog_file(request)],
        "engines": {"node": ">=20.19"},
        "peerDependencies": {"zod": _ZOD},
        "peerDependenciesMeta": {"zod": {"optional": True}},
        "schemaService": {
            "schemaName": request.schema_name,
            "schemaVersion": version,
            "schemaDigest": request.schema.digest,
        },
    }
    return {key: value for key, value in manifest.items() if value is not None}


def _context(request: GenerationRequest, name: str, version: str) -> dict[str, Any]:
    view = schema_view(request.schema)
    return {
        "name": name,
        "version": version,
        "digest": request.schema.digest,
        "schema_name": request.schema_name,
        "description": request.description,
        "scope": name.partition("/")[0] if "/" in name else "",
        "closing": closing_sections(request, "typescript"),
        "model": view.models[0] if view.models else None,
        **{field.name: getattr(view, field.name) for field in fields(view)},
    }


def _render(name: str, context: dict[str, Any]) -> str:
    return npm_templates(__package__).get_template(f"{name}.jinja").render(context)


def runtime_module(name: str, used: Set[str]) -> str:
    """A module of the run-time support without the lines that are for other letters than ``used``."""
    lines = _runtime(f"{name}.mjs").splitlines(keepends=True)
    return "".join(_ONLY.sub("", line) for line in lines if _is_used(line, used))


def _is_used(line: str, used: Set[str]) -> bool:
    only = _ONLY.search(line)
    return only is None or not used.isdisjoint(only[1])


def _runtime(name: str) -> str:
    return resources.files(__package__).joinpath("runtime", name).read_text("utf-8")
