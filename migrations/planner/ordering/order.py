"""Rewrite: what may fail on rows comes first, and what takes something away comes last.

A migration that fails then leaves as little behind as possible, a table keeps its old key until the new one
is built, and a back-fill can read what the same migration drops, and what it adds. Otherwise statements
change places only where neither touches what the other does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from pglast import ast, enums

from ...ddl.names import Name, dropped
from ..script import DraftStatement
from .footprints import Footprint, Resource, column_resource, footprint, table_resource
from .known_objects import KnownObjects

_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
#: The ranks of statements that don't depend on each other.
_ENUM_VALUES, _UNIQUE_INDEXES, _ADDITIONS, _CHANGES, _REMOVALS = range(5)
#: Headings that only say something about the next statement; it stays with the one before.
_REMARKS = ("squawk-ignore", "schema-service:")


@dataclass(frozen=True, slots=True)
class _Unit:
    """Statements under one heading: they stay together."""

    statements: tuple[DraftStatement, ...]
    footprint: Footprint
    rank: int
    drops: Resource | None = None
    adds: Resource | None = None
    reads_rows: bool = False


def in_safe_order(statements: Sequence[DraftStatement], known: KnownObjects) -> list[DraftStatement]:
    """The statements in their new order. ``known`` has the objects of the schema before them."""
    known.read(statements)
    replaced = _replaced(statements)
    units = [_unit(each, known, replaced) for each in _units(statements)]
    try:
        order = list(_sorted(units, reads_first=True))
    except CycleError:  # rows are needed of what has to go first: as it was, which the rehearsal explains
        order = list(_sorted(units, reads_first=False))
    return [statement for index in order for statement in units[index].statements]


def _units(statements: Sequence[DraftStatement]) -> list[list[DraftStatement]]:
    units: list[list[DraftStatement]] = []
    for statement in statements:
        is_alone = bool(statement.heading) and not statement.heading.startswith(_REMARKS)
        if is_alone or not units:
            units.append([statement])
        else:
            units[-1].append(statement)
    return units


def _unit(
    statements: Sequence[DraftStatement], known: KnownObjects, replaced: set[tuple[Name, str]]
) -> _Unit:
    first = statements[0]
    return _Unit(
        tuple(statements),
        footprint(statements, known),
        _ranked(first, replaced),
        drops=_dropped_by(first),
        adds=_added_by(first),
        reads_rows=any(_reads_rows(statement) for statement in statements),
    )


def _sorted(units: Sequence[_Unit], *, reads_first: bool) -> Iterator[int]:
    """The units' numbers, by rank and then as they were. Raises CycleError."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    new = {unit.adds for unit in units} - {unit.drops for unit in units} - {None}
    for later, unit in enumerate(units):
        sorter.add(later)
        for earlier in range(later):
            if not units[earlier].footprint.conflicts(unit.footprint):
                continue
            if reads_first and (
                _reads_dropped(units, earlier, later) or _reads_new(units, earlier, later, new)
            ):
                sorter.add(earlier, later)
            else:
                sorter.add(later, earlier)
    sorter.prepare()
    ready: list[tuple[int, int]] = []
    while sorter.is_active():
        for index in sorter.get_ready():
            heappush(ready, (units[index].rank, index))
        _, index = heappop(ready)
        yield index
        sorter.done(index)


def _reads_dropped(units: Sequence[_Unit], earlier: int, later: int) -> bool:
    """Whether ``later`` needs rows of what ``earlier`` drops, and nothing in between brings it back."""
    drops = units[earlier].drops
    if drops is None or not units[later].reads_rows or drops not in units[later].footprint.reads:
        return False
    return not any(drops in unit.footprint.writes for unit in units[earlier + 1 : later + 1])


def _reads_new(units: Sequence[_Unit], earlier: int, later: int, new: Collection[Resource | None]) -> bool:
    """Whether ``earlier`` needs rows of a column that only ``later`` adds or fills."""
    reader, writer = units[earlier], units[later]
    if not reader.reads_rows:
        return False
    needed = reader.footprint.reads & writer.footprint.writes
    return any(each in new for each in needed - reader.footprint.writes)


def _reads_rows(statement: DraftStatement) -> bool:
    alteration = statement.alteration
    if alteration is not None:
        return alteration.kind == _ACTIONS.AT_AlterColumnType
    return isinstance(statement.node, ast.UpdateStmt | ast.InsertStmt | ast.SelectStmt)


def _dropped_by(statement: DraftStatement) -> Resource | None:
    node, alteration = statement.node, statement.alteration
    if alteration is not None and alteration.kind == _ACTIONS.AT_DropColumn:
        return column_resource(*alteration.place)
    if isinstance(node, ast.DropStmt) and node.removeType == _OBJECTS.OBJECT_TABLE:
        return table_resource(next(iter(dropped(node))))
    return None


def _added_by(statement: DraftStatement) -> Resource | None:
    alteration = statement.alteration
    if alteration is not None and alteration.kind == _ACTIONS.AT_AddColumn:
        return column_resource(*alteration.place)
    return None


def _replaced(statements: Sequence[DraftStatement]) -> set[tuple[Name, str]]:
    """The keys that are dropped to be added again."""
    kinds: dict[tuple[Name, str], set[enums.AlterTableType]] = {}
    for statement in statements:
        alteration = statement.alteration
        constraint = alteration.constraint if alteration else None
        is_check = constraint is not None and constraint.contype == enums.ConstrType.CONSTR_CHECK
        if alteration is not None and not is_check:
            kinds.setdefault(alteration.place, set()).add(alteration.kind)
    both = {_ACTIONS.AT_DropConstraint, _ACTIONS.AT_AddConstraint}
    return {place for place, found in kinds.items() if both <= found}


def _ranked(statement: DraftStatement, replaced: set[tuple[Name, str]]) -> int:
    alteration = statement.alteration
    if alteration is not None:
        if alteration.place in replaced or alteration.kind == _ACTIONS.AT_AlterColumnType:
            return _CHANGES
        is_drop = alteration.kind in (_ACTIONS.AT_DropColumn, _ACTIONS.AT_DropConstraint)
        return _REMOVALS if is_drop else _ADDITIONS
    match statement.node:
        case ast.AlterEnumStmt():
            return _ENUM_VALUES
        case ast.IndexStmt(unique=True, concurrent=True):
            return _UNIQUE_INDEXES
        case ast.DropStmt():
            return _REMOVALS
        case _:
            return _CHANGES if _begins_swap(statement) else _ADDITIONS


def _begins_swap(statement: DraftStatement) -> bool:
    """Whether it begins the swap of an enum's type."""
    return isinstance(statement.node, ast.CreateEnumStmt) and statement.heading.startswith("AlterEnum")
