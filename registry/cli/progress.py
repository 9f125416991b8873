"""The steps of a release as they happen: live lines on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import Self

from rich.status import Status
from rich.text import Text

from ..release.workflow import StepEvent
from .output import say


class Progress:
    """Shows nothing where ``live`` is False, as with ``--json``."""

    def __init__(self, *, live: bool) -> None:
        from .consoles import console  # noqa: PLC0415 - it looks at the terminal as soon as it is imported

        self._live = live
        # With FORCE_COLOR set, Rich takes a file for a terminal: fine for colours, not for a spinner.
        on_terminal = live and console.is_terminal and sys.stdout.isatty()
        self._status = Status("", console=console) if on_terminal else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._status:
            self._status.stop()

    def observe(self, event: StepEvent) -> None:
        """Show one event; give this to the release as its observer."""
        if not self._live:
            return
        if event.status == "started":
            if self._status:
                self._status.update(Text(event.name))
            return
        mark = ("✓", "green") if event.status == "finished" else ("✗", "red")
        say("  ", mark, f" {event.name:<9} {event.duration_seconds:5.1f} s  {event.summary}")
        for line in event.lines:
            say(f"      {line}")
