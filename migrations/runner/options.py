"""The options of a run: timeouts, intervals, the size of batches, and whether a draft may run."""

from __future__ import annotations

from dataclasses import dataclass

from .address.address import DEFAULT_URL_VARIABLE, Address, address, address_from_environment

__all__ = ["DEFAULT_URL_VARIABLE", "Address", "Options", "address", "address_from_environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Times are in seconds."""

    #: How long one attempt may make readers queue behind its DDL.
    lock_timeout: float = 1.0
    #: How long a step is retried after such a timeout or a deadlock.
    retry: float = 120.0
    #: How long to wait for a database that is starting.
    database_wait: float = 60.0
    #: How long to wait for another runner.
    runner_wait: float = 300.0
    #: How long one check of the data before a run may take.
    check_timeout: float = 30.0
    #: How often a long statement is reported.
    progress: float = 10.0
    #: How many rows a batch of a backfill covers.
    batch: int = 5000
    #: Whether the package of a draft may change the database.
    allow_draft: bool = False
