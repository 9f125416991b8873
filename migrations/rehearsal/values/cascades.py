"""What a foreign key deletes or changes along with the rows that it references."""

from __future__ import annotations

from collections.abc import Iterator

from ...introspection.pg_catalog import Name
from ..snapshots.data_snapshot import DataSnapshot, Reference
from .permitted_losses import FoundLosses, PermittedLosses

_CASCADE, _KEEPS = "c", frozenset("ar")


def is_allowed(
    losses: PermittedLosses | FoundLosses, snapshot: DataSnapshot, table: Name, column: str | None
) -> bool:
    """Whether ``losses``, by the names of ``snapshot``, have a column's values (None: the table's rows), or
    what takes them along."""
    return any(losses.allow(*place) for place in _taken_along_by(snapshot, table, column))


def _taken_along_by(
    snapshot: DataSnapshot, table: Name, column: str | None
) -> Iterator[tuple[Name, str | None]]:
    """The column itself, and each one whose loss takes it along."""
    found = {(table, column)}
    waiting = [(table, column)]
    while waiting:
        place = waiting.pop()
        yield place
        for cause in _causes(snapshot, *place):
            if cause not in found:
                found.add(cause)
                waiting.append(cause)


def _causes(snapshot: DataSnapshot, table: Name, column: str | None) -> Iterator[tuple[Name, str | None]]:
    for each in snapshot.references:
        if each.table == table:
            yield from _causes_in(each, column)


def _causes_in(reference: Reference, column: str | None) -> Iterator[tuple[Name, str | None]]:
    if reference.on_delete == _CASCADE or (column in reference.cleared and reference.on_delete not in _KEEPS):
        yield reference.target, None
    if column in reference.columns and reference.on_update not in _KEEPS:
        yield reference.target, reference.referred[reference.columns.index(column)]
