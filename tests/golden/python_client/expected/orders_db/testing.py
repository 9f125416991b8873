"""For tests: another registered client, for a while."""

from __future__ import annotations

from ._runtime.results.access import reset_client
from ._runtime.results.access import unregister as unregister_client

__all__ = ["reset_client", "unregister_client"]
