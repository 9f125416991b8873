"""What the rehearsal recorded of the version that a database is at."""

from __future__ import annotations

from collections.abc import Mapping

from ..manifest import Manifest
from ..planning.state import State


def recorded_objects(manifest: Manifest, state: State) -> Mapping[str, str]:
    """The objects of a database that is at a version, and not between two."""
    if state.version not in manifest.versions or state.unfinished():
        return {}
    above = manifest.migrations[len(manifest.up_to(state.version)) :]
    if any(state.is_applied(migration.id) for migration in above):
        return {}
    return manifest.objects_at(state.version) or {}
