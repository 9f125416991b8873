"""The migrations wheel: scripts, the manifest made from them, the runner, and a README."""

from __future__ import annotations

import json
from typing import Any

from migrations.package.compatibility import compatible_on_lines
from migrations.package.manifest import build_manifest
from migrations.runner.manifest import Manifest
from schemas.workspace.migration import Migration

from ..bundled import embedded_component
from ..changelog_file import changelog_file
from ..embed import embedded_sources
from ..file_tree import FileTree
from ..manual import closing_sections
from ..metadata import WheelProject, one_line, project_files
from ..rendering import render
from ..target import GenerationRequest, Language, Package

_RUNNER = "migrations.runner"


class MigrationsTarget:
    """``generate`` raises MigrationSyntaxError for scripts that can't be split into steps."""

    @property
    def language(self) -> Language:
        return "migrations"

    def generate(self, request: GenerationRequest) -> Package:
        """The wheel's sources: the same for the same request, on any machine."""
        name, import_name = request.names.python_migrations, request.names.python_migrations_import
        migrations = tuple(sorted(request.migrations, key=lambda migration: migration.number))
        manifest = build_manifest(
            schema_name=request.schema_name,
            package=name,
            version=request.version,
            schema_digest=request.schema.digest,
            migrations=migrations,
            history=request.history,
            lines=request.lines,
            clients=(request.names.python_client, request.names.node_client),
            names_schemas=request.schema.names_schemas,
            compatible_from=compatible_on_lines(
                {m.version for m in migrations}
                | {state.version for state in request.history}
                | {request.version},
                request.lines,
                request.compatible_from,
            ),
        )
        view = _view(request, manifest, migrations)
        sources = FileTree(
            {
                "__init__.py": _render("__init__.py.jinja", view),
                "__main__.py": _render("__main__.py.jinja", view),
                "py.typed": "",
                "manifest.json": _json(manifest),
                **_scripts(migrations),
                **changelog_file(request),
            }
        )
        project = WheelProject(
            name=name,
            version=request.version.pep440,
            description=request.description or f"Migrations of the schema {request.schema_name}",
            readme=_render("README.md.jinja", view),
            requires_python=">=3.11",
            import_package=import_name,
            dependencies=("psycopg[binary]>=3.2,<4",),
            scripts={name: f"{import_name}:main"},
            author=request.author,
            keywords=("migrations", "postgresql"),
        )
        runner = embedded_sources(_RUNNER)
        return Package(
            language="migrations",
            kind="wheel",
            name=name,
            version=request.version.pep440,
            files=project_files(project, sources | runner.under("_runner")),
            bundled=(embedded_component("schema-service-migration-runner", runner),),
        )


def _view(
    request: GenerationRequest, manifest: dict[str, Any], migrations: tuple[Migration, ...]
) -> dict[str, Any]:
    title = f"Migrations of the schema {request.schema_name} up to {request.version}, and their runner."
    described = f"{title}\n\n{request.description}" if request.description.strip() else title
    return {
        "docstring": render.python_docstring(described),
        "package_version": request.version.pep440,
        "schema_version": str(request.version),
        "schema_name": request.schema_name,
        "shown_name": one_line(render.visible(request.schema_name)),
        "schema_digest": request.schema.digest,
        "migrations_digest": Manifest.from_json(manifest).digest_at(manifest["version"]),
        "name": request.names.python_migrations,
        "import_name": request.names.python_migrations_import,
        "description": one_line(render.visible(request.description)),
        "first_version": manifest["versions"][0],
        "closing": closing_sections(request, "migrations"),
        "migrations": migrations,
        "is_draft": request.version.is_draft,
    }


def _scripts(migrations: tuple[Migration, ...]) -> dict[str, str]:
    """For people to read; the runner reads the manifest."""
    scripts = {f"sql/{migration.id}/up.sql": migration.up for migration in migrations}
    downs = {
        f"sql/{migration.id}/down.sql": migration.down
        for migration in migrations
        if migration.down is not None
    }
    return scripts | downs


def _json(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _render(template: str, view: dict[str, Any]) -> str:
    return render.environment("generators.migrations_package").get_template(template).render(view)
