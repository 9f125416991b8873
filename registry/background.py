"""Work on a thread of its own, beside whatever a server or a command does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def in_background(work: Callable[[Event], None], *, patience_seconds: float | None = None) -> Iterator[Event]:
    """Let ``work`` go on until the block ends, or sets the event that both are given.

    The end waits ``patience_seconds`` for it, without a number for as long as it takes.
    """
    is_over = Event()
    thread = Thread(target=work, args=(is_over,), daemon=True)
    thread.start()
    try:
        yield is_over
    finally:
        is_over.set()
        thread.join(patience_seconds)
