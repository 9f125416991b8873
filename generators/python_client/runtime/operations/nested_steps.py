"""The steps of nested writes: each changes the rows linked to one row, once that row exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from ..public.errors import InputError
from ..sql.plans import Steps
from ..sql.row_statements import (
    Prepared,
    RawRow,
    add_link,
    change,
    linked_rows,
    locate,
    raw_values,
    remove,
    remove_link,
)
from ..tables import Relation
from .attempts import found_or
from .nested_context import NestedContext, Node

#: One step, given the row that the relation is of (or, for :func:`for_found`, the row that is linked to it).
Step: TypeAlias = Callable[[RawRow], Steps[None]]
_Pair: TypeAlias = Callable[[RawRow, RawRow], Steps[None]]

#: The operations on the relations of a new row.
CREATES = ("create", "connect", "connect_or_create")


def own_values(relation: Relation, row: RawRow) -> list[Any]:
    """A row's side of a relation."""
    return raw_values(relation.table, row, relation.own)


def found_or_created(
    relation: Relation, word: str, given: Any, context: NestedContext
) -> Callable[[], Steps[RawRow]]:
    """The row on the other side, for an operation that finds or makes one without knowing this side."""
    target = relation.target
    if word == "create":
        creation = context.creation(target, given)
        return lambda: creation.run([])
    if word == "connect":
        return _required(relation, locate(target, given, context.path), context)
    parts = context.parts(given, "where", "create")
    found = locate(target, parts["where"], f"{context.path}.where")
    return _either(found, context.at("create").creation(target, parts["create"]))


def creating(relation: Relation, creation: Node) -> Step:
    """Insert a row that points at this one."""

    def step(row: RawRow) -> Steps[None]:
        yield from creation.run(own_values(relation, row))

    return step


def linking_found(
    relation: Relation,
    found: Prepared | Callable[[], Steps[RawRow]],
    context: NestedContext,
    make: Step | None = None,
) -> Step:
    """Link the row that is found; without one, ``make`` it."""
    link = _linking(relation, context)

    def step(row: RawRow) -> Steps[None]:
        if not isinstance(found, Prepared):
            other = yield from found()
            yield from link(row, other)
            return
        if make is None:
            yield from linked(row)
        else:
            yield from found_or(partial(linked, row), partial(make, row))

    def linked(row: RawRow) -> Steps[bool]:
        assert isinstance(found, Prepared)
        result = yield found.statement([])
        for other in result.rows:
            yield from link(row, other)
        return bool(result.rows)

    return step


def parting_found(relation: Relation, found: Prepared, context: NestedContext) -> Step:
    """Unlink the linked rows that are found from this one; none is not an error."""
    part = _parting(relation, context)

    def step(row: RawRow) -> Steps[None]:
        result = yield found.statement(own_values(relation, row))
        for other in result.rows:
            yield from part(row, other)

    return step


def making_room(relation: Relation, step: Step, context: NestedContext) -> Step:
    """A step that links a row where only one can be: the present one is unlinked first, if possible."""
    if not relation.is_optional:
        return step
    return in_turn([parting_found(relation, linked_rows(relation), context), step])


def at_most_one(relation: Relation, context: NestedContext) -> Step:
    """Raise InputError if several rows are linked: it can't be known which of them is meant."""
    present = linked_rows(relation)

    def step(row: RawRow) -> Steps[None]:
        result = yield present.statement(own_values(relation, row))
        if len(result.rows) > 1:
            raise context.several(relation)

    return step


def for_found(relation: Relation, found: Prepared, then: Step, otherwise: Step) -> Step:
    """``then`` with the linked row that is found, ``otherwise`` with this side's row."""

    def step(row: RawRow) -> Steps[None]:
        result = yield found.statement(own_values(relation, row))
        if result.rows:
            yield from then(result.rows[0])
        else:
            yield from otherwise(row)

    return step


def upserting(relation: Relation, found: Prepared, then: Step, otherwise: Step) -> Step:
    """The same, for an ``otherwise`` that inserts what another transaction may insert meanwhile."""

    def step(row: RawRow) -> Steps[None]:
        yield from found_or(lambda: changed(row), lambda: otherwise(row))

    def changed(row: RawRow) -> Steps[bool]:
        result = yield found.statement(own_values(relation, row))
        if result.rows:
            yield from then(result.rows[0])
        return bool(result.rows)

    return step


def running(node: Node) -> Step:
    """Change a row."""

    def step(row: RawRow) -> Steps[None]:
        yield from node.run(row)

    return step


def deleting(relation: Relation) -> Step:
    """Delete a row of the other side."""
    statement, target = remove(relation.target), relation.target

    def step(row: RawRow) -> Steps[None]:
        yield statement.statement(raw_values(target, row, target.identity))

    return step


def missing(relation: Relation, context: NestedContext) -> Step:
    """Raise RecordNotFoundError: nothing of the whole write is saved."""

    def step(_row: RawRow) -> Steps[None]:
        yield from ()
        raise context.missing(relation)

    return step


def statement_step(relation: Relation, prepared: Prepared) -> Step:
    """A statement about all linked rows."""

    def step(row: RawRow) -> Steps[None]:
        yield prepared.statement(own_values(relation, row))

    return step


def in_turn(steps: Sequence[Step]) -> Step:
    """One step after the other."""

    def step(row: RawRow) -> Steps[None]:
        for each in steps:
            yield from each(row)

    return step


def _required(relation: Relation, found: Prepared, context: NestedContext) -> Callable[[], Steps[RawRow]]:
    def steps() -> Steps[RawRow]:
        result = yield found.statement([])
        if not result.rows:
            raise context.missing(relation)
        return result.rows[0]

    return steps


def _either(found: Prepared, creation: Node) -> Callable[[], Steps[RawRow]]:
    def present() -> Steps[RawRow | None]:
        result = yield found.statement([])
        return result.rows[0] if result.rows else None

    return lambda: found_or(present, lambda: creation.run([]))


def _linking(relation: Relation, context: NestedContext) -> _Pair:
    """The step that links two rows."""
    target = relation.target
    if relation.join is not None:
        addition = add_link(relation)

        def link(row: RawRow, other: RawRow) -> Steps[None]:
            theirs = raw_values(target, other, relation.theirs)
            yield addition.statement([*own_values(relation, row), *theirs])

        return link
    pointing = _changing(relation, relation.theirs, context)

    def point(row: RawRow, other: RawRow) -> Steps[None]:
        identity = raw_values(target, other, target.identity)
        yield pointing.statement([*own_values(relation, row), *identity])

    return point


def _parting(relation: Relation, context: NestedContext) -> _Pair:
    """The step that unlinks two rows."""
    target = relation.target
    if relation.join is not None:
        removal = remove_link(relation)

        def part(row: RawRow, other: RawRow) -> Steps[None]:
            theirs = raw_values(target, other, relation.theirs)
            yield removal.statement([*own_values(relation, row), *theirs])

        return part
    emptied = tuple(column for column in relation.theirs if column.is_optional)
    emptying = _changing(relation, emptied, context)

    def empty(_row: RawRow, other: RawRow) -> Steps[None]:
        identity = raw_values(target, other, target.identity)
        yield emptying.statement([*([None] * len(emptied)), *identity])

    return empty


def _changing(relation: Relation, columns: tuple[Any, ...], context: NestedContext) -> Prepared:
    prepared = change(relation.target, columns, {}, relation.name, context.now)
    if prepared is None:
        raise InputError(f"{relation.name}: the relation is required, so rows can't be unlinked from it")
    return prepared
