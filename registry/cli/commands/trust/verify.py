"""``verify``: whether a published version is what it was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from schemas.errors import ExitCode
from schemas.versions import SchemaVersion

from ....artifacts.store import open_store
from ....catalogue.opening import open_catalogue
from ....publishers.opening import open_publishers
from ....release.version_packages import version_packages
from ....trust.verification.report import Report
from ....trust.verification.verifier import Verifier
from ...output import JsonFlag, emit_json, say, show_problem
from ...session import VersionArgument, current_workspace

_STYLES = {"ok": "green", "failed": "red", "unsigned": "yellow", "skipped": "dim"}


def verify(
    version: VersionArgument,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build it again from its sealed sources, and compare the bytes.")
    ] = False,
    as_json: JsonFlag = False,
) -> int:
    """Verify a published version: fetch its packages from the registries, and compare.

    Every digest (the registries' metadata, release.lock, the catalogue, each input) and every
    signature has to be right. Exit code 1 names all that was changed. A version that was
    published while the workspace had no key is unsigned, which this says, and no failure.
    """
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        verifier = Verifier(
            workspace=workspace,
            settings=settings,
            catalogue=catalogue,
            publishers=open_publishers(workspace, settings),
            kept=open_store(settings.artifacts, workspace.root).get,
        )
        again = (lambda each: version_packages(workspace, settings, each).packed()) if rebuild else None
        report = verifier.verify(SchemaVersion.parse(version), again)
    exit_code = ExitCode.USER if report.problems else ExitCode.DONE
    if as_json:
        found = [asdict(problem) for problem in report.problems]
        document = {"ok": not found, "exit_code": int(exit_code), **report.as_document(), "problems": found}
        emit_json(document)
    else:
        _print(report)
    return exit_code


def _print(report: Report) -> None:
    for each in report.checks:
        say((f"{each.status:<8}", _STYLES[each.status]), f" {each.subject}: {each.detail}")
    for problem in report.problems:
        show_problem(problem)
    if report.problems:
        say((f"{report.version} is not what was published.", "bold red"))
    else:
        signed = f"signed with {report.signed_by}" if report.signed_by else "unsigned"
        say((f"{report.version} is what was published", "bold"), f"; it is {signed}.")
