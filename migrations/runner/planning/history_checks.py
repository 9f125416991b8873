"""Contradictions between the package and the database's history; each is refused, naming the migrations."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import RefusedError
from ..manifest import Direction, Manifest, Migration
from ..semver import precedence
from .state import State

#: How a refusal ends.
NOTHING_CHANGED = "; nothing was changed"


def edited(manifest: Manifest, state: State) -> list[str]:
    """The names of migrations whose statements are no longer those that ran on this database."""
    return [m.id for m in manifest.migrations if _is_edited(m, state)]


def unknown(manifest: Manifest, state: State) -> list[str]:
    """The names of migrations that ran on this database and are not in this package."""
    known = {m.id for m in manifest.migrations}
    return [name for name in state.left_traces() if name not in known]


def is_ahead(manifest: Manifest, state: State) -> bool:
    """Whether the migrations that this package doesn't have are all later than its own."""
    later = unknown(manifest, state)
    if manifest.lines:
        is_beyond = state.version not in manifest.versions and manifest.version in state.contains
        return is_beyond or (bool(later) and not _of_another_line(manifest, state))
    last = max((_number(m.id) for m in manifest.migrations), default=0)
    is_later = bool(later) and all(_number(name) > last for name in later)
    return is_later and not _of_another_line(manifest, state)


def _of_another_line(manifest: Manifest, state: State) -> list[str]:
    """Those of :func:`unknown` that belong to maintenance versions which this package doesn't contain."""
    if _is_later(manifest, state.version):
        return []  # they may have been taken over
    return [name for name in unknown(manifest, state) if not _is_later(manifest, state.records[name].version)]


def _is_later(manifest: Manifest, version: str | None) -> bool:
    """Whether a version is this package's, or a later one."""
    return version is not None and precedence(version) >= precedence(manifest.version)


def is_compatible(manifest: Manifest, state: State) -> bool:
    """Whether the later version that the database is at, or going to, is compatible with the package's."""
    oldest = state.compatible_from
    return (
        oldest is not None
        and precedence(oldest) <= precedence(manifest.version)
        and (manifest.version in state.contains or not manifest.missing(manifest.version, state.is_applied))
        and not edited(manifest, state)
    )


def refuse_edited(manifest: Manifest, state: State) -> None:
    """Raises RefusedError if a migration was edited after it ran on this database."""
    found = edited(manifest, state)
    if found:
        raise RefusedError(
            "edited",
            f"{', '.join(found)} {'was' if len(found) == 1 else 'were'} edited after use on this database",
            "install the package that ran it, and make the change in a new migration",
        )


def refuse_unknown(manifest: Manifest, state: State) -> None:
    """Raises RefusedError if migrations ran on this database that this package doesn't have."""
    refuse_other_line(manifest, state)
    found = unknown(manifest, state)
    if not found:
        return
    begun = [name for name in found if not state.is_applied(name)]
    if is_ahead(manifest, state) and begun:
        package = max((state.records[name].package_version for name in begun), key=precedence)
        raise RefusedError(
            "ahead",
            f"the database is ahead of this package ({manifest.version}): {package} of the package has begun "
            f"with {', '.join(begun)} and not finished",
            f"install {manifest.package} of version {package}, then run retry, or downgrade to go back",
        )
    if is_ahead(manifest, state):
        at = state.version or "an unfinished upgrade"
        raise RefusedError(
            "ahead",
            f"the database is ahead of this package ({manifest.version}), at {at}, which does not declare "
            f"itself compatible with it: {names(found)} applied",
            f"install {manifest.package} of version {state.version or state.target}, or of a later one that "
            "contains it",
        )
    raise RefusedError(
        "unknown-migrations",
        f"{names(found)} applied to this database, and not in this package",
        "install the package that ran them; published migrations can't be removed or renamed",
    )


def refuse_other_line(manifest: Manifest, state: State) -> None:
    """Raises RefusedError for a database at a maintenance version that this package doesn't contain, or at a
    later version that doesn't contain this package's."""
    is_beyond = state.version not in (None, *manifest.versions) and _is_later(manifest, state.version)
    if manifest.lines and is_beyond and manifest.version not in state.contains:
        missing = manifest.missing(manifest.version, state.is_applied)
        if missing:
            raise other_line(
                str(state.version),
                [(m.id, m.version) for m in missing],
                f"install {manifest.package} of version {state.version}, or of a later one that contains "
                f"{missing[-1].version}",
            )
    if others := _of_another_line(manifest, state):
        taken = [(name, state.records[name].version) for name in others]
        last = max([owner for _, owner in taken] + _own_version(manifest, state), key=precedence)
        fix = f"install {manifest.package} of a later version, one that takes {last} over"
        raise other_line(manifest.version, taken, fix)


def _own_version(manifest: Manifest, state: State) -> list[str]:
    """The database's, unless the package has it: it may have no migrations of its own."""
    return [] if state.version in (None, *manifest.versions) else [str(state.version)]


def other_line(version: str, migrations: Iterable[tuple[str, str]], fix: str) -> RefusedError:
    """What to say where ``version`` doesn't contain these migrations, pairs of id and version."""
    named = ", ".join(f"{owner}'s migration {name}" for name, owner in migrations)
    return RefusedError("other-line", f"{version} doesn't contain {named}{NOTHING_CHANGED}", fix)


def refuse_out_of_order(manifest: Manifest, state: State, pending: Iterable[Migration]) -> None:
    """Raises RefusedError if a migration would run after a later one of its line."""
    applied = [m for m in manifest.migrations if state.is_applied(m.id)]
    if manifest.lines:
        late, newest = _late_in_lines(manifest, applied, pending)
    else:
        newest = applied[-1] if applied else None
        last = -1 if newest is None else manifest.position(newest)
        late = [m.id for m in pending if manifest.position(m) < last]
    if late and newest is not None:
        raise RefusedError(
            "out-of-order",
            f"{names(late)} not applied, though {newest.id}, which follows, is",
            "give the new migration a number after the last one that was published",
        )


def _late_in_lines(
    manifest: Manifest, applied: Iterable[Migration], pending: Iterable[Migration]
) -> tuple[list[str], Migration | None]:
    """Migrations that were there before an applied one ran, and the last such one."""
    waiting = list(pending)
    late: dict[str, Migration] = {}
    for migration in applied:
        before = {m.id for m in manifest.up_to(migration.version)}
        late |= {
            m.id: migration
            for m in waiting
            if m.id in before and manifest.position(m) < manifest.position(migration)
        }
    return sorted(late), max(late.values(), key=manifest.position, default=None)


def names(found: list[str]) -> str:
    """The names as the subject of a sentence, with "is" or "are"."""
    return f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}"


def _is_edited(migration: Migration, state: State) -> bool:
    record = state.records.get(migration.id)
    if record is None:
        return False
    if state.is_applied(migration.id) or state.is_half_reverted(migration.id):
        return record.checksum != migration.checksum or _is_rewritten(migration, "down", state)
    # A migration that failed may be fixed, except for the steps that are committed.
    return _is_rewritten(migration, "up", state)


def _is_rewritten(migration: Migration, direction: Direction, state: State) -> bool:
    """Whether steps that have run are no longer those of the script."""
    checksums = {index: step.checksum for index, step in enumerate(migration.steps(direction))}
    return any(
        (entry.done or entry.position is not None) and checksums.get(index) != entry.checksum
        for index, entry in state.steps.get((migration.id, direction), {}).items()
    )


def _number(migration_id: str) -> int:
    return int(migration_id.partition("_")[0])
