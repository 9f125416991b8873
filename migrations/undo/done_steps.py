"""What the steps that are done have changed, and what of it is to be restored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .change import Change, Key
from .pieces import CannotTellError
from .script import Statement


@dataclass(slots=True)
class DoneSteps:
    """``existed``: whether each key did before them; ``exists``: after."""

    existed: dict[Key, bool] = field(default_factory=dict)
    exists: dict[Key, bool] = field(default_factory=dict)
    holders: dict[Key, set[Key]] = field(default_factory=dict)
    #: The reverse.
    held: dict[Key, list[Key]] = field(default_factory=dict)
    #: What each key goes with, by its definition before the steps, and by the one that they gave it.
    holders_before: dict[Key, set[Key]] = field(default_factory=dict)
    holders_after: dict[Key, set[Key]] = field(default_factory=dict)
    #: What can be made and dropped, unlike a property.
    objects: set[Key] = field(default_factory=set)
    redone: set[Key] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)
    written: set[Key] = field(default_factory=set)
    #: What the opposite script gives another value.
    given_back: set[Key] = field(default_factory=set)
    order: dict[Key, None] = field(default_factory=dict)

    @classmethod
    def of(cls, done: Sequence[Statement], rest: Sequence[Statement], back: Sequence[Statement]) -> DoneSteps:
        """``done``, given what comes after them and the opposite script."""
        state = cls()
        dropped = {c.key for c in all_changes(back) if c.operation == "drop"}
        state.given_back = {c.key for c in all_changes(back) if c.operation == "touch"}
        for change in [*all_changes(done), *all_changes(rest), *all_changes(back)]:
            state.holders.setdefault(change.key, set()).update(change.holders)
            # What is first created was not there, and what is first changed or dropped was.
            is_made = change.operation == "create" or (
                change.operation == "replace" and change.key in dropped
            )
            state.existed.setdefault(change.key, not is_made)
            if change.operation in ("create", "drop", "replace"):
                state.objects.add(change.key)
        for key, each in state.holders.items():
            for holder in each:
                state.held.setdefault(holder, []).append(key)
        for holders, statements in ((state.holders_before, back), (state.holders_after, done)):
            for change in all_changes(statements):
                if change.operation == "create":
                    holders[change.key] = set()
                holders.setdefault(change.key, set()).update(change.holders)
        for key in state._gone_along([*done, *rest], back):
            state.existed[key] = True
        state.exists = dict(state.existed)
        for statement in done:
            if statement.parts is None:
                raise CannotTellError
            for part in statement.parts:
                for change in part:
                    state._note(change)
        return state

    def _gone_along(self, forward: Sequence[Statement], back: Sequence[Statement]) -> Iterator[Key]:
        """What the script drops only with something else, and the opposite one makes again."""
        dropped = {c.key for c in all_changes(forward) if c.operation == "drop" and self.existed[c.key]}
        known = {c.key for c in all_changes(forward)}
        last = {c.key: c for c in all_changes(back) if c.operation in ("create", "drop")}
        for key, change in last.items():
            if change.operation == "create" and key not in known and not dropped.isdisjoint(change.holders):
                yield key

    def _note(self, change: Change) -> None:
        key = change.key
        if change.operation in ("create", "drop", "replace"):
            self.order[key] = None
            if change.operation == "create" and self.existed[key]:
                self.redone.add(key)
            if change.operation == "replace" and self.existed[key]:
                self.touched.add(key)
            self.exists[key] = change.operation != "drop"
            if change.operation == "drop":
                drop_held(key, self.exists, self.held)
        elif change.operation == "touch" or (change.operation == "minor" and key in self.given_back):
            self.order[key] = None
            self.touched.add(key)
        elif change.operation == "rows":
            self.written.add(key)

    def is_new(self, key: Key) -> bool:
        """Whether the steps made it."""
        return self.exists.get(key, False) and not self.existed[key]

    def is_gone(self, key: Key) -> bool:
        """Whether the steps removed it, or what holds it."""
        own = self.existed.get(key, False) and not self.exists[key]
        return own or any(self.is_gone(holder) for holder in self.holders.get(key, ()))

    def needs(self) -> list[Key]:
        """The keys to restore, in the order in which they were changed."""
        return [key for key in self.order if self._is_changed(key) and not self._goes_with_another(key)]

    def _is_changed(self, key: Key) -> bool:
        if self.existed[key] != self.exists[key]:
            return True
        return self.exists[key] and (key in self.touched or key in self.redone)

    def _goes_with_another(self, key: Key) -> bool:
        holders = (self.holders_after if self.is_new(key) else self.holders_before).get(key)
        found = self.holders[key] if holders is None else holders
        return any(self.is_new(holder) or self.is_gone(holder) for holder in found)


def drop_held(key: Key, exists: dict[Key, bool], held: Mapping[Key, Sequence[Key]]) -> None:
    """What goes with a key when that is dropped."""
    for each in held.get(key, ()):
        if exists.get(each, False):
            exists[each] = False
            drop_held(each, exists, held)


def all_changes(statements: Iterable[Statement]) -> Iterable[Change]:
    """Of all parts of the statements."""
    return (change for each in statements for part in each.parts or () for change in part)
