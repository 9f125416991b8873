"""Spans of OpenTelemetry, as its SDK collects them, and the events that they are made from."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from generators.python_client.runtime.observability.tracing import without_literals

_SCHEMA = """
model Item {
  id     Int    @id @default(autoincrement())
  name   String @unique
  parent Int?
  above  Item?  @relation("tree", fields: [parent], references: [id])
  below  Item[] @relation("tree")

  @@map("the \\"items\\"")
}
""".replace('\\"', "_")
_TABLE = "the _items_"


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_statement_is_a_span(
    client: Any, mode: str, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    client.empty()
    with client.opened(mode, tracing=provider) as db:
        tracer = provider.get_tracer("test")
        with tracer.start_as_current_span("request") as request:
            db.item.create({"name": "secret-value"})
            db.item.find_many(where={"name": "secret-value"}, include={"below": True})
    insert, select, below = exporter.get_finished_spans()[:3]
    assert (insert.name, insert.kind) == (f"INSERT {_TABLE}", SpanKind.CLIENT)
    if mode == "sync":  # the asyncio client's calls run in a context of their own here
        assert insert.parent is not None
        assert insert.parent.span_id == request.get_span_context().span_id
    assert insert.status.status_code is StatusCode.UNSET
    assert insert.start_time is not None
    assert insert.end_time is not None
    assert insert.start_time < insert.end_time
    assert select.name == below.name == f"SELECT {_TABLE}"
    shown = dict(select.attributes or {})
    assert shown.pop("db.query.text", "").startswith("SELECT ")
    known = psycopg.conninfo.conninfo_to_dict(client.dsn)
    assert shown == {
        "db.system.name": "postgresql",
        "db.namespace": known["dbname"],
        "db.operation.name": "SELECT",
        "db.collection.name": _TABLE,
        "db.query.summary": f"SELECT {_TABLE}",
        "db.response.returned_rows": 1,
        "server.address": known["host"],
        **({"server.port": int(known["port"])} if known.get("port") not in (None, "5432") else {}),
    }
    assert "secret-value" not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_a_span_belongs_to_the_one_around_it_in_its_own_task(
    client: Any, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    async def ask(db: Any, number: int) -> None:
        with provider.get_tracer("test").start_as_current_span(str(number)):
            await db.item.count(where={"id": number})

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, tracing=provider) as db:
            await asyncio.gather(*(ask(db, number) for number in range(20)))

    asyncio.run(main())
    spans = exporter.get_finished_spans()
    around = {span.context.span_id for span in spans if span.parent is None and span.context}
    parents = [span.parent.span_id for span in spans if span.parent is not None]
    assert len(around) == len(parents) == 20
    assert set(parents) == around


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_failure_is_told_without_its_values(
    client: Any, mode: str, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    client.empty()
    errors = client.module.errors
    with client.opened(mode, tracing=provider) as db:
        db.item.create({"name": "taken"})
        with pytest.raises(errors.UniqueViolationError):
            db.item.create({"name": "taken"})
        with pytest.raises(errors.RawQueryError):
            db.query_raw("SELECT 1 / 0 AS \"x1\", 'it''s', $1::int -- 5", 7)
    failed, raw = exporter.get_finished_spans()[1:]
    assert failed.status.status_code is raw.status.status_code is StatusCode.ERROR
    assert failed.status.description is None
    assert dict(failed.attributes or {}).items() >= {
        "error.type": "23505", "db.response.status_code": "23505"
    }.items()  # fmt: skip
    assert "taken" not in failed.to_json()
    shown = dict(raw.attributes or {})
    assert (raw.name, shown["error.type"]) == ("SELECT", "22012")
    assert shown["db.query.text"] == 'SELECT ? / ? AS "x1", ?, $1::int'
    assert "db.collection.name" not in shown


def test_a_replica_is_named_as_the_server(
    client: Any, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    client.empty()
    replica = psycopg.conninfo.make_conninfo(client.dsn, application_name="x")
    socket = str(psycopg.conninfo.conninfo_to_dict(client.dsn)["host"])
    with client.opened("sync", replicas=[replica], tracing=provider) as db:
        # The same folder, spelled otherwise, so that the two can be told apart.
        db._pool.reads._turns.replicas[0]._find_dsn = lambda: replica.replace(socket, f"{socket}/.")
        db.item.count()
        list(db.item.iterate())
        db.item.create({"name": "a"})
    servers = [dict(span.attributes or {})["server.address"] for span in exporter.get_finished_spans()]
    assert servers[0] == f"{socket}/."
    assert set(servers[1:-1]) == {f"{socket}/."}
    assert servers[-1] == socket


def test_observers_are_told_why_a_statement_failed(client: Any) -> None:
    events: list[Any] = []
    errors = client.module.errors
    client.empty()
    with client.opened("sync", on_query=events.append, log_queries=True) as db:
        db.item.create({"name": "a"})
        with pytest.raises(errors.UniqueViolationError) as raised:
            db.item.create({"name": "a"})
    assert [(event.error, event.is_raw, event.server) for event in events] == [
        (None, False, None),
        (raised.value, False, None),
    ]
    assert events[1].row_count is None


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT 'a', E'b\\'c', N'd', U&'e' FROM t1", "SELECT ?, ?, ?, ? FROM t1"),
        ('SELECT "it\'s 5" FROM x WHERE a = $12', 'SELECT "it\'s 5" FROM x WHERE a = $12'),
        ("SELECT $$secret$$, $t$a 'b' $$ c$t$, $1", "SELECT ?, ?, $1"),
        ("SELECT 1.5e10, .5, x::numeric(5, 2)", "SELECT ?, ?, x::numeric(?, ?)"),
        ("SELECT 1 -- secret\n, 2 /* 'secret' */", "SELECT ? , ?"),
        ("SELECT 'unclosed", "SELECT ?"),
        ("SELECT $x$unclosed", "SELECT ?"),
        ("SELECT /* 'unclosed", "SELECT"),
    ],
)
def test_literals_of_raw_queries_are_not_shown(sql: str, shown: str) -> None:
    assert without_literals(sql) == shown


def test_tracing_is_off_unless_asked_for_and_says_what_it_needs(client: Any) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(client.folder)!r})\n"
        f"import {client.module.__name__} as package\n"
        "package.Client('')\n"
        "assert not any(name.startswith('opentelemetry') for name in sys.modules)\n"
        "sys.modules['opentelemetry'] = None\n"
        "try:\n"
        "    package.Client('', tracing=True)\n"
        "except package.errors.InputError as error:\n"
        "    assert '[opentelemetry]' in str(error)\n"
        "else:\n"
        "    raise SystemExit('nothing was said')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
