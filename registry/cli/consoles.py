"""Where lines for people go; apart from what writes them, because rich is slow to import."""

from __future__ import annotations

from rich.console import Console

from .streams import silence


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """The reader (head, less) has closed the pipe; the work itself continues to its end."""
        self.quiet = True
        silence()


# Rich drops colours by itself where this is not a terminal, or NO_COLOR is set.
console = _Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
error_console = _Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)
