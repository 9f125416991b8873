"""``repair``: registries and catalogue agree again."""

from __future__ import annotations

from schemas.errors import ExitCode

from ....lifecycle import repair as repairing
from ...output import JsonFlag, emit_json, say
from .changing import DryRunFlag, opened_release, print_changes


def repair(dry_run: DryRunFlag = False, as_json: JsonFlag = False) -> int:
    """Let registries and state database agree again.

    After any fault and on any machine: it says what differed, and never overwrites a published file.
    """
    with opened_release() as (workspace, _settings, context):
        found = repairing.repair(workspace, context, dry_run=dry_run)
    exit_code = ExitCode.USER if found.left else ExitCode.DONE
    if as_json:
        left = [{"text": each.text, "fix": each.fix} for each in found.left]
        document = {"ok": not found.left, "changes": list(found.changes), "left": left}
        emit_json({**document, "notes": list(found.notes), "dry_run": dry_run})
        return exit_code
    count = len(found.changes)
    what = f"{count} difference{'s'[: count != 1]}"
    if count:
        say((f"{what} would be corrected:" if dry_run else f"{what} corrected:", "bold"))
    elif not found.left:
        say("Registries and state database agree; nothing to do.")
    print_changes(found.changes, found.notes)
    for each in found.left:
        say(("  left: ", "red"), each.text)
        say(f"    fix: {each.fix}")
    return exit_code
