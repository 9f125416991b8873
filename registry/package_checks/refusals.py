"""What a tool says of a package, as a problem with the tool's own words."""

from __future__ import annotations

from generators.target import Artifact
from schemas.errors import Problem


def refused(
    artifact: Artifact,
    tool: str,
    words: str,
    *,
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
) -> Problem:
    """``file`` is a path in the package; without one the whole package is meant."""
    return Problem(
        code="package-refused",
        message=f"{tool} says of {artifact.filename}: {words.strip()}",
        fix="this is a bug in schema-service: please report it with the schema; nothing was uploaded",
        file=f"{artifact.filename}/{file}" if file else artifact.filename,
        line=line,
        column=column,
    )


def could_not_look(artifact: Artifact, tool: str, words: str) -> Problem:
    """A check that gave no answer isn't passed."""
    return Problem(
        code="package-not-checked",
        message=f"{tool} could not look at {artifact.filename}: {words.strip()[:500]}",
        fix="run this again; if it keeps failing, report it with the schema",
    )
