"""``generate`` and ``build``: the packages of a version in a folder, without publishing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generators.packing import pack
from generators.target import Package
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from ...release.context import generation_request, rehearsed_history
from ...release.workspace_snapshot import load_unedited, snapshot_to_build
from ...validation.version_check import check_version, passed
from ..output import JsonFlag, emit_json, say
from ..output_folder import claim, fill
from ..session import VersionArgument, current_workspace

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder.")]


def generate(version: VersionArgument, out: OutOption, as_json: JsonFlag = False) -> None:
    """Write the sources of the four packages, for review.

    They are what `build` packs and `publish` uploads. Nothing leaves this machine.
    """
    claim(out)
    packages = _packages(version)
    fill(out, {path: content for p in packages for path, content in p.files.under(p.language).items()})
    if as_json:
        emit_json({"ok": True, "packages": {p.language: sorted(p.files) for p in packages}})
        return
    for package in packages:
        say(f"{package.language:<12} {out / package.language}  {len(package.files)} files")


def build(version: VersionArgument, out: OutOption, as_json: JsonFlag = False) -> None:
    """Build the four artifacts, and print the sha256 and name of each.

    The same version gives the same bytes on any machine and any day. Nothing leaves this machine.
    """
    claim(out)
    artifacts = [pack(package) for package in _packages(version)]
    fill(out, {artifact.filename: artifact.content for artifact in artifacts})
    if as_json:
        rows = [{"language": a.language, "filename": a.filename, "sha256": a.sha256} for a in artifacts]
        emit_json({"ok": True, "artifacts": rows})
        return
    for artifact in artifacts:
        say(f"{artifact.sha256}  {artifact.filename}")


def _packages(version: str) -> list[Package]:
    workspace, settings = current_workspace()
    source = load_unedited(workspace, SchemaVersion.parse(version))
    with PrismaBridge() as bridge:
        snapshot = snapshot_to_build(workspace, source, settings, bridge)
        schema = passed(check_version(snapshot.candidate, snapshot.before, bridge))
        history = rehearsed_history(snapshot, schema, settings.rehearsal.url, workspace.root)
        request = generation_request(snapshot, schema, history)
        return [target.generate(request) for target in all_targets(bridge)]
