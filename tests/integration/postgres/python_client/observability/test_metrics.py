"""What ``get_metrics()`` tells, compared with what was done."""

from __future__ import annotations

import asyncio
import pickle
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest

_SCHEMA = """
model Item {
  id     Int    @id @default(autoincrement())
  name   String @unique
  parent Int?
  above  Item?  @relation("tree", fields: [parent], references: [id])
  below  Item[] @relation("tree")
}
"""
_SAMPLE = re.compile(r'(?P<name>\w+?)(?:\{(?P<labels>(?:\w+="(?:[^"\\\n]|\\.)*",?)+)\})? (?P<value>\S+)')


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


def _values(metrics: Any) -> dict[str, Any]:
    every = [*metrics.counters, *metrics.gauges, *metrics.histograms]
    return {metric.key.removeprefix("prisma_"): metric.value for metric in every}


def _eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_query_and_statement_is_counted(client: Any, mode: str) -> None:
    client.empty()
    with client.opened(mode) as db:
        db.item.create({"name": "a"})
        with pytest.raises(client.module.errors.UniqueViolationError):
            db.item.create({"name": "a"})
        db.item.find_many(include={"below": True})  # two statements
        with pytest.raises(client.module.errors.FieldNotFoundError):
            db.item.find_many(where={"nome": "a"})  # none
        with db.tx() as tx:  # BEGIN and COMMIT are nobody's queries
            tx.item.create({"name": "b"})
            tx.item.count()
        with db.batch_() as batch:
            batch.item.create({"name": "c"})
            batch.item.delete_many()
        db.query_raw("SELECT 1")
        values = _values(db.get_metrics())
    assert values["client_queries_total"] == 8
    assert values["datasource_queries_total"] == 9
    taken = values["client_queries_duration_histogram_ms"]
    assert taken.count == 8
    assert taken.sum > 0
    bounds = [bucket.max_value for bucket in taken.buckets]
    assert bounds == sorted(bounds)
    assert sum(bucket.total_count for bucket in taken.buckets) <= 8
    assert taken.buckets[0].total_count == 0


def test_numbers_can_be_sent_to_another_process(client: Any) -> None:
    with client.opened("sync") as db:
        db.item.count()
        metrics = db.get_metrics()
    assert pickle.loads(pickle.dumps(metrics)) == metrics


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_pool_is_shown_as_it_is(client: Any, mode: str) -> None:
    client.empty()
    with client.opened(mode, pool_size=3) as db:
        idle = _values(db.get_metrics())
        with db.tx() as tx:
            tx.item.count()
            inside = _values(db.get_metrics())
            assert _values(tx.get_metrics()) == inside
            pid = tx.query_first("SELECT pg_backend_pid() AS pid")["pid"]
            db.item.count()  # a second connection
        with psycopg.connect(client.dsn) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        # It is found dead when it is taken, or, on a machine that is slower than that, before.
        with suppress(client.module.errors.DatabaseConnectionError), db.tx() as tx, db.tx() as both:
            tx.item.count()
            both.item.count()
        after = _values(db.get_metrics())
    kinds = ("open", "busy", "idle", "opened_total", "closed_total")
    assert [idle[f"pool_connections_{kind}"] for kind in kinds] == [1, 0, 1, 1, 0]
    assert [inside[f"pool_connections_{kind}"] for kind in kinds] == [1, 1, 0, 1, 0]
    assert after["pool_connections_closed_total"] == 1
    assert after["pool_connections_open"] == after["pool_connections_opened_total"] - 1 >= 1


def test_who_waits_and_what_runs_is_shown(client: Any) -> None:
    client.empty()
    with client.opened("sync", pool_size=1) as db:
        with db.tx(timeout=None) as tx:
            tx.item.count()
            waiting = threading.Thread(target=db.item.count)
            waiting.start()
            _eventually(lambda: _values(db.get_metrics())["client_queries_wait"] == 1)
            assert _values(db.get_metrics())["client_queries_active"] == 0
        waiting.join(60)
        values = _values(db.get_metrics())
        assert values["client_queries_wait"] == 0
        assert values["client_queries_wait_histogram_ms"].count == 1
        assert values["client_queries_wait_histogram_ms"].sum > 0

        with psycopg.connect(client.dsn) as other:
            other.execute("SELECT pg_advisory_lock(1)")
            running = threading.Thread(target=db.query_raw, args=["SELECT pg_advisory_lock(1)::text"])
            running.start()
            _eventually(lambda: _values(db.get_metrics())["client_queries_active"] == 1)
        running.join(60)
        assert _values(db.get_metrics())["client_queries_active"] == 0


def test_waiting_tasks_are_counted_too(client: Any) -> None:
    client.empty()

    async def main() -> Any:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            await asyncio.gather(*(db.item.count() for _ in range(5)))
            return await db.get_metrics()

    values = _values(asyncio.run(main()))
    assert values["client_queries_wait_histogram_ms"].count == 4
    assert values["client_queries_total"] == 5


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_replicas_are_counted_with_the_primary(client: Any, mode: str) -> None:
    client.empty()
    with client.opened(mode, replicas=[client.dsn]) as db:
        db.item.create({"name": "a"})
        db.item.find_many()
        values = _values(db.get_metrics())
    assert values["client_queries_total"] == 2
    assert values["pool_connections_open"] == 2


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_prometheus_reads_them(client: Any, mode: str) -> None:
    client.empty()
    label = 'a "b"\\\n,c='
    with client.opened(mode) as db:
        db.item.create({"name": "a"})
        text = db.get_metrics(format="prometheus", global_labels={"app": label})
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert set(types.values()) == {"counter", "gauge", "histogram"}
    samples = [_SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(samples)
    read = [sample.groupdict() for sample in samples if sample is not None]
    assert all(one["labels"].startswith('app="a \\"b\\"\\\\\\n,c="') for one in read)
    assert {re.sub(r"_(bucket|sum|count)$", "", one["name"]) for one in read} == set(types)
    counts = [
        float(one["value"]) for one in read if one["name"].endswith("queries_duration_histogram_ms_bucket")
    ]
    assert counts == sorted(counts)
    assert counts[-1] == 1  # le="+Inf" has all


def test_mistakes_are_told(client: Any) -> None:
    errors = client.module.errors
    unopened = client.opened("sync")
    with pytest.raises(errors.ClientNotConnectedError):
        unopened.get_metrics()
    with unopened as db:
        for labels in ({"a-b": "x"}, {"le": "x"}, {"__a": "x"}, {"a": 1}, {"a\n": "x"}):
            with pytest.raises(errors.InputError, match="global_labels"):
                db.get_metrics(global_labels=labels)
        with pytest.raises(errors.InputError, match="'json' or 'prometheus'"):
            db.get_metrics(format="xml")


def test_they_are_models_of_the_package(client: Any) -> None:
    with client.opened("sync") as db:
        metrics = db.get_metrics(global_labels={"app": "shop"})
    assert isinstance(metrics, client.module.Metrics)
    assert isinstance(metrics.counters[0], client.module.Metric)
    assert isinstance(metrics.histograms[0].value, client.module.MetricHistogram)
    assert {metric.labels["app"] for metric in (*metrics.counters, *metrics.gauges)} == {"shop"}
    assert client.module.Metrics.model_validate_json(metrics.model_dump_json()) == metrics
