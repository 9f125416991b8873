"""The options of a client that both kinds take."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from .dotenv import database_url
from .errors import InputError
from .observers import Observer, logging_observer


class Datasource(TypedDict):
    """Another database than DATABASE_URL's."""

    url: str


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What was asked for, checked."""

    find_dsn: Callable[[], str | None]
    timeout_seconds: float
    observers: tuple[Observer, ...]


def client_options(
    package: str,
    dsn: str | None,
    datasource: Datasource | None,
    *,
    use_dotenv: bool,
    log_queries: bool,
    connect_timeout: int | timedelta,
    on_query: Observer | None,
) -> ClientOptions:
    """The options of a client. An int ``connect_timeout`` counts seconds. Raises InputError."""
    if dsn is not None and datasource is not None:
        raise InputError("datasource: a connection string was given already")
    given = dsn if datasource is None else datasource["url"]
    timeout = (
        connect_timeout if isinstance(connect_timeout, timedelta) else timedelta(seconds=connect_timeout)
    )
    observers = [logging_observer(logging.getLogger(package))] if log_queries else []
    observers += [on_query] if on_query is not None else []
    return ClientOptions(
        lambda: given or (database_url() if use_dotenv else None), timeout.total_seconds(), tuple(observers)
    )
