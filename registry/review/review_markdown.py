"""Reviews as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.errors import Problem

from .markdown import changes_table, escaped, items, migrations_parts, number_text
from .script_locks import ScriptLocks
from .version_review import VersionReview


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


def _review(review: VersionReview) -> Iterator[str]:
    errors = sum(problem.severity == "error" for problem in review.problems)
    warnings = len(review.problems) - errors
    counted = [f"{errors} error{'s' * (errors != 1)}"] * bool(errors)
    counted += [f"{warnings} warning{'s' * (warnings != 1)}"] * bool(warnings)
    verdict = "not valid" if errors or review.diff is None else "valid"
    found = f" ({', '.join(counted)})" if counted else ""
    yield f"## {review.version}: {verdict}{found}"
    if review.number is not None:
        yield from number_text(review.number)
    if review.diff is None:
        yield "What it changes is not known: it can't be read, or a version below can't."
    yield from _problems("### Problems", review.problems)
    yield from _changes(review)
    yield from _migrations(review)


def _problems(heading: str, problems: Sequence[Problem]) -> list[str]:
    return [heading, items([_problem(problem) for problem in problems])] if problems else []


def _problem(problem: Problem) -> str:
    place = f"{escaped(problem.place)}: " if problem.place else ""
    first, *more = problem.message.strip().split("\n")
    details = "".join(f"\n  - {escaped(line.strip().removeprefix('- '))}" for line in more if line.strip())
    lead = f"**{problem.severity}\\[{escaped(problem.code)}\\]** {place}{escaped(first)}"
    return f"{lead}{details}\n  - fix: {escaped(problem.fix)}"


def _changes(review: VersionReview) -> Iterator[str]:
    if review.diff is None or not review.diff.changes:
        return
    since = f" since {review.previous}" if review.previous else ""
    yield f"### Changes{since}"
    yield changes_table(review.diff.changes)


def _migrations(review: VersionReview) -> Iterator[str]:
    migrations = review.diff.migrations if review.diff else ()
    if not migrations:
        return
    yield "### Migrations"
    yield from migrations_parts(migrations, {each.id: _notes(review, each) for each in migrations})
    if review.losses:
        yield items([escaped(loss) for loss in review.losses])


def _notes(review: VersionReview, migration: ScriptLocks) -> list[str]:
    took, findings = review.durations.get(migration.id), review.findings(migration)
    notes = [] if took is None else [f"{took:g} ms in the rehearsal"]
    return [*notes, *[f"{findings} problem{'s' * (findings != 1)} above"] * bool(findings)]
