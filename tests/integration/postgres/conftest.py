"""Empty databases on the embedded server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migrations.scratch.scratch_server import ScratchServer

from .databases import EmptyDatabases


@pytest.fixture(scope="module")
def databases(scratch_server: ScratchServer) -> Iterator[EmptyDatabases]:
    """Lends a database where it matters nothing to a test that it was another's before."""
    lender = EmptyDatabases(scratch_server)
    yield lender
    lender.close()
