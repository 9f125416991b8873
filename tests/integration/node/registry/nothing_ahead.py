"""A release whose first steps are all that a test runs: nothing is begun for the others."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from registry.release.work_ahead import WorkAhead


class NothingAhead(WorkAhead):
    """No rehearsal and no package is worked for before its step."""

    def begin(self, key: Hashable, work: Callable[[], object]) -> None:
        pass
