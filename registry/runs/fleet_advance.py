"""Taking the fleet runs further, and telling others where one stops or ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalogue import Announcement, Catalogue
from ..catalogue.fleets.records import FleetRun
from ..config.settings import Settings
from ..notify.events import announcement


def advance_fleets(catalogue: Catalogue, settings: Settings) -> None:
    """What each worker does before it looks for runs. Raises CatalogueError."""

    def announce(event: str, fleet: FleetRun, facts: Mapping[str, Any]) -> Announcement:
        return announcement(
            settings.notify,
            event,
            schema_name=catalogue.schema_name,
            version=fleet.target,
            data={"fleet_run": fleet.id, "label": fleet.label, "direction": fleet.direction, **facts},
        )

    catalogue.fleets.advance(announce)
