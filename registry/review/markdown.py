"""What differences and reviews have in common as Markdown, for a pull request or the summary of a CI job.

What comes from a schema, a script or a server is escaped: it stays text, calls nobody, and starts no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generators.upgrade_guide.changelog import code_blocks
from generators.upgrade_guide.database import LOCK_TITLES, lock_cells
from schemas.comparison.change import Change
from schemas.comparison.changelog import escape_markdown
from schemas.comparison.consumers import TITLES, Effect, effects

from .diff import VersionDiff
from .script_locks import ScriptLocks

_MOST = 100
_MENTION = re.compile(r"@(?=\w)")
_ORDER = ("breaking", "additive", "internal")
_EFFECTS: Mapping[Effect, str] = {"breaks": "**breaks**", "none": "–"}


def escaped(text: str) -> str:
    """``text`` on one line, as text; a mention has an invisible character after its sign."""
    return _MENTION.sub("@\u200b", escape_markdown(text))


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells are Markdown already, cut after a hundred rows."""
    names = list(titles)
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    head = [f"| {' | '.join(names)} |", f"| --- |{' --- |' * (len(names) - 1)}"]
    more = [f"\n… and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n".join([*head, *lines[:_MOST], *more])


def items(texts: Sequence[str]) -> str:
    """A list of Markdown, cut as tables are."""
    more = [f"… and {len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return "\n".join(f"- {text}" for text in [*texts[:_MOST], *more])


def number_text(diff: VersionDiff) -> Iterator[str]:
    """The smallest number that may follow, and who asks for it."""
    if diff.smallest is None:
        return
    yield f"The smallest number that may follow {diff.before} is {diff.smallest}:"
    lines = []
    for ask in diff.asks:
        lines.append(f"- the {ask.asker}: {ask.step}")
        if ask.asker != "schema":
            lines += [f"    - {escaped(reason)}" for reason in ask.reasons]
    yield "\n".join(lines)


def changes_table(changes: Sequence[Change]) -> str:
    """Each change and whom it concerns, those that break first."""
    ordered = sorted(changes, key=lambda change: _ORDER.index(change.compatibility))
    return table(("change", *TITLES.values()), (_change(change) for change in ordered))


def code_lists(diff: VersionDiff) -> Iterator[str]:
    """The code before and after each change that asks for another."""
    for change in diff.changes:
        if blocks := code_blocks(diff.examples[change]):
            yield f"{escaped(change.text)}:"
            yield blocks


def migrations_parts(
    scripts: Sequence[ScriptLocks], notes: Mapping[str, Sequence[str]] | None = None
) -> Iterator[str]:
    """What the scripts lock. ``notes`` are what else is to be said of a migration, by its id."""
    said = {each.file: [*(notes or {}).get(each.id, ()), *_notes(each)] for each in scripts}
    if lines := [f"**{escaped(file)}**: {'; '.join(texts)}" for file, texts in said.items() if texts]:
        yield items(lines)
    rows = [row for each in scripts for row in _lock_rows(each)]
    if rows:
        yield table(("script", *LOCK_TITLES), rows)


def _change(change: Change) -> Iterator[str]:
    yield escaped(change.text)
    for effect in effects(change).values():
        yield _EFFECTS.get(effect, effect)


def _notes(script: ScriptLocks) -> Iterator[str]:
    if script.is_missing:
        yield "it is missing: there is no way back"
    if script.problems:
        yield "its locks are not known: it can't be read"
    if script.runs_code:
        yield "what else it locks is not known: it runs code"
    if not (script.is_missing or script.problems or script.locks):
        yield "locks no table that was there before"


def _lock_rows(script: ScriptLocks) -> Iterator[tuple[str, ...]]:
    for lock in script.locks:
        yield (escaped(script.file), *lock_cells(lock, escaped))
