"""``publish``, and its parts ``push`` and ``promote``: Node is started while Python imports what a release
needs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

from ...errors import UsageError
from ..loading import loading
from ..output import JsonFlag, MarkdownFlag, one_format
from ..session import VersionArgument, current_workspace


def publish_version(
    version: VersionArgument,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft", help="Publish packages of a draft, numbered VERSION-dev.N, which may still change."
        ),
    ] = False,
    as_json: JsonFlag = False,
    markdown: MarkdownFlag = False,
) -> None:
    """Publish a version to its registries.

    The steps: check, compare, plan, rehearse, generate, pack, test, upload, verify, promote, latest,
    notify. Running it again finishes what was interrupted, and does nothing where all of it is done.
    With --draft nothing is sealed, no `latest` moves, and the npm tag `dev` names the newest draft.
    """
    one_format(as_json=as_json, markdown=markdown)
    if draft and markdown:
        raise UsageError(
            Problem(
                code="conflicting-options",
                message="--draft and --markdown can't be combined",
                fix="use one of the two",
            )
        )
    _run(version, "draft" if draft else None, as_json=as_json, markdown=markdown)


def push_version(version: VersionArgument, as_json: JsonFlag = False) -> None:
    """Upload and seal a version that nobody gets unasked.

    Wheels go to the staging index, npm packages get the tag `staged`, and `latest` stays. The steps of a
    publish, up to verify; `promote` does the others.
    """
    _run(version, "push", as_json=as_json)


def promote_version(version: VersionArgument, as_json: JsonFlag = False) -> None:
    """Make a pushed version visible: what consumers get.

    Wheels are moved from the staging index to the release index, byte for byte, `latest` moves, and the
    release is announced.
    """
    _run(version, "promote", as_json=as_json)


def _run(
    version: str, part: Literal["push", "promote", "draft"] | None, *, as_json: bool, markdown: bool = False
) -> None:
    # A part is not what an unfinished publish of the version needs: that is finished first.
    workspace, settings = current_workspace(to_publish=version if part is None else None)
    wanted = SchemaVersion.parse(version)
    with PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge:
        bridge.start()
        with loading():
            from ..publishing import draft_and_report, publish_and_report  # noqa: PLC0415 - takes as long as Node

        if part == "draft":
            draft_and_report(workspace, settings, wanted, bridge, as_json=as_json)
        else:
            publish_and_report(
                workspace, settings, wanted, bridge, as_json=as_json, markdown=markdown, part=part
            )
