"""The rehearsal of a version that passed the other checks, for `check` and `publish` alike.

Both take a result that was kept for the same content, and keep theirs. A release may: the key covers all that
a rehearsal depends on, whoever can write the folder can also edit what is published, and a result that is
damaged is not taken. So publishing what was just checked needs no second rehearsal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from migrations.errors import RehearsalError
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder

from .kept_rehearsals import FailedRehearsal, KeptRehearsal, RehearsalReport, RehearsalSubject, is_compared

if TYPE_CHECKING:  # a result that was kept needs no database driver
    from migrations.rehearsal.rehearsal import Rehearsal
    from migrations.scratch.scratch_server import ScratchServer

_SERVER_FOLDER = "rehearsal"


def rehearsed(
    subject: RehearsalSubject,
    schema: Callable[[], Schema],
    bridge: PrismaBridge,
    *,
    root: Path,
    url: str | None,
) -> RehearsalReport:
    """What rehearsing ``subject`` finds, now or earlier. ``root`` is the workspace, ``url`` a server that is
    given (None: an embedded one). ``schema`` is the subject's, asked for once the server is ready.

    Raises what :func:`migrations.rehearsal.rehearsal.rehearse` raises, and what ``schema`` does.
    """
    place = KeptRehearsal(root, subject, url)
    found = place.find()
    if isinstance(found, FailedRehearsal):
        raise RehearsalError(*found.problems)
    if found is None:
        try:
            found = _report(_rehearse(subject, schema, bridge, server_folder(root), url))
        except RehearsalError as error:
            if is_compared(error.problems):
                place.keep(FailedRehearsal(error.problems))
            raise
        place.keep(found)
    return found


def server_folder(root: Path) -> Path:
    """Where the embedded server's data is, from one rehearsal to the next. Raises WorkspaceError."""
    return private_folder(root, _SERVER_FOLDER)


def _rehearse(
    subject: RehearsalSubject,
    schema: Callable[[], Schema],
    bridge: PrismaBridge,
    folder: Path,
    url: str | None,
) -> Rehearsal:
    from migrations.rehearsal.extensions import provide  # noqa: PLC0415
    from migrations.rehearsal.rehearsal import rehearse  # noqa: PLC0415 - what is kept needs no driver
    from migrations.rehearsal.server import on_rehearsal_server  # noqa: PLC0415

    provide(subject.migrations, url)

    def work(server: ScratchServer, cache: Path | None) -> Rehearsal:
        return rehearse(
            subject.migrations,
            schema(),
            server,
            bridge,
            version=subject.version,
            releases=subject.releases,
            cache=cache,
            sql_only=subject.sql_only,
            lines=subject.lines,
        )

    return on_rehearsal_server(url, folder, work)


def _report(rehearsal: Rehearsal) -> RehearsalReport:
    return RehearsalReport(
        summary=rehearsal.summary,
        losses=rehearsal.losses,
        warnings=rehearsal.warnings,
        document=rehearsal.to_json(),
        history=rehearsal.history,
    )
