"""From what the package holds and what the database says to what has to run. No input or output here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import RefusedError, UsageError
from .manifest import Direction, Manifest, Migration
from .state import State

#: ``downgrade --to none`` takes every migration of the package back.
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Action:
    """Run ``migration`` in ``direction`` from step ``first_step`` on.

    ``was_started``: an earlier run began that step, which is outside transactions, and may have ended it.
    ``version_after`` is the newest version that is whole once this is done.
    """

    migration: Migration
    direction: Direction
    first_step: int
    was_started: bool
    version_after: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """``version`` is the database's once all actions are done; None is an empty database."""

    actions: tuple[Action, ...]
    version: str | None


def plan_upgrade(manifest: Manifest, state: State, to: str | None) -> Plan:
    """Raises UsageError for an unknown version, RefusedError naming the migrations that contradict."""
    target = _version_index(manifest, to or manifest.version)
    _refuse_unknown(manifest, state)
    _refuse_edited(manifest, state)
    beyond = [m.id for m in manifest.migrations if _index(manifest, m) > target and state.is_applied(m.id)]
    if beyond:
        raise RefusedError(
            "beyond-target",
            f"the database is past {manifest.versions[target]}: {_names(beyond)} applied already",
            f"to go back, run: downgrade --to {manifest.versions[target]}",
        )
    # A way back that was begun is ended first: nobody can build on half of it.
    back = [
        _action(manifest, m, "down", state)
        for m in reversed(manifest.migrations)
        if state.is_half_reverted(m.id)
    ]
    pending = [m for m in manifest.migrations if _index(manifest, m) <= target and not state.is_applied(m.id)]
    _refuse_out_of_order(manifest, state, pending)
    forward = [_action(manifest, m, "up", state) for m in pending]
    return Plan((*back, *forward), _settled_version(manifest, state, target, bool(back or forward)))


def plan_downgrade(manifest: Manifest, state: State, to: str) -> Plan:
    """Raises UsageError for an unknown version, RefusedError naming the migrations without a way back."""
    target = -1 if to == NOTHING else _version_index(manifest, to)
    _refuse_unknown(manifest, state)
    _refuse_edited(manifest, state)
    above = [m for m in reversed(manifest.migrations) if _index(manifest, m) > target]
    half = [m.id for m in above if state.is_half_applied(m.id) and not state.is_half_reverted(m.id)]
    if half:
        raise RefusedError(
            "half-applied",
            f"{_names(half)} only half applied: an earlier run failed between two of its steps",
            "run upgrade until it succeeds, then downgrade",
        )
    going = [m for m in above if state.is_applied(m.id) or state.is_half_reverted(m.id)]
    no_way = [m.id for m in going if m.down is None]
    if no_way:
        raise RefusedError(
            "no-way-back",
            f"no down.sql was written for {', '.join(no_way)}; nothing was changed",
            "write a new version that undoes it, or restore a backup",
        )
    _refuse_below(manifest, state, target)
    version = None if target < 0 else manifest.versions[target]
    return Plan(tuple(_action(manifest, m, "down", state) for m in going), version)


def edited(manifest: Manifest, state: State) -> list[str]:
    """Migrations whose statements are no longer those that ran here, by name."""
    return [m.id for m in manifest.migrations if _is_edited(m, state)]


def unknown(manifest: Manifest, state: State) -> list[str]:
    """Migrations that ran here and are not in this package, by name."""
    known = {m.id for m in manifest.migrations}
    return [name for name in state.left_traces() if name not in known]


def _action(manifest: Manifest, migration: Migration, direction: Direction, state: State) -> Action:
    version = _version_after(manifest, migration, direction)
    if direction == "up" and state.is_half_reverted(migration.id):
        return Action(migration, direction, 0, False, version)  # the way back is ended before, and all undone
    first = state.done_steps(migration.id, direction)
    started = state.was_started(migration.id, direction, first)
    return Action(migration, direction, first, started, version)


def _version_after(manifest: Manifest, migration: Migration, direction: Direction) -> str | None:
    last_of_version = [m for m in manifest.migrations if m.version == migration.version][-1]
    if direction == "up" and migration == last_of_version:
        return migration.version
    index = _index(manifest, migration)
    return manifest.versions[index - 1] if index else None


def _version_index(manifest: Manifest, version: str) -> int:
    if version not in manifest.versions:
        raise UsageError(
            "unknown-version",
            f"this package holds no version {version[:80]!r}",
            f"name one of {', '.join(manifest.versions)}, or install the package of that version",
        )
    return manifest.versions.index(version)


def _index(manifest: Manifest, migration: Migration) -> int:
    return manifest.versions.index(migration.version)


def _is_edited(migration: Migration, state: State) -> bool:
    record = state.records.get(migration.id)
    if record is None:
        return False
    if state.is_applied(migration.id) or state.is_half_reverted(migration.id):
        return record.checksum != migration.checksum
    # A migration that failed may be mended, but for the steps that are committed.
    journal = state.steps.get((migration.id, "up"), {})
    checksums = {index: step.checksum for index, step in enumerate(migration.up)}
    return any(entry.done and checksums.get(index) != entry.checksum for index, entry in journal.items())


def _refuse_edited(manifest: Manifest, state: State) -> None:
    names = edited(manifest, state)
    if names:
        raise RefusedError(
            "edited",
            f"{', '.join(names)} was edited after it ran on this database",
            "install the package that ran it, and make the change in a new migration",
        )


def _refuse_unknown(manifest: Manifest, state: State) -> None:
    names = unknown(manifest, state)
    if not names:
        return
    last = max((_number(m.id) for m in manifest.migrations), default=0)
    if all(_number(name) > last for name in names):
        raise RefusedError(
            "ahead",
            f"the database is ahead of this package ({manifest.version}): {_names(names)} applied",
            f"install {manifest.package} of version {state.version or 'the one that ran them'} or later",
        )
    raise RefusedError(
        "unknown-migrations",
        f"{_names(names)} applied to this database, and not in this package",
        "install the package that ran them; published migrations can't be removed or renamed",
    )


def _refuse_out_of_order(manifest: Manifest, state: State, pending: Iterable[Migration]) -> None:
    applied = [position for position, m in enumerate(manifest.migrations) if state.is_applied(m.id)]
    newest = max(applied, default=-1)
    late = [m.id for m in pending if manifest.migrations.index(m) < newest]
    if late:
        raise RefusedError(
            "out-of-order",
            f"{_names(late)} not applied, though {manifest.migrations[newest].id}, which follows, is",
            "give the new migration a number after the last one that was published",
        )


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


def _settled_version(manifest: Manifest, state: State, target: int, something_runs: bool) -> str:
    """The target; or a later version without migrations of its own, which an older package leaves alone."""
    current = state.version
    if not something_runs and current is not None and _is_later(manifest, current, target):
        return current
    return manifest.versions[target]


def _is_later(manifest: Manifest, version: str, target: int) -> bool:
    # A version this package has never heard of was set by a later one: versions are never removed.
    return version not in manifest.versions or manifest.versions.index(version) > target


def _number(migration_id: str) -> int:
    return int(migration_id.partition("_")[0])


def _names(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
