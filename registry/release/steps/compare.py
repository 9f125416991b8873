"""compare: what changed since the version before, and whether this version's number says so."""

from __future__ import annotations

from collections import Counter

from schemas.comparison.compare import compare, problems_with_bump
from schemas.comparison.renames import rename_problems
from schemas.errors import InvalidSchemaError, Problem
from schemas.model import Schema

from ..context import ReleaseContext
from ..snapshot import BaseVersion, Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises InvalidSchemaError for a version that is too small for its changes, or renames that aren't."""
    previous, after = snapshot.previous, context.schema(snapshot)
    before = _base_schema(context, snapshot, previous) if previous else None
    problems = rename_problems(
        before, after, snapshot.renames, file=f"schemas/{snapshot.version}/version.toml"
    )
    changes = compare(before, after, snapshot.renames) if not problems else ()
    problems += _bump_problems(context, snapshot)
    if problems:
        raise InvalidSchemaError(*problems)
    counts = Counter(change.compatibility for change in changes)
    parts = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    since = f"since {previous.version}" if previous else "in the first version"
    return {"summary": f"{parts or 'nothing changed'} {since}", "changes": dict(counts)}


def _base_schema(context: ReleaseContext, snapshot: Snapshot, base: BaseVersion) -> Schema:
    return context.parsed(base.schema_text, snapshot.schema_file, base.partial_types)


def _bump_problems(context: ReleaseContext, snapshot: Snapshot) -> list[Problem]:
    """Against the last stable version: nothing is promised after a pre-release, but everything after that."""
    base = snapshot.last_stable
    if base is None:
        return []
    before = _base_schema(context, snapshot, base)
    changes = compare(before, context.schema(snapshot), snapshot.renames)
    return problems_with_bump(base.version, snapshot.version, changes, file=snapshot.schema_file)
