"""How patient a run is."""

from __future__ import annotations

from dataclasses import dataclass

from .address import DEFAULT_URL_VARIABLE, Address, address, address_from_environment

__all__ = ["DEFAULT_URL_VARIABLE", "Address", "Options", "address", "address_from_environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All in seconds. ``lock_timeout`` is how long one attempt may make readers queue behind its DDL;
    ``retry`` how long a step is attempted again after such a timeout or a deadlock; ``database_wait`` and
    ``runner_wait`` how long a database that is starting, and another runner, are waited for; ``progress`` how
    often a statement that goes on and on is reported. ``batch`` is the number of rows a backfill's batch
    walks over."""

    lock_timeout: float = 1.0
    retry: float = 120.0
    database_wait: float = 60.0
    runner_wait: float = 300.0
    progress: float = 10.0
    batch: int = 5000
