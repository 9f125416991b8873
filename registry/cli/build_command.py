"""``generate`` and ``build``: the packages of a version in a folder, without publishing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generators.naming import name_problems
from generators.packing import pack
from generators.target import Package
from generators.targets import all_targets
from schemas.errors import InvalidSchemaError, Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from ..errors import OutputFolderError
from ..release.context import generation_request
from ..release.publish import take_snapshot
from ..release.version_before import VersionsBefore
from .output import JsonFlag, console, emit_json
from .session import VersionArgument, current_workspace

OutOption = Annotated[Path, typer.Option("--out", help="An empty or new folder.")]


def register(app: typer.Typer) -> None:
    app.command("generate")(generate)
    app.command("build")(build)


def generate(version: VersionArgument, out: OutOption, as_json: JsonFlag = False) -> None:
    """Write the sources of the four packages, to look at."""
    _claim(out)
    packages = _packages(version)
    for package in packages:
        for path, content in package.files.under(package.language).items():
            file = out / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    if as_json:
        emit_json({"ok": True, "packages": {p.language: sorted(p.files) for p in packages}})
        return
    for package in packages:
        console.print(f"{package.language:<12} {out / package.language}  {len(package.files)} files")


def build(version: VersionArgument, out: OutOption, as_json: JsonFlag = False) -> None:
    """Build the four artifacts; the same version gives the same bytes anywhere."""
    _claim(out)
    artifacts = [pack(package) for package in _packages(version)]
    out.mkdir(parents=True, exist_ok=True)
    for artifact in artifacts:
        (out / artifact.filename).write_bytes(artifact.content)
    if as_json:
        rows = [{"language": a.language, "filename": a.filename, "sha256": a.sha256} for a in artifacts]
        emit_json({"ok": True, "artifacts": rows})
        return
    for artifact in artifacts:
        console.print(f"{artifact.sha256}  {artifact.filename}")


def _packages(version: str) -> list[Package]:
    workspace, settings = current_workspace()
    source = workspace.load(SchemaVersion.parse(version))
    with PrismaBridge() as bridge:
        schema = bridge.parse(source.schema_text, source.schema_path)
        if problems := name_problems(schema, source.schema_path, source.schema_text):
            raise InvalidSchemaError(*problems)
        request = generation_request(take_snapshot(source, settings, VersionsBefore()), schema)
        return [target.generate(request) for target in all_targets(bridge)]


def _claim(out: Path) -> None:
    """Refuse a folder with something in it: nothing of the user's is ever overwritten."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        problem = Problem(
            code="folder-not-empty",
            message=f"{out} is not an empty folder",
            fix="give a new folder with --out, or empty this one",
        )
        raise OutputFolderError(problem)
