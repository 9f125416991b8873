"""What Prometheus asks for: requests as they are answered, and counts that the state database has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.types import Scope

from ...catalogue import Catalogue
from ...catalogue.run_queue import RunState
from ...errors import CatalogueError

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_RUN_STATES = get_args(RunState)
_DELIVERY_STATES = ("pending", "delivered", "given up")
_UNKNOWN = "none"
_Counts = Mapping[tuple[str, ...], int]
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """Of this process. A route is its template: what callers write into it would be a series each."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "schema_service_http_requests", "Requests that were answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "schema_service_http_request_seconds",
            "How long answers took, from the request to the end of the answer.",
            ("method", "route"),
            registry=self._registry,
        )
        self._series: dict[tuple[str, str, int | None], tuple[Counter, Histogram]] = {}
        self._registry.register(_CatalogueCollector(catalogue))

    def count(self, scope: Scope, status: int | None, seconds: float) -> None:
        """An answer; without a status the caller had gone."""
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else _UNKNOWN
        series = self._series.get((method, route, status))
        if series is None:
            requests = self._requests.labels(method, route, str(status or _UNKNOWN))
            series = self._series[method, route, status] = requests, self._seconds.labels(method, route)
        series[0].inc()
        series[1].observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)


def _route(scope: Scope) -> str:
    """The template; of another schema's application, with where that one is."""
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        return _UNKNOWN
    return f"/schemas/{{name}}{path}" if str(scope.get("root_path", "")).startswith("/schemas/") else path


class _CatalogueCollector(Collector):
    """Asked for each scrape, so that any number of servers say the same."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """None: otherwise the state database would be asked before anybody wants to know."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("schema_service_catalogue_up", "Whether the state database answers.")
        try:
            found = list(self._counts())
        except CatalogueError:
            found = []
        up.add_metric([], 1.0 if found else 0.0)
        yield up
        yield from found

    def _counts(self) -> Iterator[GaugeMetricFamily]:
        operation, name = self._catalogue.operation, self._catalogue.schema_name
        runs, deliveries = operation.runs_by_state(), operation.deliveries_by_state()
        alive = len(self._catalogue.workers.alive())
        yield _gauge("releases", "Published versions.", {(): operation.published()}, name)
        by_state: _Counts = {(state,): runs.get(state, 0) for state in _RUN_STATES}
        yield _gauge("runs", "Migration runs.", by_state, name)
        waiting: _Counts = {(): runs.get("queued", 0)}
        yield _gauge("queue_depth", "Migration runs that wait for a worker.", waiting, name)
        found: _Counts = {(state,): deliveries.get(state, 0) for state in _DELIVERY_STATES}
        yield _gauge("deliveries", "Announcements to channels.", found, name)
        yield _gauge("workers", "Workers that look for runs.", {(): alive}, name)


def _gauge(what: str, help_text: str, values: _Counts, schema: str) -> GaugeMetricFamily:
    labels = ["schema", "state"] if any(values) else ["schema"]
    family = GaugeMetricFamily(f"schema_service_{what}", help_text, labels=labels)
    for state, value in values.items():
        family.add_metric([schema, *state], value)
    return family
