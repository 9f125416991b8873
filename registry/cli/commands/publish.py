"""``publish``: the command, which has Node started while Python imports what a release needs."""

from __future__ import annotations

from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

from ..loading import loading
from ..output import JsonFlag, MarkdownFlag, one_format
from ..session import VersionArgument, current_workspace


def publish_version(
    version: VersionArgument, as_json: JsonFlag = False, markdown: MarkdownFlag = False
) -> None:
    """Publish a version to both registries.

    The steps: check, compare, plan, rehearse, generate, pack, test, upload, verify, latest, notify.
    Running it again finishes what was interrupted, and does nothing where all of it is done.
    """
    one_format(as_json=as_json, markdown=markdown)
    workspace, settings = current_workspace(to_publish=version)
    wanted = SchemaVersion.parse(version)
    with PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge:
        bridge.start()
        with loading():
            from ..publishing import publish_and_report  # noqa: PLC0415 - takes as long as Node

        publish_and_report(workspace, settings, wanted, bridge, as_json=as_json, markdown=markdown)
