"""``verify``: compares a live database with what the rehearsal of its version recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..connection.connection import Connection
from ..errors import RefusedError
from ..manifest import Manifest
from ..options import Address
from ..planning.drafts import refuse_other_draft
from ..planning.history_checks import refuse_edited, refuse_unknown
from ..planning.state import State
from ..tracking.tracking import objects_of_others
from .differences import Difference, differences, identity_of
from .fingerprint import fingerprint, read_objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """``differences`` is empty for a database that matches the rehearsal of ``version``; ``fingerprint`` is
    the live database's (sha256, hex)."""

    version: str
    differences: tuple[Difference, ...]
    fingerprint: str

    def as_json(self) -> dict[str, Any]:
        """The answer of ``verify --json``."""
        return {
            "version": self.version,
            "fingerprint": self.fingerprint,
            "differences": [difference.as_json() for difference in self.differences],
        }


def verification(manifest: Manifest, address: Address, state: State, connection: Connection) -> Verification:
    """Compare the database with what the rehearsal of its version recorded.

    Raises RefusedError for a database that is at no version of the package: empty, ahead, edited, or between
    versions.
    """
    refuse_other_draft(manifest, state)
    refuse_unknown(manifest, state)
    refuse_edited(manifest, state)
    unfinished = [m.id for m in manifest.missing(_known(manifest, state), state.is_applied)]
    if unfinished or state.unfinished():
        raise RefusedError(
            "unfinished",
            f"the database is between versions: {', '.join(unfinished or state.unfinished())}",
            "bring it to a version, then verify",
        )
    version = _known(manifest, state)
    found = live_objects(connection, address)
    return Verification(
        version=version,
        differences=tuple(compare(manifest, version, found, connection)),
        fingerprint=fingerprint(found),
    )


def compare(
    manifest: Manifest, version: str, found: dict[str, str], connection: Connection
) -> list[Difference]:
    """The differences from one version. Raises RefusedError where the package has no record of it."""
    expected = manifest.objects_at(version)
    if expected is None:
        raise RefusedError(
            "no-record",
            f"this package has no record of what a database at {version} consists of",
            "publish the version with a rehearsal, and install that package",
        )
    return differences(expected, found, others=objects_of_others(connection, manifest.schema_name))


def live_objects(connection: Connection, address: Address) -> dict[str, str]:
    """The objects of the database, with the address's Postgres schema renamed to public, as rehearsed."""
    found = read_objects(connection)
    if address.search_path == "public":
        return found
    rehearsed = as_rehearsed(connection, address)
    return {
        rehearsed(name): rehearsed(text)
        for name, text in found.items()
        if not identity_of(name).startswith("public.")
    }


def as_rehearsed(connection: Connection, address: Address) -> Callable[[str], str]:
    """Renames the address's Postgres schema to public in a name or a definition."""
    row = connection.execute("SELECT quote_ident(%s)", (address.search_path,)).fetchone()
    own = re.compile(rf"(?<![\w$\".]){re.escape(row[0] if row else '')}(?=\.)")
    return lambda text: own.sub("public", text)


def _known(manifest: Manifest, state: State) -> str:
    if state.version is None:
        raise RefusedError(
            "empty",
            "this schema was never migrated on this database, so there is nothing to verify",
            "run upgrade, or baseline for a database that was created by other means",
        )
    if state.version not in manifest.versions:  # without migrations of its own
        raise RefusedError(
            "ahead",
            f"the database is at {state.version}, which this package ({manifest.version}) doesn't know",
            f"install {manifest.package} of version {state.version}, or of a later one that contains it",
        )
    return state.version
