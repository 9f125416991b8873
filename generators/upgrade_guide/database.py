"""What a version's migrations do to a database that is in use: which tables they lock, and who waits.

No times: how long a lock is held depends on the rows. What a rehearsal measured is told where it can be told
with its circumstances; packages stay the same bytes on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Final

from pglast.parser import scan

from migrations.ddl.statements import COMMENTS, parse_script
from migrations.scripts.locks import TableLock, Work, runs_code, script_locks
from schemas.comparison.changelog import escape_markdown
from schemas.workspace.migration import Migration

WORKS: Final[Mapping[Work, str]] = {
    "writes-rows": "writes rows",
    "reads-rows": "reads every row",
    "builds-index": "builds an index",
    "may-rewrite": "may write the table anew",
    "rewrites": "writes it anew",
}
#: What :func:`lock_cells` gives.
LOCK_TITLES: Final = ("table", "lock", "who waits", "meanwhile it")
_MOST_WORDS = 3
_ON_ROWS = (
    "A lock is held until the transaction of its step has done everything in it. How long that takes depends "
    "on the rows, where the last column says so."
)
_CODE = "What its code (DO, CALL, SELECT) locks, the script doesn't tell."


def database_section(migrations: Sequence[Migration]) -> list[str]:
    """Markdown about the migrations that a version adds; empty where it adds none."""
    if not migrations:
        return []
    parts = ["## In the database"]
    for migration in migrations:
        locks = script_locks(migration.up)
        undone = "there is a down.sql" if migration.down is not None else "there is no way back"
        parts += [f"### {migration.id}", f"{_statements(migration.up)}; {undone}."]
        parts.append(_table(locks) if locks else "Locks no table that is there before.")
        if runs_code(migration.up):
            parts.append(_CODE)
    return [*parts, _ON_ROWS]


def _statements(script: str) -> str:
    """What a script does, by the kinds of its statements in their order."""
    counts = Counter(_kind(statement.sql) for statement in parse_script(script))
    parts = (f"{kind} ({count})" if count > 1 else kind for kind, count in counts.items())
    return ", ".join(parts) or "Nothing"


def _kind(sql: str) -> str:
    """The first words of a statement, as ``CREATE TABLE``."""
    tokens = [token for token in scan(sql) if token.name not in COMMENTS]
    keywords = takewhile(lambda token: token.kind != "NO_KEYWORD", tokens[:_MOST_WORDS])
    return escape_markdown(" ".join(sql[token.start : token.end + 1].upper() for token in keywords))


def work_text(lock: TableLock) -> str:
    """What is done under a lock that takes longer with more rows, in words; empty for nothing."""
    return ", ".join(WORKS[work] for work in lock.works)


def lock_cells(lock: TableLock, escape: Callable[[str], str] = escape_markdown) -> tuple[str, ...]:
    """A row of a Markdown table about one lock."""
    return escape(lock.table), lock.mode, lock.waiting, work_text(lock) or "-"


def _table(locks: Sequence[TableLock]) -> str:
    rows = [f"| {' | '.join(lock_cells(lock))} |" for lock in locks]
    head = [f"| {' | '.join(LOCK_TITLES)} |", f"| {' | '.join(['---'] * len(LOCK_TITLES))} |"]
    return "\n".join([*head, *rows])
