"""What an imported version needs before its first `publish`, found right after the import and not by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrations.errors import DriftError
from schemas.answers import Answers
from schemas.errors import ExitCode, Problem, ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.workspace import Workspace

from .workspace_check import Rehearsals, problems_of

#: A draft with no other error is rehearsed all the same: what else its scripts make has to be known.
_REHEARSED_ANYWAY = "missing-migration"
_EXTRA = "the imported migrations make it, and schema.prisma leaves it out"
_OTHERWISE = "the imported migrations drop it or make it otherwise, and schema.prisma has it"
_NAMED = (
    r"\b(?:DROP\s+(?:CONSTRAINT|INDEX)|CREATE\s+INDEX)\s+(?:CONCURRENTLY\s+)?(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    r"(?:\"?\w+\"?\.)?\"?{name}\b"
)


@dataclass(frozen=True, slots=True)
class ImportedVersion:
    """``problems`` are left; ``sql_only`` are the lines that were written to version.toml. Where
    ``is_rehearsed`` is false, no rehearsal said so."""

    problems: tuple[Problem, ...]
    sql_only: tuple[str, ...] = ()
    is_rehearsed: bool = False


def settle_import(
    workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge, url: str | None
) -> ImportedVersion:
    """Check the imported ``version`` and rehearse it on the server at ``url`` (None: an embedded one). What
    its migrations make and its schema leaves out gets a line of [sql_only]; so does a foreign key or an index
    that they drop or make otherwise.

    What keeps it from being rehearsed on this machine is one of the problems, a warning.
    """
    rehearsals = Rehearsals(url)
    try:
        problems = _found(workspace, version, bridge, rehearsals)
        drift = rehearsals.drifts.get(version)
        lines = _lines(drift, workspace.load(version).history) if drift else ()
        if lines:
            workspace.add_answers(version, Answers(sql_only=lines))
            problems = _found(workspace, version, bridge, rehearsals)
    except ServiceError as error:
        if error.exit_code is not ExitCode.SERVICE:
            raise
        return ImportedVersion(tuple(replace(problem, severity="warning") for problem in error.problems))
    return ImportedVersion(tuple(problems), tuple(key for key, _ in lines), is_rehearsed=True)


def _lines(drift: DriftError, history: Sequence[Migration]) -> tuple[tuple[str, str], ...]:
    extra = [(key, _EXTRA) for key in drift.extras]
    return (*extra, *((key, _OTHERWISE) for key in drift.absent if _is_named(key, history)))


def _is_named(key: str, history: Sequence[Migration]) -> bool:
    """Whether a script drops or makes it by name: that was meant, where what no script names is forgotten."""
    named = re.compile(_NAMED.format(name=re.escape(key.rpartition(".")[2])), re.IGNORECASE)
    return any(named.search(migration.up) for migration in history)


def _found(
    workspace: Workspace, version: SchemaVersion, bridge: PrismaBridge, rehearsals: Rehearsals
) -> Sequence[Problem]:
    problems = problems_of(workspace, (version,), bridge, rehearsals)
    errors = {problem.code for problem in problems if problem.severity == "error"}
    if errors == {_REHEARSED_ANYWAY}:
        source = workspace.load(version)
        problems += rehearsals.problems(workspace, source, workspace.load, bridge)
    return list(dict.fromkeys(problems))
