"""A client's numbers under the names of Prisma's metrics, as objects and in Prometheus' text format.

https://www.prisma.io/docs/orm/prisma-client/observability-and-logging/metrics (names, buckets),
https://prometheus.io/docs/instrumenting/exposition_formats/ (the text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Generic, NamedTuple, TypeAlias, TypeVar, get_args

from pydantic import BaseModel

from ..connection.usage import BOUNDS_SECONDS, Tally, Usage
from ..public.client_types import MetricsFormat
from ..public.errors import InputError

_T = TypeVar("_T")


_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class HistogramBucket(NamedTuple):
    """How many took at most ``max_value`` milliseconds, and longer than the previous bucket's."""

    max_value: float
    total_count: int


class MetricHistogram(BaseModel):
    """Durations in milliseconds. ``count`` includes those that are in no bucket."""

    sum: float
    count: int
    buckets: list[HistogramBucket]


class Metric(BaseModel, Generic[_T]):
    """One number, or one histogram."""

    key: str
    value: _T
    labels: dict[str, str]
    description: str


# Created here, so that pydantic registers them by name: otherwise they couldn't be pickled.
_Counters: TypeAlias = list[Metric[int]]
_Gauges: TypeAlias = list[Metric[float]]
_Histograms: TypeAlias = list[Metric[MetricHistogram]]


class Metrics(BaseModel):
    """All metrics. Counters and histograms begin with ``connect()``."""

    counters: _Counters
    gauges: _Gauges
    histograms: _Histograms


def metrics_as(asked: MetricsFormat, usage: Usage, labels: Mapping[str, str]) -> Metrics | str:
    """The metrics of a pool, each with these labels. Raises InputError for one that Prometheus refuses."""
    if asked not in get_args(MetricsFormat):
        raise InputError(f"format: needs 'json' or 'prometheus', but got {asked!r:.60}")
    found = _metrics(usage, _checked(labels))
    return _text(found) if asked == "prometheus" else found


def _metrics(usage: Usage, labels: dict[str, str]) -> Metrics:
    counters = {
        "prisma_client_queries_total": (usage.queries.count, "Queries of the client"),
        "prisma_datasource_queries_total": (
            usage.statements,
            "Statements sent to the database, but for those that begin and end transactions",
        ),
        "prisma_pool_connections_opened_total": (usage.opened, "Connections that were opened"),
        "prisma_pool_connections_closed_total": (usage.closed, "Connections that were closed or lost"),
    }
    gauges = {
        "prisma_client_queries_active": (usage.active, "Statements that the database executes now"),
        "prisma_client_queries_wait": (usage.waiting, "Callers that wait for a connection now"),
        "prisma_pool_connections_busy": (usage.busy, "Connections in use"),
        "prisma_pool_connections_idle": (usage.idle, "Open connections that nobody uses"),
        "prisma_pool_connections_open": (usage.busy + usage.idle, "Open connections"),
    }
    histograms = {
        "prisma_client_queries_duration_histogram_ms": (
            usage.queries,
            "How long the client's queries took, without the wait for a connection",
        ),
        "prisma_client_queries_wait_histogram_ms": (
            usage.waits,
            "How long callers waited for a connection while all were in use",
        ),
    }

    def metric(key: str, value: _T, description: str) -> Metric[_T]:
        return Metric(key=key, value=value, labels=labels, description=description)

    return Metrics(
        counters=[metric(key, value, text) for key, (value, text) in counters.items()],
        gauges=[metric(key, float(value), text) for key, (value, text) in gauges.items()],
        histograms=[metric(key, _histogram(tally), text) for key, (tally, text) in histograms.items()],
    )


def _text(found: Metrics) -> str:
    lines: list[str] = []
    for counter in found.counters:
        lines += [*_head(counter, "counter"), f"{counter.key}{_labels(counter.labels)} {counter.value}"]
    for gauge in found.gauges:
        lines += [*_head(gauge, "gauge"), f"{gauge.key}{_labels(gauge.labels)} {gauge.value}"]
    for histogram in found.histograms:
        lines += [*_head(histogram, "histogram"), *_samples(histogram)]
    return "\n".join(lines) + "\n"


def _histogram(tally: Tally) -> MetricHistogram:
    buckets = [
        HistogramBucket(bound * 1000, count)
        for bound, count in zip(BOUNDS_SECONDS, tally.counts, strict=False)
    ]
    return MetricHistogram(sum=tally.seconds * 1000, count=tally.count, buckets=buckets)


def _checked(labels: Mapping[str, object]) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in labels.items():
        if _LABEL.fullmatch(str(name)) is None or name.startswith("__"):
            raise InputError(f"global_labels: {name!r} is not a label name; use letters, digits and _")
        if name == "le":
            raise InputError("global_labels.le: is Prometheus' name for a bucket's bound; choose another")
        if not isinstance(value, str):
            raise InputError(f"global_labels.{name}: needs a str, but got {type(value).__name__}")
        checked[name] = value
    return checked


def _head(metric: Metric[_T], kind: str) -> list[str]:
    return [f"# HELP {metric.key} {metric.description}", f"# TYPE {metric.key} {kind}"]


def _samples(metric: Metric[MetricHistogram]) -> Iterator[str]:
    value, key = metric.value, metric.key
    # Here a bucket counts all that are below its bound.
    below = accumulate(bucket.total_count for bucket in value.buckets)
    for bucket, count in zip(value.buckets, below, strict=True):
        yield f"{key}_bucket{_labels({**metric.labels, 'le': f'{bucket.max_value:g}'})} {count}"
    yield f"{key}_bucket{_labels({**metric.labels, 'le': '+Inf'})} {value.count}"
    yield f"{key}_sum{_labels(metric.labels)} {value.sum!r}"
    yield f"{key}_count{_labels(metric.labels)} {value.count}"


def _labels(labels: Mapping[str, str]) -> str:
    escaped = (
        (name, text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, text in labels.items()
    )
    inside = ",".join(f'{name}="{text}"' for name, text in escaped)
    return f"{{{inside}}}" if inside else ""
