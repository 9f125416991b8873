"""The plan of a run: which migrations have to run, in which direction, from which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import RefusedError, UsageError
from ..manifest import Direction, Manifest, Migration
from ..semver import precedence
from .action import Action
from .drafts import refuse_other_draft
from .halfway import undoing, without_undo
from .history_checks import (
    is_ahead,
    is_compatible,
    names,
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
    if to in (None, manifest.version) and is_ahead(manifest, state) and is_compatible(manifest, state):
        return Plan((), state.version, is_settled=True, is_ahead=True)
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    above = [m.id for m in manifest.migrations if _index(manifest, m) > target]
    beyond = [name for name in above if state.is_applied(name)]
    half = [name for name in above if state.is_half_applied(name) or state.is_half_reverted(name)]
    if beyond or half:
        words = [f"{names(beyond)} already applied"] if beyond else []
        words += [f"{names(half)} half applied"] if half else []
        raise RefusedError(
            "beyond-target",
            f"the database is past {manifest.versions[target]}: {', '.join(words)}",
            f"to go back, run: downgrade --to {manifest.versions[target]}",
        )
    pending = [m for m in manifest.migrations if _index(manifest, m) <= target and not state.is_applied(m.id)]
    refuse_out_of_order(manifest, state, pending)
    actions = _chained(manifest, state, [action for m in pending for action in _up(m, state)])
    version = manifest.versions[target]
    if not actions and _is_later(manifest, state.version, target):
        # A later version without migrations of its own, which an older package does not change.
        version = state.version or version
    is_settled = not actions and state.version == version and state.digest == _digest(manifest, version)
    return Plan(actions, version, is_settled, is_ahead=version not in manifest.versions)


def plan_downgrade(manifest: Manifest, state: State, to: str) -> Plan:
    """The plan to go back to ``to``.

    Raises UsageError for an unknown version, RefusedError for contradictions and for a missing down.sql.
    """
    target = -1 if to == NOTHING else version_index(manifest, to)
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    above = [m for m in reversed(manifest.migrations) if _index(manifest, m) > target]
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
    version = None if target < 0 else manifest.versions[target]
    down = [action for m in going for action in _down(m, state)]
    actions = _chained(manifest, state, [*undone, *down])
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


def _chained(manifest: Manifest, state: State, actions: Sequence[Action]) -> tuple[Action, ...]:
    """With the versions before and after each."""
    chained = []
    version = state.version
    for action in actions:
        after = _version_after(manifest, action.migration, action.direction)
        chained.append(replace(action, version_before=version, version_after=after))
        version = after
    return tuple(chained)


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


def _digest(manifest: Manifest, version: str) -> str:
    return manifest.digest_at(version if version in manifest.versions else manifest.version)


def _refuse_below(manifest: Manifest, state: State, target: int) -> None:
    current = state.version
    if current is not None and current not in manifest.versions:
        return  # later than any version of this package
    if (-1 if current is None else manifest.versions.index(current)) < target:
        raise RefusedError(
            "below-target",
            f"the database is {f'at {current}' if current else 'empty'}, below {manifest.versions[target]}",
            f"to go forward, run: upgrade --to {manifest.versions[target]}",
        )


def _is_later(manifest: Manifest, version: str | None, target: int) -> bool:
    return version is not None and precedence(version) > precedence(manifest.versions[target])
