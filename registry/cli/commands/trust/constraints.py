"""``constraints``: the hashes that pip requires."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.files import write_atomically

from ....catalogue.opening import open_catalogue
from ....config.credentials import pypi_credentials
from ....config.settings import FILE_NAME
from ....config.upstreams import read_python_upstream
from ....consumers.hashed_constraints import hashed_constraints
from ....errors import NotPublishedError, SettingsError
from ....local.local_credentials import read_local_credentials
from ...output import JsonFlag, emit_json, say, show_problem
from ...session import VersionArgument, current_workspace


class Wheel(StrEnum):
    """By its language."""

    PYTHON = "python"
    MIGRATIONS = "migrations"


def constraints(
    version: VersionArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write it there instead of printing it.", show_default=False
        ),
    ] = None,
    only: Annotated[
        Wheel | None,
        typer.Option("--only", help="One of the two wheels; both by default.", show_default=False),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the hashes of a version's wheels and of all that they depend on.

    With `pip install --require-hashes -r FILE` no other bytes are installed, whatever an index
    serves. A service takes --only python, and an image that migrates --only migrations.
    """
    workspace, settings = current_workspace()
    pypi = settings.registries.pypi
    if pypi is None:
        raise SettingsError(_no_index())
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        published = catalogue.find(SchemaVersion.parse(version))
        withdrawal = catalogue.events.withdrawal(published.version) if published is not None else None
    if published is None:
        raise NotPublishedError(_not_in_catalogue(version))
    if withdrawal is not None:
        show_problem(_withdrawn(published.version, withdrawal.reason))
    wheels = [
        artifact
        for artifact in published.artifacts
        if artifact.language in ([only.value] if only else list(Wheel))
    ]
    local_pypi, _ = read_local_credentials(workspace.root)
    credentials = pypi_credentials(pypi.url, local=local_pypi)
    text = hashed_constraints(wheels, pypi, credentials, read_python_upstream())
    if out is not None:
        write_atomically(out, text)
    if as_json:
        emit_json({"ok": True, "version": str(published.version), "constraints": text})
    elif out is not None:
        say(f"Wrote {out}: pip install --require-hashes -r {out}")
    else:
        typer.echo(text, nl=False)


def _withdrawn(version: SchemaVersion, reason: str) -> Problem:
    return Problem(
        code="pins-withdrawn",
        severity="warning",
        message=f"{version} is withdrawn ({reason}), and this pins it",
        fix="pin another version; schema-service versions lists them",
    )


def _no_index() -> Problem:
    return Problem(
        code="missing-setting",
        message="there is no index to ask: [registries.pypi] is missing",
        fix='add [registries.pypi] with url = "…"',
        file=FILE_NAME,
    )


def _not_in_catalogue(version: str) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} is not in this state database",
        fix="schema-service versions lists what is; publishing it again records it, and changes nothing else",
    )
