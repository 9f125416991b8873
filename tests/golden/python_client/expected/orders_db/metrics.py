"""What ``get_metrics()`` returns."""

from __future__ import annotations

from ._runtime.observability.metrics import HistogramBucket, Metric, MetricHistogram, Metrics
from ._runtime.public.client_types import MetricsFormat

__all__ = ["HistogramBucket", "Metric", "MetricHistogram", "Metrics", "MetricsFormat"]
