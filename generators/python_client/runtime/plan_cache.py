"""A cache of compiled plans."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_T = TypeVar("_T")


class PlanCache:
    """The most recently used plans, at most twice ``size``.

    Two generations approximate a least-recently-used list: a hit is one look-up, and no lock is needed.
    """

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._young: dict[Hashable, Any] = {}
        self._old: dict[Hashable, Any] = {}

    def get(self, key: Hashable, compiled: Callable[[], _T]) -> _T:
        """The plan under ``key``, or ``compiled()``, which is cached."""
        young: _T | None = self._young.get(key)
        if young is not None:
            return young
        plan: _T = self._old.get(key) or compiled()
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = plan
        return plan
