"""``init``: start a workspace, empty, from the sample, or from an existing Prisma project."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import ImportReport, import_prisma
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ...errors import UsageError
from ..output import JsonFlag, emit_json, say


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
    as_json: JsonFlag = False,
) -> None:
    """Create a workspace: empty, with the sample, or from a Prisma project.

    The project's history, migrations/*/migration.sql, becomes the migrations of 1.0.0.
    """
    if sample and from_prisma is not None:
        problem = Problem(
            code="conflicting-options",
            message="--sample and --from-prisma can't be combined",
            fix="use one of the two",
        )
        raise UsageError(problem)
    report = None
    if from_prisma is not None:
        with PrismaBridge() as bridge:
            report = import_prisma(from_prisma, folder, name=name, bridge=bridge)
        workspace = Workspace.find(folder)
    else:
        workspace = create_workspace(folder, name=name, sample=sample)
    _show(workspace, report, as_json=as_json)


def _show(workspace: Workspace, report: ImportReport | None, *, as_json: bool) -> None:
    versions = workspace.versions()
    notes = list(report.notes) if report else []
    if as_json:
        stripped = [asdict(each) for each in report.stripped] if report else []
        document = {"ok": True, "folder": str(workspace.root), "versions": [str(each) for each in versions]}
        emit_json({**document, "stripped": stripped, "notes": notes})
        return
    say(f"Created a workspace in {workspace.root} with {', '.join(map(str, versions))}.")
    for each in report.stripped if report else ():
        say(f"  left out {each.file}:{each.line}: {each.what} ({each.why})")
    for note in notes:
        say(f"  {note}")
    _show_next_steps(workspace, versions[0])


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
