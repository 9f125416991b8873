"""``baseline``: adopts a database that was created by other means, if it matches a version."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from psycopg import errors

from ..connection.connection import Connection
from ..connection.session import Session
from ..errors import RefusedError
from ..manifest import Manifest, Migration
from ..options import Address
from ..planning.planning import version_index
from ..planning.state import State
from .differences import Difference
from .verify import compare, live_objects

_PRISMA = """
SELECT migration_name, checksum, finished_at IS NOT NULL
FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name
"""
_PRISMA_APPLIED = """
SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
"""
_TIMESTAMP: Final = re.compile(r"^[0-9]+[_-]*")
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_MAX_NAME: Final = 60
_SHOWN = 50

# A migration's name and the sha256 (hex) of its script.
_Prisma: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What to record as applied. ``version`` is None below the first complete version."""

    version: str | None
    migrations: tuple[Migration, ...]


def find_baseline(
    manifest: Manifest, address: Address, state: State, connection: Connection, to: str | None
) -> Baseline:
    """Find the database's version (``to``, if given). Raises RefusedError if it matches none."""
    if not state.is_empty:
        raise RefusedError(
            "already-tracked",
            f"this database is tracked already, at {state.version or 'an unfinished run'}",
            "run status to see its state, and upgrade or downgrade to change it",
        )
    prisma = _prisma_migrations(connection)
    if to is None and prisma == []:
        raise RefusedError(
            "prisma-empty",
            "Prisma Migrate's table is here and empty, so it does not tell this database's version; nothing "
            "was recorded",
            "give the version that the database is at with --to; if it is empty, run upgrade",
        )
    if to is None and prisma is not None:
        imported = _imported(manifest, prisma)
        whole = [v for v in manifest.versions if len(manifest.up_to(v)) <= len(imported)]
        version = whole[-1] if whole else None
        if version is None or len(manifest.up_to(version)) < len(imported):
            # Between versions, for which no objects are recorded: the scripts' own digests are compared.
            _refuse_edited(imported, prisma)
            return Baseline(version, imported)
        candidates: Sequence[str] = (version,)
    elif to is not None:
        candidates = (manifest.versions[version_index(manifest, to)],)
    else:
        candidates = [v for v in reversed(manifest.versions) if manifest.objects_at(v) is not None]
    return _matching(manifest, address, connection, candidates or (manifest.version,))


def refuse_made_by_prisma(manifest: Manifest, address: Address, session: Session) -> None:
    """Raises RefusedError for a database that Prisma Migrate has made and that nobody has adopted: the first
    migration would fail on what is there."""
    session.begin()
    try:
        applied = session.connection.execute(_PRISMA_APPLIED).fetchone()
    except (errors.UndefinedTable, errors.UndefinedColumn):
        return
    finally:
        session.rollback()
    first = next(filter(None, map(manifest.objects_at, manifest.versions)), None)
    if applied is None or not applied[0] or first is None:
        return
    own = first.keys() & live_objects(session.connection, address).keys()
    made = sorted(name.partition(" ")[2] for name in own if name.startswith("table "))
    if made:
        raise RefusedError(
            "made-by-prisma",
            f"Prisma Migrate has made this database ({applied[0]} migrations applied), and this package has "
            f"recorded nothing here: {', '.join(made[:_SHOWN])} exist already; nothing was changed",
            "run baseline, which finds out the version that it is at and records it; then run upgrade again",
        )


def _matching(
    manifest: Manifest, address: Address, connection: Connection, candidates: Sequence[str]
) -> Baseline:
    found = live_objects(connection, address)
    nearest: tuple[str, list[Difference]] | None = None
    for version in candidates:
        differing = compare(manifest, version, found, connection)
        if not differing:
            return Baseline(version, manifest.up_to(version))
        if nearest is None or len(differing) < len(nearest[1]):
            nearest = (version, differing)
    version, differing = nearest or (manifest.version, [])
    shown = [str(difference) for difference in differing[:_SHOWN]]
    more = [f"… and {len(differing) - _SHOWN} more"] if len(differing) > _SHOWN else []
    raise RefusedError(
        "no-match",
        f"the database does not match {version}: {len(differing)} differences; nothing was recorded",
        "make the database match, or give the version that it is at with --to",
        [*shown, *more],
    )


def _prisma_migrations(connection: Connection) -> list[_Prisma] | None:
    """What Prisma Migrate has applied to this database, in its order; None where it was never used."""
    try:
        rows = connection.execute(_PRISMA).fetchall()
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn):
        return None
    unfinished = [name for name, _, finished in rows if not finished]
    if unfinished:
        raise RefusedError(
            "prisma-unfinished",
            f"Prisma Migrate has started and not finished {', '.join(unfinished)} on this database",
            "finish or undo it with Prisma (`prisma migrate resolve`), then run baseline again",
        )
    return [(name, checksum) for name, checksum, _ in rows]


def _imported(manifest: Manifest, prisma: Sequence[_Prisma]) -> tuple[Migration, ...]:
    """Our migrations that Prisma has applied, matched by name: both in the same order, from the first on."""
    names = [name for name, _ in prisma]
    ours = [m.id.partition("_")[2] for m in manifest.migrations[: len(names)]]
    theirs = [imported_name(name) for name in names]
    differing = [name for name, own, their in zip(names, ours, theirs, strict=False) if own != their]
    surplus = names[len(ours) :]
    if differing or surplus:
        raise RefusedError(
            "prisma-history",
            "Prisma Migrate has applied migrations that are not this package's, in this order: "
            f"{', '.join([*differing, *surplus][:_SHOWN])}",
            "import the project in the state that this database is in, or give its version with --to",
        )
    return manifest.migrations[: len(prisma)]


def _refuse_edited(imported: Sequence[Migration], prisma: Sequence[_Prisma]) -> None:
    """Raises RefusedError if the scripts that Prisma Migrate ran differ from this package's."""
    edited = [
        name
        for migration, (name, checksum) in zip(imported, prisma, strict=True)
        if checksum not in migration.script_digests
    ]
    if edited:
        raise RefusedError(
            "prisma-edited",
            "Prisma Migrate has run other scripts on this database than this package's, and between versions "
            f"nothing else shows what the database consists of: {', '.join(edited[:_SHOWN])}",
            "bring the database to a complete version with Prisma first (`prisma migrate deploy`), then run "
            "baseline again",
        )


def imported_name(prisma_name: str) -> str:
    """The imported name of a Prisma migration: without its timestamp, in plain letters."""
    plain = unicodedata.normalize("NFKD", prisma_name).encode("ascii", "ignore").decode().lower()
    name = _NOT_IN_NAMES.sub("_", _TIMESTAMP.sub("", plain)).strip("_")
    return name[:_MAX_NAME].strip("_") or "migration"
