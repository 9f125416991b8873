"""The rows to try in one table, as values that Postgres reads from text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from .checks import Choice, Values
from .edges import edges
from .pg_catalog import SeedColumn, SeedTable
from .values import ordinary


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row is meant to test. ``is_sparse``: NULL wherever it is allowed, and the default wherever there
    is one. ``edge`` is the place of each column's value among its edges; other values are ordinary."""

    is_sparse: bool = False
    edge: int | None = None


FULL: Final = Shape()
SPARSE: Final = Shape(is_sparse=True)


class Default(Enum):
    """The value of a column for which an INSERT says DEFAULT."""

    VALUE = "DEFAULT"


DEFAULT: Final = Default.VALUE
Cell: TypeAlias = str | Default | None
Row: TypeAlias = dict[str, Cell]

_FULL_ROWS = 3
_APART = 2520  # more than a table gets rows; values that come in turn stay in turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How rows of ``table`` are made.

    ``references`` are the choices that foreign keys allow, ``checks`` those that checks allow. ``mirrored``
    maps the columns of a required self reference to the columns that they reference: such a row references
    itself. ``unreadable`` are columns whose type refuses every value that is known here.
    """

    table: SeedTable
    references: Sequence[Choice]
    checks: Sequence[Choice]
    mirrored: Mapping[str, str]
    unreadable: frozenset[str] = frozenset()

    def shapes(self, *, with_boundaries: bool) -> list[Shape]:
        """One for each row, enough rows to have every enum value."""
        labels = self._most_labels
        edged = [Shape(edge=place) for place in range(self._most_edges if with_boundaries else 0)]
        return [*[FULL] * max(_FULL_ROWS, labels), SPARSE, *edged]

    @property
    def stride(self) -> int:
        """How far the next row number with the same enum labels and other values is."""
        return len(self.shapes(with_boundaries=True)) * max(self._most_labels, 1)

    @property
    def _most_labels(self) -> int:
        return max((len(column.type.labels) for column in self.table.columns.values()), default=0)

    @property
    def _most_edges(self) -> int:
        return max((len(edges(column.type)) for column in self.table.columns.values()), default=0)

    def row(self, shape: Shape, number: int) -> Row | None:
        """The values of row ``number``; None where the foreign keys allow none."""
        row: Row = {}
        for choice in self._choices(shape):
            chosen = _chosen(choice, row, number, prefer_nulls=shape.is_sparse)
            if chosen is None:
                return None
            row.update(chosen)
            number = number // max(len(choice.options), 1) + number
        for column in self.table.columns.values():
            if column.name not in row and column.name not in self.mirrored:
                row[column.name] = self._cell(column, shape, number)
        for column_name, referred in self.mirrored.items():
            row[column_name] = row.get(referred)
        return row

    def _choices(self, shape: Shape) -> Iterator[Choice]:
        for reference in self.references:
            optional = [name for name in reference.columns if not self.table.columns[name].is_required]
            if shape.is_sparse and optional:
                yield Choice((optional[0],), ((None,),))
            else:
                yield reference
        yield from self.checks

    def _cell(self, column: SeedColumn, shape: Shape, number: int) -> Cell:
        is_referred_to = column.name in self.mirrored.values()
        if column.is_numbered:
            return ordinary(column.type, number) if is_referred_to else DEFAULT
        if shape.is_sparse and column.has_default and not is_referred_to:
            return DEFAULT
        if shape.is_sparse and not column.is_required:
            return None
        if column.name in self.unreadable:
            return DEFAULT if column.has_default else None
        known = edges(column.type) if shape.edge is not None else ()
        if shape.edge is not None and shape.edge < len(known):
            return known[shape.edge]
        value = ordinary(column.type, self._number(column, number))
        return DEFAULT if value is None and column.has_default else value

    def _number(self, column: SeedColumn, number: int) -> int:
        """Every other row has another number for each column, so that columns which change places are
        noticed; the others have one for all, since checks may want it (``start <= end``)."""
        if number % 2 == 0 or column.type.labels:
            return number
        return number + _APART * list(self.table.columns).index(column.name)


def _chosen(choice: Choice, row: Row, number: int, *, prefer_nulls: bool) -> dict[str, Cell] | None:
    """An option that agrees with the row's values so far; different numbers pick different options."""
    options: list[Values] = [
        option
        for option in choice.options
        if all(row.get(name, value) == value for name, value in zip(choice.columns, option, strict=True))
    ]
    if not options:
        return None
    if prefer_nulls:
        most = max(option.count(None) for option in options)
        options = [option for option in options if option.count(None) == most]
    return dict(zip(choice.columns, options[number % len(options)], strict=True))
