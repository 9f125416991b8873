"""Steps of nested writes that link or unlink all rows of a list with one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..public.errors import InputError
from ..sql.link_statements import Wanted, link_all, unlink_all, wanted_rows
from ..sql.plans import Steps
from ..sql.row_statements import RawRow
from ..tables import Relation
from .nested_context import NestedContext
from .nested_steps import Step, in_turn, own_values

#: The operations that take such a list.
OF_LISTS = ("connect", "disconnect", "set")


def listed(relation: Relation, word: str, items: Sequence[tuple[Any, NestedContext]], now: Any) -> Step:
    """One operation for all items. Raises InputError."""
    wanted = wanted_rows(relation.target, [item for item, _ in items], lambda place: items[place][1].path)
    places = [context for _, context in items]
    if word == "connect":
        return _linking(relation, wanted, places, now)
    _check_optional(relation)
    if word == "disconnect":
        return _unlinking(relation, wanted, now, others=False)
    return in_turn([_unlinking(relation, wanted, now, others=True), _linking(relation, wanted, places, now)])


def _linking(relation: Relation, wanted: Sequence[Wanted], places: Sequence[NestedContext], now: Any) -> Step:
    statements = [link_all(relation, one, now) for one in wanted]

    def step(row: RawRow) -> Steps[None]:
        own = own_values(relation, row)
        for one, statement in zip(wanted, statements, strict=True):
            result = yield statement.statement(own)
            found = {number for (number,) in result.rows}
            for number, place in enumerate(one.places, start=1):
                if number not in found:
                    raise places[place].missing(relation)

    return step


def _unlinking(relation: Relation, wanted: Sequence[Wanted], now: Any, *, others: bool) -> Step:
    statement = unlink_all(relation, wanted, now, others=others)

    def step(row: RawRow) -> Steps[None]:
        yield statement.statement(own_values(relation, row))

    return step


def _check_optional(relation: Relation) -> None:
    if relation.join is None and not relation.is_optional:
        raise InputError(f"{relation.name}: the relation is required, so rows can't be unlinked from it")
