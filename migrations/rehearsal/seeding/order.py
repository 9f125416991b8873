"""The order in which tables get their rows: referenced tables first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .pg_catalog import ForeignKey, SeedTable


@dataclass(frozen=True, slots=True)
class Order:
    """``tables`` in order. ``cyclic`` are the ids of tables whose required references form a cycle."""

    tables: tuple[SeedTable, ...]
    cyclic: frozenset[int]


def seeding_order(tables: Sequence[SeedTable]) -> Order:
    """Optional references that would form a cycle are ignored: they are filled in later."""
    by_id = {table.id: table for table in tables}
    remaining = dict(by_id)
    ordered: list[SeedTable] = []
    cyclic: set[int] = set()
    while remaining:
        ready = _without(remaining, required_only=False) or _without(remaining, required_only=True)
        if not ready:
            # Tables that only depend on a cycle are waiting too: start with one that is part of it.
            ready = [next(table for table in remaining.values() if _reaches_itself(table, remaining))]
            cyclic.add(ready[0].id)
        ordered.extend(remaining.pop(table.id) for table in ready)
    return Order(tuple(ordered), frozenset(cyclic))


def is_required(table: SeedTable, key: ForeignKey) -> bool:
    """Whether no column of the key may be NULL (a single NULL makes a reference empty)."""
    return all(table.columns[name].is_required for name in key.columns if name in table.columns)


def _without(remaining: dict[int, SeedTable], *, required_only: bool) -> list[SeedTable]:
    """Tables that reference no other remaining one; with ``required_only`` just the first of them."""
    free = [
        table
        for table in remaining.values()
        if not any(target in remaining for target in _targets(table, required_only))
    ]
    return free[:1] if required_only else free


def _targets(table: SeedTable, required_only: bool) -> set[int]:
    return {
        key.target
        for key in table.foreign_keys
        if key.target != table.id and (not required_only or is_required(table, key))
    }


def _reaches_itself(table: SeedTable, remaining: dict[int, SeedTable]) -> bool:
    seen: set[int] = set()
    waiting = [table.id]
    while waiting:
        for target in _targets(remaining[waiting.pop()], required_only=True) & remaining.keys():
            if target == table.id:
                return True
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False
