"""``check``: every problem of a version, with its file, line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generators.target import PackageNames
from schemas.errors import ExitCode, Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import VERSIONS_FOLDER, Workspace

from ...errors import UsageError
from ..loading import loading
from ..output import JsonFlag, MarkdownFlag, emit_json, emit_text, one_format, say, show_problem
from ..session import OptionalVersionArgument, all_versions, chosen_version, current_workspace

if TYPE_CHECKING:
    from ...review.version_review import VersionReview
    from ...validation.kept_rehearsals import RehearsalReport


def check(
    version: OptionalVersionArgument = None,
    every: Annotated[bool, typer.Option("--all", help="Check every version of the workspace.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the rehearsal.")] = False,
    as_json: JsonFlag = False,
    markdown: MarkdownFlag = False,
) -> int:
    """Validate a version and show every problem in it.

    Checks the files of the workspace, the schema, its names in every language, the SQL of the
    migrations, whether one is missing or has open questions, and whether the version's number
    fits what changed. A draft without errors is then rehearsed on a scratch Postgres, as
    `publish` does: once for each content, since the result is kept. What is published it
    knows from the workspace (get release.lock files from version control first) and from the
    state database, if the settings name a shared one; one that doesn't answer is a warning.
    """
    if every and version is not None:
        problem = Problem(
            code="conflicting-options",
            message="--all checks every version, and a version was named as well",
            fix="use one of the two",
        )
        raise UsageError(problem)
    one_format(as_json=as_json, markdown=markdown)
    workspace, settings = current_workspace()
    chosen = all_versions(workspace) if every else (chosen_version(workspace, version),)
    with PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge:
        bridge.start()
        with loading():
            from ...validation.published_versions import published_versions  # noqa: PLC0415 - as below
            from ...validation.workspace_check import Rehearsals, problems_of  # noqa: PLC0415 - as long as Node

        rehearsals = None if quick else Rehearsals(settings.rehearsal.url)
        with published_versions(workspace, settings) as published:
            problems = problems_of(workspace, chosen, bridge, rehearsals, published)
        reports = rehearsals.reports if rehearsals else {}
        reviews = []
        if as_json or markdown:
            names = settings.packages.names()
            reviews = _reviews(workspace, chosen, problems, reports, names=names, bridge=bridge)
    exit_code = ExitCode.USER if any(problem.severity == "error" for problem in problems) else ExitCode.DONE
    if markdown:
        from ...review.review_markdown import review_markdown  # noqa: PLC0415 - only needed here

        told = {problem for review in reviews for problem in review.problems}
        emit_text(review_markdown(reviews, others=[each for each in problems if each not in told]))
    elif as_json:
        document = {"ok": exit_code == ExitCode.DONE, "exit_code": int(exit_code)}
        versions = [str(each) for each in chosen]
        emit_json(
            {
                **document,
                "versions": versions,
                "problems": [asdict(each) for each in problems],
                "rehearsals": {str(each): _as_json(report) for each, report in reports.items()},
                "reviews": {str(each.version): each.to_json() for each in reviews},
            }
        )
    else:
        _show(chosen, problems, reports)
    return exit_code


def _reviews(
    workspace: Workspace,
    versions: Sequence[SchemaVersion],
    problems: Sequence[Problem],
    reports: Mapping[SchemaVersion, RehearsalReport],
    *,
    names: PackageNames,
    bridge: PrismaBridge,
) -> list[VersionReview]:
    """Of the drafts: what is published was reviewed."""
    from ...review.version_review import review_version  # noqa: PLC0415 - a parser of SQL

    drafts = [version for version in versions if not workspace.is_sealed(version)]
    reviews = []
    for version in drafts:
        own = f"{VERSIONS_FOLDER}/{version}/"
        found = [each for each in problems if (each.file or "").startswith(own) or versions == (version,)]
        report = reports.get(version)
        reviews.append(
            review_version(
                workspace,
                version,
                names,
                bridge,
                problems=found,
                rehearsed=report.document if report else None,
                losses=report.losses if report else (),
            )
        )
    return reviews


def _as_json(report: RehearsalReport) -> dict[str, Any]:
    return {"summary": report.summary, "is_kept": report.is_kept, **report.document}


def _show(
    versions: tuple[SchemaVersion, ...],
    problems: list[Problem],
    reports: Mapping[SchemaVersion, RehearsalReport],
) -> None:
    for problem in problems:
        show_problem(problem)
    for version, report in reports.items():
        earlier = " earlier" if report.is_kept else ""
        say(f"{version}: rehearsed{earlier}: {report.summary}")
        for loss in report.losses:
            say(f"  {loss}")
    counts = Counter(problem.severity for problem in problems)
    found = ", ".join(f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in sorted(counts))
    verdict = "not valid" if counts["error"] else "valid"
    names = ", ".join(map(str, versions))
    say(f"{names}: {verdict}{f' ({found})' if found else ''}")
