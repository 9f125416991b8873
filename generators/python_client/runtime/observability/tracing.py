"""OpenTelemetry spans for statements, named by its conventions for PostgreSQL.

https://opentelemetry.io/docs/specs/semconv/database/postgresql/ (stable). No value of a query is in a span:
the text of ours has placeholders alone, and literals in raw queries are shown as ``?``. Imported only if
tracing is on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer_provider

from ..connection.dsn import Server
from ..public.errors import DataError, PrismaError
from .observers import Observer, QueryEvent

_DEFAULT_PORT = 5432
_NAME = r'"(?:[^"]|"")+"'
_TABLE = re.compile(rf"\b(?:FROM|INTO|UPDATE) (?:{_NAME}\.)?({_NAME})")
#: Literals, what is left out, and what is shown as it is. An unclosed one goes on to the end.
_RAW = re.compile(
    r"(?P<literal>[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)|(?:[bBnNxX]|[uU]&)?'(?:[^']|'')*(?:'|\Z)"
    r"|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<note>--[^\n]*|/\*.*?(?:\*/|\Z))"
    rf"|(?P<kept>{_NAME}|\$\d+|[^\W\d]\w*)",
    re.DOTALL,
)


def tracing_observer(provider: Any, package: str, find_server: Callable[[], Server]) -> Observer:
    """An observer that creates a span for each statement; ``provider`` True is the process's own."""
    tracer = (get_tracer_provider() if provider is True else provider).get_tracer(package)
    known: dict[str, Any] = {}

    def observe(event: QueryEvent) -> None:
        end = time.time_ns()
        if not known:
            known.update(_server(find_server()))
        attributes = {**(known if event.server is None else _server(event.server)), **_query(event)}
        span = tracer.start_span(
            attributes.get("db.query.summary") or attributes["db.operation.name"],
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=end - round(event.seconds * 1e9),
        )
        if event.row_count is None:
            span.set_attributes(_failure(event.error))
            # Not the message: it may repeat values.
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    return observe


def _server(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = {"db.system.name": "postgresql"}
    if server.database:
        found["db.namespace"] = server.database
    if server.address:
        found["server.address"] = server.address
        if server.port not in (None, _DEFAULT_PORT):
            found["server.port"] = server.port
    return found


def _query(event: QueryEvent) -> dict[str, Any]:
    text = without_literals(event.sql) if event.is_raw else event.sql
    words = re.match(r"[\s(]*(\w+)", text)
    operation = words[1].upper() if words else "QUERY"
    found: dict[str, Any] = {"db.operation.name": operation, "db.query.text": text}
    # FETCH and CLOSE name a cursor.
    table = None if event.is_raw or operation in ("CLOSE", "FETCH") else _TABLE.search(text)
    if table is not None:
        name = table[1][1:-1].replace('""', '"')
        found |= {"db.collection.name": name, "db.query.summary": f"{operation} {name}"}
    if event.row_count is not None and operation in ("SELECT", "FETCH"):
        found["db.response.returned_rows"] = event.row_count
    return found


def _failure(error: PrismaError | None) -> dict[str, str]:
    if error is None:
        return {"error.type": "_OTHER"}  # it was cancelled, or interrupted
    state = error.meta.get("sqlstate") if isinstance(error, DataError) else None
    found = {"error.type": str(state or type(error).__name__)}
    return {**found, "db.response.status_code": str(state)} if state else found


def without_literals(sql: str) -> str:
    """A raw query without comments, and with ``?`` in place of every literal."""
    shown = _RAW.sub(lambda match: match["kept"] or ("?" if match["literal"] else " "), sql)
    return " ".join(shown.split())
