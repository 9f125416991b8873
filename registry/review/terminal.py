"""A review in some lines for a terminal, after the version is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .script_locks import ScriptLocks
from .version_review import VersionReview

_MOST = 10


def review_lines(review: VersionReview) -> Iterator[str]:
    """What changed, who breaks, and what the migrations lock. Of a first version there is nothing to say."""
    if review.diff is None or review.previous is None:
        return
    counts = Counter(change.compatibility for change in review.diff.changes)
    counted = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    yield f"Changes since {review.previous}: {counted or 'none in the schema'}"
    breaking = [change.text for change in review.diff.changes if change.compatibility == "breaking"]
    yield from (f"  breaking: {text}" for text in breaking[:_MOST])
    if len(breaking) > _MOST:
        yield f"  … and {len(breaking) - _MOST} more: schema-service diff {review.previous} {review.version}"
    if review.diff.migrations:
        yield "Migrations"
        yield from (f"  {_migration(review, each)}" for each in review.diff.migrations)


def _migration(review: VersionReview, migration: ScriptLocks) -> str:
    duration = review.durations.get(migration.id)
    took = f", {duration:g} ms in the rehearsal" if duration is not None else ""
    locks = [lock for lock in migration.locks if lock.waiting != "nobody"]
    named = [f"{lock.waiting} of {lock.table} wait" for lock in locks[:_MOST]]
    more = [f"and {len(locks) - _MOST} more tables"] if len(locks) > _MOST else []
    return f"{migration.id}{took}{'; ' if named else ''}{', '.join([*named, *more])}"
