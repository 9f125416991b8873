"""A migration as a value: one numbered step, ``NNN_name``, of a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..versions import SchemaVersion

#: The folder name of a migration: three or more digits, an underscore, a lower-case name.
FOLDER_NAME = re.compile(r"(?P<number>[0-9]{3,6})_(?P<name>[a-z0-9][a-z0-9_]{0,99})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """``up`` and ``down`` are SQL scripts; ``down`` is None where the author wrote none."""

    number: int
    name: str
    version: SchemaVersion
    up: str
    down: str | None

    @property
    def id(self) -> str:
        """The folder's name, e.g. ``005_materialized_views``: unique in all versions."""
        return f"{self.number:03d}_{self.name}"

    def script_path(self, direction: Literal["up", "down"]) -> str:
        """The script's path in the workspace, for messages."""
        return f"schemas/{self.version}/migrations/{self.id}/{direction}.sql"
