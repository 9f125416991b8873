"""The options of a client that both kinds take."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from ..connection.dotenv import database_url
from ..connection.dsn import connection_settings, server_of
from ..observability.observers import Observer, logging_observer
from ..public.client_types import DatasourceOverride
from ..public.errors import InputError


class TracerProvider(Protocol):
    """The part of OpenTelemetry's provider that is used: the types need no installed OpenTelemetry."""

    def get_tracer(self, instrumenting_module_name: str, /) -> Any:
        """The tracer of a library."""
        ...


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """The checked options of a client."""

    find_dsn: Callable[[], str | None]
    timeout_seconds: float
    observers: tuple[Observer, ...]


def client_options(
    package: str,
    dsn: str | None,
    datasource: DatasourceOverride | None,
    *,
    use_dotenv: bool,
    log_queries: bool,
    connect_timeout: int | timedelta,
    pool_size: int | None,
    on_query: Observer | None,
    tracing: TracerProvider | bool = False,
) -> ClientOptions:
    """The options of a client. An int ``connect_timeout`` counts seconds. Raises InputError."""
    if dsn is not None and datasource is not None:
        raise InputError("datasource: a connection string was given already")
    if pool_size is not None and pool_size < 1:
        raise InputError(f"pool_size: needs an int of one or more, but got {pool_size}")
    given = _connection_string(dsn if datasource is None else _url_of(datasource))
    timeout = (
        connect_timeout if isinstance(connect_timeout, timedelta) else timedelta(seconds=connect_timeout)
    )
    observers = [logging_observer(logging.getLogger(package))] if log_queries else []
    observers += [on_query] if on_query is not None else []

    def find_dsn() -> str | None:
        return given or (database_url() if use_dotenv else None)

    if tracing is not False:
        observers.append(_tracing_observer(package, tracing, find_dsn))
    return ClientOptions(find_dsn, timeout.total_seconds(), tuple(observers))


def _connection_string(given: object) -> str | None:
    """Callers that no checker reads pass a URL object, for example."""
    if given is not None and not isinstance(given, str):
        raise InputError(f"dsn: needs a connection string, but got {type(given).__name__}")
    return given


def _url_of(datasource: DatasourceOverride) -> str:
    try:
        return datasource["url"]
    except (KeyError, TypeError):
        raise InputError('datasource: needs a dict with the key "url"') from None


def _tracing_observer(
    package: str, provider: TracerProvider | bool, find_dsn: Callable[[], str | None]
) -> Observer:
    try:
        from ..observability.tracing import tracing_observer  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise InputError(
            "tracing: OpenTelemetry is not installed; install this package with its extra [opentelemetry]"
        ) from error
    return tracing_observer(provider, package, lambda: server_of(connection_settings(find_dsn(), None)))
