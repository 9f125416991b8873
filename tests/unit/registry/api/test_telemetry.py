"""Traces go where OpenTelemetry's own variables say."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from registry.api.operating.telemetry import traced
from registry.api.service import create_service
from registry.catalogue import Catalogue
from registry.config.settings import Settings
from registry.errors import SettingsError

from .conftest import LOCAL

_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_a_trace_of_each_request_is_sent(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv(_VARIABLE, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    app = create_service(catalogue, Settings(name="ours"), {})
    try:
        with traced(app), TestClient(app, base_url=LOCAL) as client:
            client.get("/schema/1.0.0")
            client.get("/healthz")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    ((path, content),) = received
    assert path == "/v1/traces"
    assert b"GET /schema/{version}" in content
    assert b"schema-service" in content
    assert b"/healthz" not in content


def test_traces_are_refused_where_the_packages_are_missing(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_service(catalogue, Settings(name="ours"), {})
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.fastapi", None)
    with traced(app):
        """Nobody asked for traces."""
    monkeypatch.setenv(_VARIABLE, "http://127.0.0.1:4318")
    with pytest.raises(SettingsError) as refused, traced(app):
        """Not reached."""
    assert [problem.code for problem in refused.value.problems] == ["telemetry-not-installed"]
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with traced(app):
        """The standard way to switch it off."""


def test_serving_loads_no_telemetry_unless_it_is_asked_for() -> None:
    source = Path(sys.modules[traced.__module__].__file__ or "").read_text("utf-8")
    top = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert not any("opentelemetry" in line for line in top)
