"""The table of a condition, and its alias in the statement."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..tables import Table
from .plans import Binder

#: The alias of the outermost query's table.
ROOT = "t0"


class Scope(NamedTuple):
    """A table in a statement; ``alias`` tells its columns from those of every other."""

    table: Table[Any]
    alias: str

    @property
    def prefix(self) -> str:
        """The prefix of a column."""
        return f"{self.alias}."

    @property
    def source(self) -> str:
        """The table in FROM, UPDATE and INSERT INTO."""
        return f"{self.table.sql} AS {self.alias}"

    @property
    def selected(self) -> str:
        """All columns of a row."""
        return ", ".join(column.selected(self.prefix) for column in self.table.columns.values())


def root(table: Table[Any]) -> Scope:
    """The outermost query's table."""
    return Scope(table, ROOT)


def nested(table: Table[Any], binder: Binder) -> Scope:
    """One more table in the same statement."""
    return Scope(table, binder.alias())
