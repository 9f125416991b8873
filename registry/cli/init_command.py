"""``init``: begin a workspace, from nothing, from the sample, or from an existing Prisma project."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import Problem
from schemas.from_prisma import ImportReport, import_prisma
from schemas.init_workspace import create_workspace
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace import Workspace

from ..errors import UsageError
from .output import JsonFlag, console, emit_json, visible


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Where the workspace goes.")] = Path(),
    name: Annotated[
        str, typer.Option(help="The schema's name; the packages are called after it.")
    ] = "schema",
    sample: Annotated[bool, typer.Option("--sample", help="Begin with the sample's three versions.")] = False,
    from_prisma: Annotated[
        Path | None, typer.Option(help="Begin with this project's schema.prisma and migrations.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a workspace."""
    if sample and from_prisma is not None:
        problem = Problem(
            code="conflicting-options",
            message="--sample and --from-prisma both fill the workspace",
            fix="give one of them",
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
    versions = [str(version) for version in workspace.versions()]
    notes = list(report.notes) if report else []
    if as_json:
        stripped = [asdict(each) for each in report.stripped] if report else []
        document = {"ok": True, "folder": str(workspace.root), "versions": versions}
        emit_json({**document, "stripped": stripped, "notes": notes})
        return
    console.print(f"Created a workspace in {visible(str(workspace.root))} with {', '.join(versions)}.")
    for each in report.stripped if report else ():
        console.print(f"  left out {visible(f'{each.file}:{each.line}: {each.what} ({each.why})')}")
    for note in notes:
        console.print(f"  {visible(note)}")
    console.print(f"Next: schema-service check {versions[0]}, then schema-service publish {versions[0]}")
