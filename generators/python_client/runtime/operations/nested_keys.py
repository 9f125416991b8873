"""A relation whose key is in the row itself: its target is found or created before the row is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..columns import Column
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..sql.plans import Steps
from ..sql.row_statements import Prepared, RawRow, linked_rows, raw_values, release, remove
from ..tables import Relation
from .nested_context import NestedContext, Node
from .nested_steps import CREATES, Step, found_or_created, own_values

_UPDATES = (*CREATES, "disconnect", "delete", "update", "upsert")


class OwnKey:
    """New values of ``columns``, found or created before the row is written."""

    def __init__(
        self,
        columns: tuple[Column, ...],
        values: Callable[[RawRow | None], Steps[list[Any]]],
        after: Step | None = None,
    ) -> None:
        self.columns = columns
        self._values, self._after = values, after

    def run(self, row: RawRow | None) -> Steps[list[Any]]:
        """The values; ``row`` is the one to change, None for a new one."""
        return (yield from self._values(row))

    def finish(self, row: RawRow) -> Steps[None]:
        """What can only be done once ``row`` no longer points at its former target."""
        if self._after is not None:
            yield from self._after(row)


def own_key(relation: Relation, given: dict[Any, Any], context: NestedContext, *, is_new: bool) -> OwnKey:
    """The operation in ``data`` on such a relation. Raises InputError."""
    known = CREATES if is_new else _UPDATES
    for word in given:
        if word not in known:
            raise unknown_word(word, known, f"{context.path}: a nested write")
    words = [word for word, value in given.items() if value is not False]
    if given and not words:
        return OwnKey((), lambda _row: _given([]))
    if len(words) != 1:
        raise InputError(f"{context.path}: needs exactly one of {', '.join(known)}")
    return _operation(relation, words[0], given[words[0]], context.at(words[0]))


def _operation(relation: Relation, word: str, given: Any, context: NestedContext) -> OwnKey:
    if word in CREATES:
        found = found_or_created(relation, word, given, context)
        may_be_taken = word != "create" and relation.is_exclusive and relation.is_optional
        released = release(relation, context.now) if may_be_taken else None
        return OwnKey(relation.own, lambda row: _key_of(relation, found, released, row))
    if word == "update":
        changes = context.change(relation.target, given)
        return OwnKey((), lambda row: _changed(relation, changes, context, row))
    if word == "upsert":
        parts = context.parts(given, "create", "update")
        creation = context.at("create").creation(relation.target, parts["create"])
        changes = context.at("update").change(relation.target, parts["update"])
        return OwnKey(
            relation.own, lambda row: _changed_or_created(relation, creation, changes, context, row)
        )
    if given is not True:
        raise InputError(f"{context.path}: needs True or False")
    emptied = tuple(column for column in relation.own if column.is_optional)
    if not emptied:
        raise InputError(f"{context.path}: the relation is required, so it can't be left empty")
    after = _removal(relation, context) if word == "delete" else None
    return OwnKey(emptied, lambda _row: _given([None] * len(emptied)), after)


def _given(values: list[Any]) -> Steps[list[Any]]:
    yield from ()
    return values


def _key_of(
    relation: Relation, found: Callable[[], Steps[RawRow]], released: Prepared | None, row: RawRow | None
) -> Steps[list[Any]]:
    """The key of the row that is found; any other row than ``row`` that has it is unlinked."""
    parent = yield from found()
    key = raw_values(relation.target, parent, relation.theirs)
    if released is not None and (row is None or own_values(relation, row) != key):
        yield released.statement(key)
    return key


def _parent(relation: Relation, context: NestedContext, row: RawRow | None) -> Steps[RawRow | None]:
    """The row that ``row`` points at. Raises InputError if there are several."""
    key = [] if row is None else own_values(relation, row)
    if not key or None in key:
        return None
    result = yield linked_rows(relation).statement(key)
    if len(result.rows) > 1:
        raise context.several(relation)
    return result.rows[0] if result.rows else None


def _changed(
    relation: Relation, changes: Node, context: NestedContext, row: RawRow | None
) -> Steps[list[Any]]:
    parent = yield from _parent(relation, context, row)
    if parent is None:
        raise context.missing(relation)
    yield from changes.run(parent)
    return []


def _changed_or_created(
    relation: Relation, creation: Node, changes: Node, context: NestedContext, row: RawRow | None
) -> Steps[list[Any]]:
    parent = yield from _parent(relation, context, row)
    parent = (yield from creation.run([])) if parent is None else (yield from changes.run(parent))
    return raw_values(relation.target, parent, relation.theirs)


def _removal(relation: Relation, context: NestedContext) -> Step:
    statement = remove(relation.target)

    def step(row: RawRow) -> Steps[None]:
        parent = yield from _parent(relation, context, row)
        if parent is None:
            raise context.missing(relation)
        yield statement.statement(raw_values(relation.target, parent, relation.target.identity))

    return step
