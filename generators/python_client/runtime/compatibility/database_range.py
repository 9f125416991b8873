"""Which versions of its database a generated client works with; what the database says decides the rest."""

from __future__ import annotations

from typing import NamedTuple


class DatabaseRange(NamedTuple):
    """The versions of its database that a client works with: from ``oldest`` on, which has the same
    migrations as ``version``, its own. What is later says itself what it works with; while a run is under
    way, it is what is before ``until``, the next version that may break clients.

    ``has_lines``: not all versions up to its own are one line. ``migrations`` is the package that migrates.
    ``has_schemas``: the models name their Postgres schemas themselves.
    """

    schema_name: str
    package: str
    version: str
    oldest: str
    until: str
    migrations: str
    has_lines: bool = False
    has_schemas: bool = False

    @property
    def packaged(self) -> str:
        """Package and version: `schema-client/2.0.0`."""
        return f"{self.package}/{self.version}"
