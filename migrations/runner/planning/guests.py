"""Downgrades of databases that have come from another line: back along that line, and along no other."""

from __future__ import annotations

from ..errors import RefusedError
from ..manifest import Manifest
from .history_checks import other_line
from .state import State


def guest_line(manifest: Manifest, state: State) -> str | None:
    """The maintenance version that the database came from, where it has migrations that others don't have."""
    guests = _guests(manifest, state)
    own = [
        version
        for version in manifest.versions
        if guests
        and guests <= {m.id for m in manifest.up_to(version)}
        and not manifest.missing(version, state.is_applied)
    ]
    return own[-1] if own else None


def has_guests_in(manifest: Manifest, state: State, version: str) -> bool:
    """Whether a database at ``version`` may have what this one has of lines that were taken over, so that it
    can go back there as a database that has come through no other line does."""
    known = {*(m.id for m in manifest.up_to(version)), *manifest.beside(version)}
    return _guests(manifest, state) <= known and not manifest.missing(
        version, state.is_half_or_wholly_applied
    )


def _guests(manifest: Manifest, state: State) -> set[str]:
    names = {name for line in manifest.lines.values() for name in line.beside}
    return {name for name in names if state.is_applied(name)}


def refuse_not_come_from(manifest: Manifest, state: State, line: str, version: str) -> None:
    """Raises RefusedError: the database came from ``line``, which doesn't contain ``version``."""
    kept = {m.id for m in manifest.up_to(version)}
    guests = [m for m in manifest.up_to(line) if m.id not in kept and state.is_applied(m.id)]
    raise other_line(
        version,
        [(m.id, m.version) for m in guests],
        f"the database came from {line}: downgrade --to {line}, or to a version that {line} contains",
    )


def refuse_not_passed(manifest: Manifest, state: State, version: str) -> None:
    """Raises RefusedError if the database has never been at ``version``, to which it should go back."""
    missing = manifest.missing(version, state.is_half_or_wholly_applied)
    if missing:
        raise RefusedError(
            "other-line",
            f"the database is at {state.version} and has never been at {version}: it lacks "
            f"{', '.join(m.id for m in missing)}; nothing was changed",
            "downgrade to a version of the line that the database came from",
        )
