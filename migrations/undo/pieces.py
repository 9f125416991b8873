"""The parts of an undo."""

from __future__ import annotations

from dataclasses import dataclass

from .script import Statement


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of an undo: (a part of) one of a script, or one that is made up (no ``origin``), which
    drops an ``index`` (schema and name) outside transactions or else is transactional."""

    sql: str
    origin: Statement | None = None
    index: tuple[str | None, str] | None = None


class CannotTellError(Exception):
    """The two scripts don't tell what undoes the steps."""
