"""Traces of the API's requests, where OpenTelemetry's own variables say where to send them.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from schemas.errors import Problem

from ...errors import SettingsError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_UNTRACED = "healthz,readyz,metrics"


@contextmanager
def traced(app: FastAPI) -> Iterator[None]:
    """Send traces of ``app`` until the block ends, if a variable names an endpoint for them.

    Raises SettingsError where one does and the packages that are needed aren't installed.
    """
    named = next((name for name in _ENDPOINTS if os.environ.get(name)), None)
    if named is None or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415 - the same
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same
    except ImportError:
        raise SettingsError(_not_installed(named)) from None
    name = os.environ.get("OTEL_SERVICE_NAME", "schema-service")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls=_UNTRACED, exclude_spans=["receive", "send"]
    )
    try:
        yield
    finally:
        FastAPIInstrumentor.uninstrument_app(app)
        provider.shutdown()


def _not_installed(variable: str) -> Problem:
    return Problem(
        code="telemetry-not-installed",
        message=f"{variable} asks for traces, and OpenTelemetry's packages are not installed",
        fix="install schema-service[opentelemetry], or unset the variable",
    )
