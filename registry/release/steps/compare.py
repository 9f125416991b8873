"""compare: what changed since the version before, and whether this version's number says so."""

from __future__ import annotations

from collections import Counter

from schemas.changes import compare, problems_with_bump
from schemas.comparison.renames import rename_problems
from schemas.errors import InvalidSchemaError

from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises InvalidSchemaError for a version that is too small for its changes, or renames that aren't."""
    previous = snapshot.previous
    before = context.parsed(previous.schema_text, snapshot.schema_file) if previous else None
    after = context.schema(snapshot)
    toml_file = f"schemas/{snapshot.version}/version.toml"
    problems = rename_problems(before, after, snapshot.renames, file=toml_file)
    changes = compare(before, after, snapshot.renames) if not problems else ()
    if previous is not None:
        problems += problems_with_bump(previous.version, snapshot.version, changes, file=snapshot.schema_file)
    if problems:
        raise InvalidSchemaError(*problems)
    counts = Counter(change.compatibility for change in changes)
    parts = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    since = f"since {previous.version}" if previous else "in the first version"
    return {"summary": f"{parts or 'nothing changed'} {since}", "changes": dict(counts)}
