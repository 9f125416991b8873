"""A review in some lines for a terminal, after the version is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .version_review import MigrationReview, VersionReview

_MOST = 10


def review_lines(review: VersionReview) -> Iterator[str]:
    """What changed, who breaks, and what the migrations lock. Of a first version there is nothing to say."""
    if review.previous is None:
        return
    counts = Counter(change.compatibility for change in review.changes)
    counted = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    yield f"Changes since {review.previous}: {counted or 'none in the schema'}"
    breaking = [change.text for change in review.changes if change.compatibility == "breaking"]
    yield from (f"  breaking: {text}" for text in breaking[:_MOST])
    if len(breaking) > _MOST:
        yield f"  … and {len(breaking) - _MOST} more: schema-service show {review.version}"
    if review.migrations:
        yield "Migrations"
        yield from (f"  {_migration(each)}" for each in review.migrations)


def _migration(migration: MigrationReview) -> str:
    took = f", {migration.duration_ms:g} ms in the rehearsal" if migration.duration_ms is not None else ""
    locks = [lock for lock in migration.locks or () if lock.waiting != "nobody"]
    named = [f"{lock.waiting} of {lock.table} wait" for lock in locks[:_MOST]]
    more = [f"and {len(locks) - _MOST} more tables"] if len(locks) > _MOST else []
    return f"{migration.id}{took}{'; ' if named else ''}{', '.join([*named, *more])}"
