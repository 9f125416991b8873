"""Where the demo prints: headings, lines and times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..release.workflow import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """``heading`` and ``line`` print text; ``observer`` shows the steps of a release."""

    heading: Callable[[str], None]
    line: Callable[[str], None]
    observer: Observer

    @contextmanager
    def section(self, title: str) -> Iterator[None]:
        """Print ``title``, and at the end how long the section took."""
        self.heading(title)
        began = time.monotonic()
        yield
        self.line(f"({time.monotonic() - began:.1f} s)")
