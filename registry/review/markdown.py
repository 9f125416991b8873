"""Reviews as Markdown, for a pull request or the summary of a CI job.

What comes from a schema, a script or a server is escaped: it stays text, calls nobody, and starts no line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.comparison.change import Change
from schemas.comparison.changelog import escape_markdown
from schemas.errors import Problem

from .consumers import TITLES, effects
from .version_review import MigrationReview, VersionReview

_MOST = 100
_MENTION = re.compile(r"@(?=\w)")
_ORDER = ("breaking", "additive", "internal")


def review_markdown(reviews: Sequence[VersionReview], *, others: Sequence[Problem] = ()) -> str:
    """The ``reviews``, one section for each; ``others`` are problems of no one version."""
    parts = [*_problems("## Problems of the workspace", others)]
    for review in reviews:
        parts += _review(review)
    return "\n\n".join(parts) + "\n"


def published_markdown(review: VersionReview, *, latest: str, install: Sequence[tuple[str, str]]) -> str:
    """What was published: ``install`` are titles and the commands to paste."""
    lines = "\n".join(command for _title, command in install)
    longest = max((len(run) for run in re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    parts = [
        f"## Published {review.version}; latest is {latest}",
        *_changes(review),
        *_migrations(review),
        f"### Install\n\n{fence}sh\n{lines}\n{fence}",
    ]
    return "\n\n".join(parts) + "\n"


def failure_markdown(title: str, problems: Sequence[Problem]) -> str:
    """What keeps something from being done."""
    return "\n\n".join([f"## {escaped(title)}", *_problems("### Problems", problems)]) + "\n"


def escaped(text: str) -> str:
    """``text`` on one line, as text; a mention has an invisible character after its sign."""
    return _MENTION.sub("@\u200b", escape_markdown(text))


def _review(review: VersionReview) -> Iterator[str]:
    errors = sum(problem.severity == "error" for problem in review.problems)
    warnings = len(review.problems) - errors
    counted = [f"{errors} error{'s' * (errors != 1)}"] * bool(errors)
    counted += [f"{warnings} warning{'s' * (warnings != 1)}"] * bool(warnings)
    verdict = "not valid" if errors or not review.is_read else "valid"
    found = f" ({', '.join(counted)})" if counted else ""
    yield f"## {review.version}: {verdict}{found}"
    if review.smallest is not None:
        yield f"The smallest number for these changes is {review.smallest}."
    if not review.is_read:
        yield "What it changes is not known: it can't be read, or a version below can't."
    yield from _problems("### Problems", review.problems)
    yield from _changes(review)
    yield from _migrations(review)


def _problems(heading: str, problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return []
    return [heading, "\n".join(_limited([_problem(problem) for problem in problems]))]


def _problem(problem: Problem) -> str:
    place = f"{escaped(problem.place)}: " if problem.place else ""
    first, *more = problem.message.strip().split("\n")
    details = "".join(f"\n  - {escaped(line.strip().removeprefix('- '))}" for line in more if line.strip())
    lead = f"- **{problem.severity}\\[{escaped(problem.code)}\\]** {place}{escaped(first)}"
    return f"{lead}{details}\n  - fix: {escaped(problem.fix)}"


def _changes(review: VersionReview) -> Iterator[str]:
    if not review.changes:
        return
    since = f" since {review.previous}" if review.previous else ""
    yield f"### Changes{since}"
    titles = list(TITLES.values())
    head = [f"| change | {' | '.join(titles)} |", f"| --- |{' --- |' * len(titles)}"]
    ordered = sorted(review.changes, key=lambda change: _ORDER.index(change.compatibility))
    rows = [_change(change) for change in ordered[:_MOST]]
    yield "\n".join([*head, *rows])
    if len(ordered) > _MOST:
        yield f"… and {len(ordered) - _MOST} more"


def _change(change: Change) -> str:
    cells = [{"breaks": "**breaks**", "none": "–"}.get(each, each) for each in effects(change).values()]
    return f"| {escaped(change.text)} | {' | '.join(cells)} |"


def _migrations(review: VersionReview) -> Iterator[str]:
    if not review.migrations:
        return
    yield "### Migrations"
    yield "\n".join(line for each in review.migrations for line in _migration(each))
    if review.losses:
        yield "\n".join(_limited([f"- {escaped(loss)}" for loss in review.losses]))


def _migration(migration: MigrationReview) -> Iterator[str]:
    took = f", {migration.duration_ms:g} ms in the rehearsal" if migration.duration_ms is not None else ""
    findings = f", {migration.findings} problem{'s' * (migration.findings != 1)} above" * bool(
        migration.findings
    )
    yield f"- **{escaped(migration.id)}**{took}{findings}"
    if migration.locks is None:
        yield "  - its locks are not known: it can't be read"
    elif not migration.locks:
        yield "  - locks no table that was there before"
    if migration.runs_code:
        yield "  - what else it locks is not known: it runs code"
    for lock in migration.locks or ():
        works = "".join(f"; {work.replace('-', ' ')}" for work in lock.works)
        waiting = f"{lock.waiting} wait" if lock.waiting != "nobody" else "nobody waits"
        yield f"  - locks {escaped(lock.table)} ({lock.mode}: {waiting}{works})"


def _limited(items: list[str]) -> list[str]:
    return items if len(items) <= _MOST else [*items[:_MOST], f"- … and {len(items) - _MOST} more"]
