"""A difference as Markdown, for a pull request. Whatever comes from a schema is escaped."""

from __future__ import annotations

from collections.abc import Iterator

from generators.upgrade_guide.changelog import code_blocks
from generators.upgrade_guide.database import work_text
from schemas.comparison.change import Change
from schemas.comparison.changelog import changelog, escape_markdown
from schemas.comparison.consumers import CONSUMERS, TITLES, Effect, effects

from .diff import VersionDiff

_SHOWN: tuple[Effect, ...] = ("breaks", "changes", "adds")


def diff_markdown(diff: VersionDiff) -> str:
    """The whole document."""
    sections = ["\n".join(_consumers(diff)), *_number(diff), *_database(diff)]
    notes = {change: _notes(diff, change) for change in diff.changes}
    return changelog(diff.after, diff.before, diff.changes, examples=notes, sections=sections)


def _notes(diff: VersionDiff, change: Change) -> str:
    """Whom a change concerns, and the code before and after it."""
    of_each = effects(change)
    whom = [
        f"{word}: {', '.join(TITLES[each] for each in CONSUMERS if of_each[each] == word)}"
        for word in _SHOWN
        if word in of_each.values()
    ]
    blocks = code_blocks(diff.examples[change])
    return "\n\n".join(part for part in ("; ".join(whom), blocks) if part)


def _consumers(diff: VersionDiff) -> Iterator[str]:
    yield "## For whom"
    yield ""
    yield f"| who | {' | '.join(_SHOWN)} |"
    yield f"| --- |{' --- |' * len(_SHOWN)}"
    for consumer, counts in diff.counts().items():
        yield f"| {TITLES[consumer]} | {' | '.join(str(counts[word]) for word in _SHOWN)} |"


def _number(diff: VersionDiff) -> list[str]:
    if diff.smallest is None:
        return []
    lines = [f"## The number\n\nThe smallest that may follow {diff.before} is {diff.smallest}.\n"]
    for ask in diff.asks:
        lines.append(f"- the {ask.asker}: {ask.step}")
        if ask.asker != "schema":
            lines += [f"    - {escape_markdown(reason)}" for reason in ask.reasons]
    return ["\n".join(lines)]


def _database(diff: VersionDiff) -> Iterator[str]:
    if not diff.migrations:
        return
    rows = ["| script | table | lock | who waits | meanwhile it |", "| --- | --- | --- | --- | --- |"]
    for each in diff.migrations:
        script = f"{each.id}/{each.script}.sql"
        if each.is_missing:
            rows.append(f"| {script} | - | - | - | is missing: there is no way back |")
        rows += [
            f"| {script} | {escape_markdown(lock.table)} | {lock.mode} | {lock.waiting} | "
            f"{work_text(lock) or '-'} |"
            for lock in each.locks
        ]
        if not each.locks and not each.is_missing:
            rows.append(f"| {script} | - | - | nobody | - |")
    yield "## In the database\n\n" + "\n".join(rows)
