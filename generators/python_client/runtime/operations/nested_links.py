"""Relations whose key is on the other side, or in a join table: what is done once the row is written.

The operations of one relation are done in the order in which they are written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..coerce import as_list
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..sql.assignments import checked_data
from ..sql.row_statements import change_linked, linked_rows, locate, remove_linked
from ..tables import Relation
from .nested_context import NestedContext
from .nested_lists import OF_LISTS, listed
from .nested_steps import (
    CREATES,
    Step,
    at_most_one,
    creating,
    deleting,
    for_found,
    found_or_created,
    in_turn,
    linking_found,
    making_room,
    missing,
    parting_found,
    running,
    statement_step,
    upserting,
)

_UPDATES_ONE = (*CREATES, "disconnect", "delete", "update", "upsert")
_UPDATES_MANY = (*_UPDATES_ONE, "set", "update_many", "delete_many")
_PARTING = frozenset({"set", "disconnect"})

_Operation: TypeAlias = Callable[[Relation, Any, NestedContext], Step]


def created_links(relation: Relation, given: dict[Any, Any], context: NestedContext) -> Step:
    """The operations in ``data`` on such a relation of a new row. Raises InputError."""
    return in_turn(
        [
            step
            for word, value in _words(given, CREATES, context)
            for step in _steps(relation, word, value, context.at(word))
        ]
    )


def updated_links(relation: Relation, given: dict[Any, Any], context: NestedContext) -> Step:
    """The operations in ``data`` on such a relation of an existing row. Raises InputError."""
    known = _UPDATES_MANY if relation.is_list else _UPDATES_ONE
    steps: list[Step] = []
    for word, value in _words(given, known, context):
        place = context.at(word)
        if word in _PARTING and relation.join is None and not relation.is_optional:
            raise InputError(f"{place.path}: the relation is required, so rows can't be unlinked from it")
        if relation.is_list:
            steps += _steps(relation, word, value, place)
        else:
            step = _updated_one(relation, word, value, place)
            steps.append(step if relation.finds_one else in_turn([at_most_one(relation, place), step]))
    return in_turn(steps)


def _words(given: dict[Any, Any], known: tuple[str, ...], context: NestedContext) -> list[tuple[str, Any]]:
    for word in given:
        if word not in known:
            raise unknown_word(word, known, f"{context.path}: a nested write")
    return [(word, value) for word, value in given.items() if value is not False]


def _steps(relation: Relation, word: str, value: Any, context: NestedContext) -> list[Step]:
    """One operation, for each item if it has some."""
    given = as_list(value)
    if given is not None and not relation.is_list:
        raise InputError(f"{context.path}: is one row; it takes no list")
    items = (
        [(value, context)]
        if given is None
        else [(item, context.item(index)) for index, item in enumerate(given)]
    )
    if word in OF_LISTS and relation.is_list:
        return [listed(relation, word, items, context.now)]
    return [_OPERATIONS[word](relation, item, place) for item, place in items]


def _updated_one(relation: Relation, word: str, value: Any, context: NestedContext) -> Step:
    """One operation on the single row that is linked to a row."""
    if word in CREATES:
        return making_room(relation, in_turn(_steps(relation, word, value, context)), context)
    present = linked_rows(relation)
    if word == "update":
        changes = context.change(relation.target, value)
        return for_found(relation, present, running(changes), missing(relation, context))
    if word == "upsert":
        parts = context.parts(value, "create", "update")
        changes = context.at("update").change(relation.target, parts["update"])
        return upserting(
            relation, present, running(changes), _create(relation, parts["create"], context.at("create"))
        )
    if value is not True:
        raise InputError(f"{context.path}: needs True or False")
    if word == "delete":
        return for_found(relation, present, deleting(relation), missing(relation, context))
    return parting_found(relation, present, context)


def _create(relation: Relation, given: Any, context: NestedContext) -> Step:
    if relation.join is not None:
        return linking_found(relation, found_or_created(relation, "create", given, context), context)
    return creating(relation, context.creation(relation.target, given, keys=relation.theirs))


def _connect(relation: Relation, given: Any, context: NestedContext) -> Step:
    return linking_found(relation, found_or_created(relation, "connect", given, context), context)


def _connect_or_create(relation: Relation, given: Any, context: NestedContext) -> Step:
    if relation.join is not None:
        return linking_found(
            relation, found_or_created(relation, "connect_or_create", given, context), context
        )
    parts = context.parts(given, "where", "create")
    found = locate(relation.target, parts["where"], f"{context.path}.where")
    creation = _create(relation, parts["create"], context.at("create"))
    return linking_found(relation, found, context, make=creation)


def _delete(relation: Relation, given: Any, context: NestedContext) -> Step:
    found = locate(relation.target, given, context.path, relation)
    return for_found(relation, found, deleting(relation), missing(relation, context))


def _update(relation: Relation, given: Any, context: NestedContext) -> Step:
    parts = context.parts(given, "where", "data")
    found = locate(relation.target, parts["where"], f"{context.path}.where", relation)
    changes = context.at("data").change(relation.target, parts["data"])
    return for_found(relation, found, running(changes), missing(relation, context))


def _upsert(relation: Relation, given: Any, context: NestedContext) -> Step:
    parts = context.parts(given, "where", "create", "update")
    found = locate(relation.target, parts["where"], f"{context.path}.where", relation)
    changes = context.at("update").change(relation.target, parts["update"])
    return upserting(
        relation, found, running(changes), _create(relation, parts["create"], context.at("create"))
    )


def _update_many(relation: Relation, given: Any, context: NestedContext) -> Step:
    parts = context.parts(given, "where", "data")
    data = checked_data(parts["data"], f"{context.path}.data")
    return statement_step(relation, change_linked(relation, data, parts["where"], context.path, context.now))


def _delete_many(relation: Relation, given: Any, context: NestedContext) -> Step:
    return statement_step(relation, remove_linked(relation, given, context.path))


_OPERATIONS: dict[str, _Operation] = {
    "create": _create,
    "connect": _connect,
    "connect_or_create": _connect_or_create,
    "delete": _delete,
    "update": _update,
    "upsert": _upsert,
    "update_many": _update_many,
    "delete_many": _delete_many,
}
