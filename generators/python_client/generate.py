"""Generates the wheel with the typed Python client."""

from __future__ import annotations

from typing import Any

from ..bundled import embedded_component
from ..changelog_file import changelog_file
from ..database_range import database_range
from ..embed import embedded_sources
from ..file_tree import FileTree
from ..manual import closing_sections
from ..metadata import WheelProject, project_files
from ..rendering.render import environment
from ..target import GenerationRequest, Language, Package
from .body_view import body_views
from .imports import (
    base_imports,
    body_imports,
    checking_imports,
    model_imports,
    partial_imports,
    table_imports,
)
from .inputs.typed_dicts import typed_dicts
from .inputs.typed_view import type_imports
from .partial_view import partial_views
from .sqlalchemy.orm_view import orm_view
from .view import ModelView, enum_views, error_names, model_views

_HERE = "generators.python_client"
_RUNTIME = f"{_HERE}.runtime"
_REQUIRES_PYTHON = ">=3.11"
#: The versions that the tests run on.
_CLASSIFIERS = (
    *(f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)),
    "Typing :: Typed",
)
_DEPENDENCIES = ("psycopg[binary]>=3.2.1", "pydantic>=2.10")
_EXTRAS = {"opentelemetry": ("opentelemetry-api>=1.20",), "sqlalchemy": ("sqlalchemy>=2.0.4",)}
_MODULES = (
    "__init__", "_data", "_registration", "actions", "bases", "batches", "bodies", "enums", "errors",
    "fields", "metrics", "models", "notifications", "observers", "partials", "tables", "testing", "types",
    "utils",
)  # fmt: skip
#: Modules of Prisma Client Python's folder for its engine, by their templates.
_ENGINE = {"engine/__init__.py": "engine__init__.py", "engine/errors.py": "engine_errors.py"}

_BLOCKING = {"mode": "sync", "prefix": "", "style": "blocking"}
_ASYNCIO = {"mode": "aio", "prefix": "Async", "style": "asyncio"}


class PythonClientTarget:
    """``schema-client``: pydantic models, typed inputs, and a blocking and an asyncio client."""

    @property
    def language(self) -> Language:
        return "python"

    def generate(self, request: GenerationRequest) -> Package:
        """The package for ``request``: the sources of one wheel."""
        context = _context(request)
        project = WheelProject(
            name=request.names.python_client,
            version=request.version.pep440,
            description=context["description"],
            readme=_render("README.md", context),
            requires_python=_REQUIRES_PYTHON,
            import_package=request.names.python_import,
            dependencies=_DEPENDENCIES,
            optional_dependencies=_EXTRAS,
            author=request.author,
            classifiers=_CLASSIFIERS,
        )
        return Package(
            language=self.language,
            kind="wheel",
            name=project.name,
            version=project.version,
            files=project_files(project, _sources(context) | changelog_file(request)),
            bundled=(embedded_component("schema-service-python-runtime", embedded_sources(_RUNTIME)),),
        )


def _sources(context: dict[str, Any]) -> FileTree:
    """The import package: rendered modules, and the runtime as it is."""
    rendered = {f"{module}.py": _render(f"{module}.py", context) for module in _MODULES}
    rendered |= {path: _render(template, context) for path, template in _ENGINE.items()}
    rendered["client.py"] = _render("client.py", {**context, **_BLOCKING})
    rendered["async_client.py"] = _render("client.py", {**context, **_ASYNCIO})
    return FileTree({**rendered, "py.typed": ""}) | embedded_sources(_RUNTIME).under("_runtime")


def _context(request: GenerationRequest) -> dict[str, Any]:
    models, typed = model_views(request.schema), typed_dicts(request.schema)
    tables, bodies = orm_view(request.schema), body_views(request.schema)
    partials = partial_views(request.schema)
    preferred = _ASYNCIO if request.names.python_interface == "asyncio" else _BLOCKING
    header = f"Generated from version {request.version} of the {request.schema_name} schema."
    description = request.description.strip() or f"Database client of the {request.schema_name} schema"
    return {
        "header": header,
        "description": description,
        "package_documentation": f"{description}\n\n{header}",
        "distribution": request.names.python_client,
        "import_name": request.names.python_import,
        "schema_name": request.schema_name,
        "schema_version": str(request.version),
        "version": request.version.pep440,
        "migrations_distribution": request.names.python_migrations,
        "database_range": database_range(request),
        "digest": request.schema.digest,
        "preferred": f"{preferred['prefix']}Client",
        "preferred_mode": preferred["mode"],
        "preferred_prefix": preferred["prefix"],
        "has_changelog": bool(changelog_file(request)),
        "closing": closing_sections(request, "python"),
        "models": models,
        "writable": [model for model in models if model.batch_inputs],
        "model_imports": model_imports(models),
        "base_imports": base_imports(models),
        "checking_imports": checking_imports(models, request.names.python_interface),
        "hidden_targets": sorted({target for model in models for target in model.targets}),
        "needs_never": any("_Never" in model.inputs for model in models),
        "actions": sorted({model.actions for model in models}),
        "example": _example(models),
        "enums": enum_views(request.schema),
        "bodies": bodies,
        "bodies_documentation": f"Pydantic models of what requests and responses carry as JSON.\n\n{header}",
        "body_imports": body_imports(bodies),
        "partials": partials,
        "partials_documentation": f"Classes with some of a model's fields.\n\n{header}",
        "partial_imports": partial_imports(partials),
        "hidden_partials": sorted({target for partial in partials for target in partial.targets}),
        "tables": tables,
        "tables_documentation": f"SQLAlchemy's models of the schema.\n\n{header}",
        "table_imports": table_imports(tables),
        "typed_dicts": typed,
        "type_imports": type_imports(typed),
        "errors": error_names(),
    }


def _example(models: tuple[ModelView, ...]) -> ModelView | None:
    return models[0] if models else None


def _render(template: str, context: dict[str, Any]) -> str:
    return environment(_HERE).get_template(f"{template}.jinja").render(context)
