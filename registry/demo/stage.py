"""Where the demo is shown: headings, lines and times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..release.workflow import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``heading`` and ``line`` show text; ``observer`` shows the steps of a release."""

    heading: Callable[[str], None]
    line: Callable[[str], None]
    observer: Observer

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """Show ``title``, and at the end how long the act took."""
        self.heading(title)
        began = time.monotonic()
        yield
        self.line(f"({time.monotonic() - began:.1f} s)")
