"""``generate`` and ``build``: the packages of a version in a folder, without publishing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemas.versions import SchemaVersion

from ...release.version_packages import VersionPackages, version_packages
from ..output import JsonFlag, emit_json, say
from ..output_folder import claim, fill
from ..session import VersionArgument, current_workspace

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder.")]


def generate(version: VersionArgument, out: OutOption, as_json: JsonFlag = False) -> None:
    """Write the sources of the four packages, for review.

    They are what `build` packs and `publish` uploads. Nothing leaves this machine.
    """
    claim(out)
    packages = _packages(version).packages
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
    artifacts = _packages(version).packed()
    fill(out, {artifact.filename: artifact.content for artifact in artifacts})
    if as_json:
        rows = [{"language": a.language, "filename": a.filename, "sha256": a.sha256} for a in artifacts]
        emit_json({"ok": True, "artifacts": rows})
        return
    for artifact in artifacts:
        say(f"{artifact.sha256}  {artifact.filename}")


def _packages(version: str) -> VersionPackages:
    workspace, settings = current_workspace()
    return version_packages(workspace, settings, SchemaVersion.parse(version))
