"""A difference as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.comparison.consumers import TITLES, Effect

from .diff import VersionDiff
from .markdown import changes_table, code_lists, migrations_parts, number_text, table

_SHOWN: tuple[Effect, ...] = ("breaks", "changes", "adds")


def diff_markdown(diff: VersionDiff) -> str:
    """The whole document."""
    return "\n\n".join(_parts(diff)) + "\n"


def _parts(diff: VersionDiff) -> Iterator[str]:
    yield f"# {diff.before or 'Nothing'} → {diff.after}"
    if diff.line_note:
        yield diff.line_note
    yield from number_text(diff)
    if diff.changes:
        yield "## Changes"
        yield changes_table(diff.changes)
        yield "## For whom"
        counts = diff.counts().items()
        rows = ((TITLES[consumer], *(str(found[word]) for word in _SHOWN)) for consumer, found in counts)
        yield table(("who", *_SHOWN), rows)
    else:
        yield "Nothing differs in the schema."
    if code := list(code_lists(diff)):
        yield "## In code"
        yield from code
    if diff.migrations:
        yield "## Migrations"
        yield from migrations_parts(diff.migrations)
