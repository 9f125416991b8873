"""What the catalogue keeps of a version in a row of its own, which versions of older tools don't have."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ..records import PublishedVersion

_PAIRS = ("packages", "renames", "rehearsed_ms")


def details_row(published: PublishedVersion) -> dict[str, Any]:
    """The row's values besides its key."""
    pairs = {name: json.dumps(getattr(published, name)) for name in _PAIRS}
    return {"notes": published.notes, "generators": published.generators, **pairs}


def with_details(published: PublishedVersion, row: Any) -> PublishedVersion:
    """``published`` with what its row says."""
    pairs: dict[str, Any] = {name: tuple(map(tuple, json.loads(row[name]))) for name in _PAIRS}
    return replace(published, notes=row["notes"], generators=row["generators"], **pairs)
