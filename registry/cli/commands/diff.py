"""``diff``: what changed between two versions, for whom, and what it asks of the number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from generators.upgrade_guide.database import work_text
from migrations.errors import MigrationSyntaxError
from schemas.comparison.change import Change
from schemas.comparison.consumers import CONSUMERS, TITLES, Effect, effects
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

from ...catalogue.opening import open_catalogue
from ...errors import UsageError
from ...review.diff import VersionDiff, version_diff
from ...review.diff_markdown import diff_markdown
from ...review.known_versions import KnownVersions
from ...review.script_locks import ScriptLocks
from ..output import JsonFlag, emit_json, emit_text, say
from ..session import chosen_version, current_workspace

_HEADINGS = {"added": "Added", "removed": "Removed"}
_WORDS: Mapping[Effect, str] = {"breaks": "breaking", "changes": "changing", "adds": "new"}
_WIDTH = max(map(len, TITLES.values()))

Versions = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[A] [B]",
        help="Two versions; one, and the version before it; or the newest draft and the version before it. "
        "A version is a number, or latest.",
        show_default=False,
    ),
]


def diff(
    versions: Versions = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what changed between two versions, for each kind of consumer.

    These are code that uses the Python client, the Node client or the TypeScript types, whoever
    reads rows as JSON, the code of A on the database of B, and the code of B on the database of A.
    Where code has to change, the line before and after is shown; for migrations, which tables they
    lock and who waits.
    """
    named = versions or []
    if len(named) > 2 or (markdown and as_json):
        raise UsageError(_conflicting())
    workspace, settings = current_workspace()
    with (
        open_catalogue(workspace, settings, to_read=True) as catalogue,
        PrismaBridge(shared_in=private_folder(workspace.root, "local")) as bridge,
    ):
        known = KnownVersions(workspace, catalogue)
        chosen = [known.named(text) for text in named] or [chosen_version(workspace, None)]
        before: SchemaVersion | None = chosen[0] if len(chosen) > 1 else known.before(chosen[0])
        found = version_diff(known, before, chosen[-1], settings.packages.names(), bridge)
    if unreadable := [problem for each in found.migrations for problem in each.problems]:
        raise MigrationSyntaxError(*unreadable)
    if as_json:
        emit_json({"ok": True, **found.to_json()})
    elif markdown:
        emit_text(diff_markdown(found))
    else:
        _show(found)


def _show(found: VersionDiff) -> None:
    say((f"{found.before or 'nothing'} -> {found.after}", "bold"))
    if found.line_note:
        say(found.line_note)
    for consumer, counts in found.counts().items():
        parts = [f"{counts[effect]} {word}" for effect, word in _WORDS.items() if counts[effect]]
        say(f"  {TITLES[consumer]:<{_WIDTH}}  {', '.join(parts) or 'nothing'}")
    if found.smallest is not None:
        say(f"The smallest number after {found.before} is {found.smallest}:")
        for ask in found.asks:
            say(
                f"  the {ask.asker} asks for a {ask.step} step"
                if ask.asker != "generators"
                else f"  the generators ask for a {ask.step} step"
            )
            if ask.asker != "schema":
                for reason in ask.reasons:
                    say(f"    {reason}")
    _show_changes(found)
    for each in found.migrations:
        _show_migration(each)


def _show_changes(found: VersionDiff) -> None:
    if not found.changes:
        say("Nothing differs in the schema.")
    for heading in ("Added", "Changed", "Removed"):
        changes = [each for each in found.changes if _HEADINGS.get(each.kind, "Changed") == heading]
        if changes:
            say((heading, "bold"))
        for change in changes:
            _show_change(found, change)


def _show_change(found: VersionDiff, change: Change) -> None:
    colour = {"breaking": "red", "additive": "green"}.get(change.compatibility, "")
    say("  ", (f"{change.compatibility:<8}", colour), f"  {change.text}")
    of_each = effects(change)
    for word in _WORDS:
        if whom := [TITLES[each] for each in CONSUMERS if of_each[each] == word]:
            say(f"            {word}: {', '.join(whom)}")
    for example in found.examples[change].values():
        for sign, line, style in (("-", example.before, "red"), ("+", example.after, "green")):
            if line is not None:
                say("            ", (f"{sign} {line}", style))


def _show_migration(each: ScriptLocks) -> None:
    say(
        (each.file, "bold"),
        " is missing: there is no way back" if each.is_missing else "",
    )
    for lock in each.locks:
        work = work_text(lock)
        say(
            f"  {lock.table}: {lock.mode}; {lock.waiting} wait{'s' if lock.waiting == 'nobody' else ''}"
            f"{f', while it {work}' if work else ''}"
        )
    if not each.locks and not each.is_missing:
        say("  locks no table that is there before")
    if each.runs_code:
        say("  what else it locks is not known: it runs code")


def _conflicting() -> Problem:
    return Problem(
        code="conflicting-options",
        message="diff compares two versions, and prints lines, --json or --markdown",
        fix="name at most two versions, and use one of the options",
    )
