"""``init``: start a workspace, empty, from the sample, or from an existing Prisma project."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import ImportReport, import_prisma
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ...config.settings import load_settings
from ...errors import UsageError
from ..failures import Interrupted
from ..loading import loading
from ..output import JsonFlag, emit_json, say, show_problem

if TYPE_CHECKING:
    from ...validation.imported_version import ImportedVersion


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the workspace goes.")] = Path(),
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The schema's name; the packages are named after it.")
    ] = "schema",
    sample: Annotated[bool, typer.Option("--sample", help="Start with the sample's three versions.")] = False,
    from_prisma: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Start with this project's schema.prisma and migrations."),
    ] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the rehearsal of an imported history.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Create a workspace: empty, with the sample, or from a Prisma project.

    The project's history, migrations/*/migration.sql, becomes the migrations of 1.0.0. It is then
    checked and rehearsed as `publish` does; what SQL makes and the schema leaves out is kept in
    version.toml, and what is left to do is told.
    """
    if sample and from_prisma is not None:
        problem = Problem(
            code="conflicting-options",
            message="--sample and --from-prisma can't be combined",
            fix="use one of the two",
        )
        raise UsageError(problem)
    if from_prisma is not None:
        _import(from_prisma, folder, name, rehearses=not quick, as_json=as_json)
        return
    workspace = create_workspace(folder, name=name, sample=sample)
    versions = ", ".join(map(str, workspace.versions()))
    if as_json:
        emit_json({**_document(workspace), "stripped": [], "notes": []})
        return
    say(f"Created a workspace in {workspace.root} with {versions}.")
    _show_next_steps(workspace, workspace.versions()[0])


def _import(source: Path, folder: Path, name: str, *, rehearses: bool, as_json: bool) -> None:
    with PrismaBridge() as bridge:

        def first(schema: Schema) -> tuple[str, str]:
            from migrations.planner.plan import plan  # noqa: PLC0415 - few projects have no history

            planned = plan(None, schema, bridge)
            return planned.up, planned.down

        report = import_prisma(source, folder, name=name, bridge=bridge, first=first)
        if not as_json:
            _show_report(report)
        settled = None
        if rehearses:
            with loading():
                from ...validation.imported_version import settle_import  # noqa: PLC0415 - as long as Node

            url = load_settings(report.workspace.root).rehearsal.url
            try:
                settled = settle_import(report.workspace, report.version, bridge, url)
            except Interrupted as interrupt:
                interrupt.fix = _continuation(report)
                raise
    if as_json:
        document = {
            **_document(report.workspace),
            "models": report.models,
            "migrations": len(report.migrations),
            "stripped": [asdict(each) for each in report.stripped],
            "notes": list(report.notes),
        }
        if settled is not None:
            problems = [asdict(each) for each in settled.problems]
            document |= {"sql_only": list(settled.sql_only), "problems": problems}
        emit_json(document)
        return
    if settled is not None:
        _show_settled(settled, report.version)
    _show_next_steps(report.workspace, report.version)


def _continuation(report: ImportReport) -> str:
    root = report.workspace.root
    return (
        f"remove {root} and run the command again, with --quick to leave out the rehearsal; or go on in that "
        f"folder: schema-service check {report.version}"
    )


def _document(workspace: Workspace) -> dict[str, Any]:
    return {
        "ok": True,
        "folder": str(workspace.root),
        "versions": [str(each) for each in workspace.versions()],
    }


def _show_report(report: ImportReport) -> None:
    say(f"Created a workspace in {report.workspace.root} with {report.version}.")
    say(f"  took {_counted(report.models, 'model')} and {_counted(len(report.migrations), 'migration')}")
    for each in report.stripped:
        say(f"  left out {each.file}:{each.line}: {each.what} ({each.why})")
    for note in report.notes:
        say(f"  {note}")


def _show_settled(settled: ImportedVersion, version: SchemaVersion) -> None:
    for key in settled.sql_only:
        say(f"  kept in SQL only, by [sql_only] in version.toml: {key}")
    for problem in settled.problems:
        show_problem(problem)
    errors = sum(problem.severity == "error" for problem in settled.problems)
    if errors:
        say(f"To do before {version} can be published: {_counted(errors, 'error')}, told above.")
    elif settled.is_rehearsed:
        say(f"{version} was rehearsed, and can be published as it is.")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _show_next_steps(workspace: Workspace, version: SchemaVersion) -> None:
    first = workspace.load(version)
    say("Next:")
    if workspace.root != Path.cwd():
        say(f"  cd {shlex.quote(str(workspace.root))}")
    if not first.migrations:
        say(f"  edit {first.schema_path}, then: schema-service migration new init")
    say(f"  schema-service check {version}")
    say("  schema-service up, in another terminal, for registries on this machine")
    say(f"  schema-service publish {version}")
