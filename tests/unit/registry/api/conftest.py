"""The service over a state database of its own, as it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from registry.api.service import create_service
from registry.catalogue import Catalogue
from registry.catalogue.access import Writer
from registry.catalogue.runs import NewRun
from registry.config.settings import Settings
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

BY = Writer(who="a test", origin="here")
LOCAL = "http://localhost"
RUN = NewRun(
    database="us-1", direction="up", target=SchemaVersion(1, 0, 0), dry_run=True, allow_data_loss=False
)
_DATABASES = {
    "eu-1": {"url_env": "EU_1_URL", "labels": ("eu", "all")},
    "us-1": {"url_env": "US_1_URL", "labels": ("us", "all")},
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue.open("sqlite:///state.db", root=tmp_path, schema_name="ours")
    yield opened
    opened.close()


@pytest.fixture
def serve(catalogue: Catalogue, tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    """A client of the service with these settings of ``[api]``, and two registered databases."""
    root = tmp_path / "workspace"
    create_workspace(root, name="ours", sample=False)
    with ExitStack() as running:

        def client(*, address: str = "127.0.0.1", databases: Any = _DATABASES, **api: Any) -> TestClient:
            settings = Settings.model_validate({"name": "ours", "databases": databases, "api": api})
            app = create_service(catalogue, settings, {}, root=root)
            return running.enter_context(TestClient(app, base_url=LOCAL, client=(address, 5000)))

        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
