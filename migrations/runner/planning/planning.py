"""The plan of a run: which migrations have to run, in which direction, from which step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..errors import RefusedError, UsageError
from ..manifest import Direction, Manifest, Migration
from ..semver import precedence
from .action import Action
from .drafts import refuse_other_draft
from .guests import guest_line, has_guests_in, refuse_not_come_from, refuse_not_passed
from .halfway import undoing, without_undo
from .history_checks import (
    is_ahead,
    is_compatible,
    names,
    other_line,
    refuse_edited,
    refuse_out_of_order,
    refuse_unknown,
)
from .state import State

#: ``downgrade --to none`` undoes every migration of the package.
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Plan:
    """``version`` is the database's version after all actions; None is an empty database. ``is_settled``:
    there is nothing to run and nothing to record. ``is_ahead``: the database is at a later version that is
    compatible with this package."""

    actions: tuple[Action, ...]
    version: str | None
    is_settled: bool
    is_ahead: bool = False


def plan_upgrade(manifest: Manifest, state: State, to: str | None) -> Plan:
    """The plan to reach ``to``. Raises UsageError for an unknown version, RefusedError for contradictions."""
    target = version_index(manifest, to or manifest.version)
    version = manifest.versions[target]
    if to in (None, manifest.version) and is_ahead(manifest, state) and is_compatible(manifest, state):
        return Plan((), state.version, is_settled=True, is_ahead=True)
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    _refuse_beyond(manifest, state, version)
    pending = manifest.missing(version, state.is_applied)
    refuse_out_of_order(manifest, state, pending)
    actions = _chained(manifest, state, version, [action for m in pending for action in _up(m, state)])
    if not actions and _is_later(manifest, state.version, target):
        # A later version without migrations of its own, which an older package does not change.
        version = state.version or version
    is_ahead_of_all = version not in manifest.versions
    is_recorded = is_ahead_of_all or state.digest == manifest.digest_at(version)
    is_settled = not actions and state.version == version and is_recorded
    return Plan(actions, version, is_settled, is_ahead=is_ahead_of_all)


def plan_downgrade(manifest: Manifest, state: State, to: str) -> Plan:
    """The plan to go back to ``to``.

    Raises UsageError for an unknown version, RefusedError for contradictions and for a missing down.sql.
    """
    target = -1 if to == NOTHING else version_index(manifest, to)
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    version = None if target < 0 else manifest.versions[target]
    above = _backwards(manifest, state, version)
    half = [m for m in above if state.is_half_applied(m.id)]
    undone = [_undone(m, "up", state) for m in half]
    going = [m for m in above if state.is_applied(m.id) or state.is_half_reverted(m.id)]
    without_down = [m.id for m in going if m.down is None]
    if without_down:
        raise RefusedError(
            "no-way-back",
            f"no down.sql was written for {', '.join(without_down)}; nothing was changed",
            "write a new version that undoes it, or restore a backup",
        )
    _refuse_below(manifest, state, target)
    down = [action for m in going for action in _down(m, state)]
    actions = _chained(manifest, state, version, [*undone, *down])
    is_settled = not actions and state.version == version and state.digest == manifest.digest_at(version)
    return Plan(actions, version, is_settled)


def version_index(manifest: Manifest, version: str) -> int:
    """The index of a version among the package's. Raises UsageError if it is not one of them."""
    if version not in manifest.versions:
        raise UsageError(
            "unknown-version",
            f"this package has no version {version[:80]!r}",
            f"use one of {', '.join(manifest.versions)}, or install the package of that version",
        )
    return manifest.versions.index(version)


def _refuse_beyond(manifest: Manifest, state: State, version: str) -> None:
    """Raises RefusedError for a database with migrations that no database at ``version`` has."""
    above = manifest.above(version)
    beyond = [m.id for m in above if state.is_applied(m.id)]
    half = [m.id for m in above if state.is_half_applied(m.id) or state.is_half_reverted(m.id)]
    if not beyond and not half:
        return
    others = [m for m in above if m.id in (*beyond, *half)]
    if not any(manifest.contains(m.version, version) for m in others):
        newest = others[-1].version
        both = [v for v in manifest.versions if all(manifest.contains(v, o) for o in (version, newest))]
        raise other_line(
            version,
            [(m.id, m.version) for m in others],
            f"use {both[0]}, or a later version that contains it"
            if both
            else f"use a version that takes {newest} over",
        )
    words = [f"{names(beyond)} already applied"] if beyond else []
    words += [f"{names(half)} half applied"] if half else []
    raise RefusedError(
        "beyond-target",
        f"the database is past {version}: {', '.join(words)}",
        f"to go back, run: downgrade --to {version}",
    )


def _backwards(manifest: Manifest, state: State, version: str | None) -> list[Migration]:
    """The migrations that are not in ``version``, in the order in which they would be undone: those of a line
    that the database came from are older than what it has got since."""
    kept = {m.id for m in manifest.up_to(version)}
    back = [m for m in reversed(manifest.migrations) if m.id not in kept]
    line = guest_line(manifest, state)
    if line is None:
        return back
    if version is not None and has_guests_in(manifest, state, version):
        return [m for m in back if m.id not in manifest.beside(version)]
    if version is not None and not manifest.contains(line, version):
        refuse_not_come_from(manifest, state, line, version)
    first = {m.id for m in manifest.up_to(line)}
    return sorted(back, key=lambda m: m.id in first)


def _up(migration: Migration, state: State) -> list[Action]:
    """Apply a migration, after what was begun: what a downgrade of it has done is undone, which is all there
    is to do, or else the downgrade is finished; an undo of the migration itself is finished."""
    whole = Action(migration=migration, direction="up", steps=migration.up)
    if state.is_half_reverted(migration.id):
        redone = undoing(migration, "down", state)
        if redone is None and state.is_being_undone(migration.id, "down"):
            raise without_undo(migration, "down", state)
        return [_action(migration, "down", state), whole] if redone is None else [redone]
    if state.is_being_undone(migration.id, "up"):
        return [_undone(migration, "up", state), whole]
    return [_action(migration, "up", state)]


def _down(migration: Migration, state: State) -> list[Action]:
    """Undo a migration. If this was begun, and then taken back in part, that is finished first."""
    if state.is_being_undone(migration.id, "down"):
        whole = Action(migration=migration, direction="down", steps=migration.steps("down"))
        return [_undone(migration, "down", state), whole]
    return [_action(migration, "down", state)]


def _undone(migration: Migration, script: Direction, state: State) -> Action:
    found = undoing(migration, script, state)
    if found is None:
        raise without_undo(migration, script, state)
    return found


def _action(migration: Migration, direction: Direction, state: State) -> Action:
    first = state.done_steps(migration.id, direction)
    left = state.step(migration.id, direction, first)
    return Action(
        migration=migration,
        direction=direction,
        steps=migration.steps(direction),
        first_step=first,
        left=left,
        resumes=bool(first) or left is not None,
    )


def _chained(
    manifest: Manifest, state: State, target: str | None, actions: Sequence[Action]
) -> tuple[Action, ...]:
    """With the versions before and after each."""
    chained = []
    version = state.version
    applied = {m.id for m in manifest.migrations if state.is_applied(m.id)}
    for action in actions:
        if manifest.lines:
            change = applied.add if action.direction == "up" else applied.discard
            change(action.migration.id)
            after = _version_among_lines(manifest, applied, version, target)
        else:
            after = _version_after(manifest, action.migration, action.direction)
        chained.append(replace(action, version_before=version, version_after=after))
        version = after
    return tuple(chained)


def _version_among_lines(
    manifest: Manifest, applied: Collection[str], before: str | None, target: str | None
) -> str | None:
    """The version of a database with these migrations: between two lines it stays at the one before."""
    complete = [v for v in manifest.versions if not manifest.missing(v, applied.__contains__)]
    exact = [v for v in complete if not any(m.id in applied for m in manifest.above(v))]
    for found in (exact, complete):
        for wanted in (target, before):
            if wanted in found:
                return wanted
        if found:
            return found[0] if found is exact else found[-1]
    return None


def _version_after(manifest: Manifest, migration: Migration, direction: Direction) -> str | None:
    following = manifest.position(migration) + 1
    is_last = following == len(manifest.migrations) or (
        manifest.migrations[following].version != migration.version
    )
    if direction == "up" and is_last:
        return migration.version
    index = _index(manifest, migration)
    return manifest.versions[index - 1] if index else None


def _index(manifest: Manifest, migration: Migration) -> int:
    return manifest.versions.index(migration.version)


def _refuse_below(manifest: Manifest, state: State, target: int) -> None:
    current = state.version
    if current is not None and current not in manifest.versions:
        # Without migrations of its own; where it is on an earlier line, it lacks some.
        if target >= 0 and (
            missing := manifest.missing(manifest.versions[target], state.is_half_or_wholly_applied)
        ):
            raise RefusedError(
                "below-target",
                f"the database is at {current} and lacks {', '.join(m.id for m in missing)} of "
                f"{manifest.versions[target]}; nothing was changed",
                f"to go forward, run: upgrade --to {manifest.versions[target]}",
            )
        return
    if manifest.lines and current is not None and target >= 0:
        version = manifest.versions[target]
        if not manifest.contains(version, current):
            refuse_not_passed(manifest, state, version)
            return
    if (-1 if current is None else manifest.versions.index(current)) < target:
        raise RefusedError(
            "below-target",
            f"the database is {f'at {current}' if current else 'empty'}, below {manifest.versions[target]}",
            f"to go forward, run: upgrade --to {manifest.versions[target]}",
        )


def _is_later(manifest: Manifest, version: str | None, target: int) -> bool:
    return version is not None and precedence(version) > precedence(manifest.versions[target])
