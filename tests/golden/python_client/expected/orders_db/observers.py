"""What ``on_query`` is called with."""

from __future__ import annotations

from ._runtime.observability.observers import Observer, QueryEvent, logging_observer

__all__ = ["Observer", "QueryEvent", "logging_observer"]
