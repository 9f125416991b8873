"""What undoes the first steps of a script: statements of the opposite script, and of its own later steps.

The opposite script undoes the whole; of it those statements are taken whose keys the steps have changed. What
the script makes and removes again, such as a check that spares SET NOT NULL from reading the table, is not in
the opposite script: there the later step of the script itself is what undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..ddl.names import sql_name
from ..identifiers import quoted
from .changes import Change, Key
from .current_names import ANOTHER, CurrentNames
from .script import Statement

_OF_SWAPPED = ("column type", "default")
# What a column can be only if its rows fit: other values than before may have to be written first.
_OF_ROWS = ("column type", "required")


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of an undo: (a part of) one of a script, or one that is made up (no ``origin``), which
    drops an ``index`` (schema and name) outside transactions or else is transactional."""

    sql: str
    origin: Statement | None = None
    index: tuple[str | None, str] | None = None


class _CannotTellError(Exception):
    pass


def undo(
    forward: Sequence[Sequence[Statement]],
    backward: Sequence[Sequence[Statement]],
    count: int,
    names: CurrentNames,
) -> list[Piece] | None:
    """The statements that undo the first ``count`` steps of ``forward``; None where they can't be told.

    ``backward`` undoes all of it. ``names`` are the names after these steps.
    """
    done = [each for step in forward[:count] for each in step]
    rest = [each for step in forward[count:] for each in step]
    back = [each for step in backward for each in step]
    if not rest:
        return [Piece(each.sql, each) for each in back]
    try:
        state = _State.after(done, rest, back)
        pieces = _Undoing(state, names.copy()).pieces(rest, back)
    except _CannotTellError:
        return None
    return pieces


@dataclass(slots=True)
class _State:
    """What the steps have changed. ``existed``: whether each key did before them; ``exists``: after."""

    existed: dict[Key, bool] = field(default_factory=dict)
    exists: dict[Key, bool] = field(default_factory=dict)
    holders: dict[Key, set[Key]] = field(default_factory=dict)
    #: What each key goes with, by its definition before the steps, and by the one that they gave it.
    holders_before: dict[Key, set[Key]] = field(default_factory=dict)
    holders_after: dict[Key, set[Key]] = field(default_factory=dict)
    #: What can be made and dropped, unlike a property.
    objects: set[Key] = field(default_factory=set)
    redone: set[Key] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)
    written: set[Key] = field(default_factory=set)
    order: dict[Key, None] = field(default_factory=dict)

    @classmethod
    def after(cls, done: Sequence[Statement], rest: Sequence[Statement], back: Sequence[Statement]) -> _State:
        state = cls()
        dropped = {c.key for c in _all(back) if c.operation == "drop"}
        for change in [*_all(done), *_all(rest), *_all(back)]:
            state.holders.setdefault(change.key, set()).update(change.holders)
            # What is first created was not there, and what is first changed or dropped was.
            is_made = change.operation == "create" or (
                change.operation == "replace" and change.key in dropped
            )
            state.existed.setdefault(change.key, not is_made)
            if change.operation in ("create", "drop", "replace"):
                state.objects.add(change.key)
        for holders, statements in ((state.holders_before, back), (state.holders_after, done)):
            for change in _all(statements):
                if change.operation == "create":
                    holders[change.key] = set()
                holders.setdefault(change.key, set()).update(change.holders)
        state.exists = dict(state.existed)
        for statement in done:
            if statement.parts is None:
                raise _CannotTellError
            for part in statement.parts:
                for change in part:
                    state._note(change)
        return state

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
                drop_held(key, self.exists, self.holders)
        elif change.operation == "touch":
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


def drop_held(key: Key, exists: dict[Key, bool], holders: Mapping[Key, set[Key]]) -> None:
    """What goes with a key when that is dropped."""
    for held in [each for each, is_there in exists.items() if is_there and key in holders.get(each, ())]:
        exists[held] = False
        drop_held(held, exists, holders)


@dataclass(frozen=True, slots=True)
class _Swap:
    """The opposite script makes a type anew, and gives it to these ``columns``."""

    columns: frozenset[Key]

    def includes(self, change: Change) -> bool:
        kind = change.key[1] if change.key[0] == "name" else change.key[0]
        return kind == "type" or (kind in _OF_SWAPPED and change.key[1:] in self.columns)


@dataclass(slots=True)
class _Undoing:
    """One undo in the making: ``exists`` and ``names`` follow the statements that are taken."""

    state: _State
    names: CurrentNames
    exists: dict[Key, bool] = field(default_factory=dict)
    open: dict[Key, None] = field(default_factory=dict)
    taken: list[Piece] = field(default_factory=list)
    made: set[Key] = field(default_factory=set)
    swap: _Swap | None = None

    def pieces(self, rest: Sequence[Statement], back: Sequence[Statement]) -> list[Piece]:
        self.exists = dict(self.state.exists)
        self.open = dict.fromkeys(self.state.needs())
        needs = set(self.open)
        self.swap = _swap(needs, rest, back)
        for key, is_there in self.exists.items():
            if not is_there:
                self.names.set(key, None)
        between = self._steps_between(needs, back)
        needs |= between
        first_names = self.names.copy()
        # Those that the script itself has made under the same names are in the way.
        first = [_drop(key, first_names) for key in sorted(between) if self.exists[key]]
        self.exists |= dict.fromkeys(between, False)
        for statement in back:
            self._consider(statement, needs)
        self.open |= dict.fromkeys(self._left_over())
        in_back = {change.key for change in _all(back)}
        missing = _missing_part(self, first_names, rest, in_back)
        for piece in missing:
            if piece.origin is not None:
                self.names.apply(piece.origin.node)
        if self._keeps_new_names():
            raise _CannotTellError
        return [*first, *missing, *self.taken]

    def _left_over(self) -> list[Key]:
        """What is there and was not, or the reverse; but for types that are made anew."""
        existed = self.state.existed
        return [
            key
            for key, is_there in self.exists.items()
            if is_there != existed[key] and key in self.state.objects
            if self.swap is None or key[0] != "type"
            if is_there or all(self.exists.get(each, True) for each in self.state.holders_before.get(key, ()))
        ]

    def _keeps_new_names(self) -> bool:
        return any(
            self.exists.get(key, True) and (self.swap is None or key[0] != "type")
            for key in self.names.renamed()
        )

    def _steps_between(self, needs: set[Key], back: Sequence[Statement]) -> set[Key]:
        """What the opposite script makes only to make something of ``needs`` of it, such as a key's index."""
        parts = [part for statement in back for part in statement.parts or ()]
        used = {
            change.key
            for part in parts
            if any(c.key in needs and c.operation == "create" for c in part)
            for change in part
            if change.operation == "drop" and (not self.exists[change.key] or self.state.is_new(change.key))
        }
        return {c.key for part in parts for c in part if c.operation == "create"} & used

    def _consider(self, statement: Statement, needs: set[Key]) -> None:
        if statement.parts is None:
            raise _CannotTellError
        exists, made = dict(self.exists), set(self.made)
        parts = []
        for number, part in enumerate(statement.parts):
            if self._is_wanted(part, needs) and self._fits(part):
                parts.append(number)
                for change in part:
                    self._apply(change)
        if not parts:
            return
        for key in self.made - made:
            self.names.set(key, statement.names.get(key))
        if self._means_another(statement):
            if all(c.operation == "drop" for number in parts for c in statement.parts[number]):
                # A drop can be written anew.
                self.exists, self.made = exists, made
                self.open |= dict.fromkeys(c.key for number in parts for c in statement.parts[number])
                return
            raise _CannotTellError
        self.names.apply(statement.node)
        self.taken.append(Piece(statement.only(parts), statement))

    def _is_wanted(self, part: Sequence[Change], needs: set[Key]) -> bool:
        return any(self._is_change_wanted(change, needs) for change in part)

    def _is_change_wanted(self, change: Change, needs: set[Key]) -> bool:
        if change.operation == "rows":
            return self._needs_rows(change, needs)
        if self.swap is not None and self.swap.includes(change):
            return True
        if change.key[0] == "name":
            return change.key in needs and change.key[1:] in self.names.renamed()
        if change.key in needs or change.key in self.made:
            return True
        return any(self._is_anew(holder) for holder in change.holders)

    def _is_anew(self, holder: Key) -> bool:
        """Whether the undo makes it, so that all that was said about it has to be said again."""
        return holder in self.made or self.state.is_gone(holder)

    def _needs_rows(self, change: Change, needs: set[Key]) -> bool:
        """Whether rows that a statement writes belong to what the steps have changed."""
        if change.key in self.state.written:
            return not any(self.state.is_new(holder) for holder in change.holders)
        own = change.holders[-1]
        return (
            self._is_anew(own)
            or any(own in self.state.holders.get(key, ()) for key in needs if key[0] in _OF_ROWS)
            or (self.swap is not None and own[1:] in self.swap.columns)
        )

    def _fits(self, part: Sequence[Change]) -> bool:
        """Whether what it drops is there, and what it creates is not."""
        if any(change.operation == "create" and self.exists[change.key] for change in part):
            return False
        fitting = [self._fits_alone(change) for change in part if change.operation != "minor"]
        if any(fitting) and not all(fitting):
            raise _CannotTellError
        return all(fitting)

    def _fits_alone(self, change: Change) -> bool:
        if any(not self.exists.get(holder, True) for holder in change.holders):
            return False
        if change.operation == "drop":
            return self.exists.get(change.key, True)
        if change.operation == "create":
            return not self.exists.get(change.key, False)
        return True

    def _apply(self, change: Change) -> None:
        if change.operation in ("create", "drop", "replace"):
            self.exists[change.key] = change.operation != "drop"
        if change.operation == "create":
            self.made.add(change.key)
        if change.operation == "drop":
            drop_held(change.key, self.exists, self.state.holders)
        if change.operation == "touch" or self.exists.get(change.key) == self.state.existed.get(change.key):
            self.open.pop(change.key, None)
        if change.key[0] == "type" and self.swap is not None:
            self.open.pop(change.key, None)

    def _means_another(self, statement: Statement) -> bool:
        """Whether one of its names is that of something else here than where it was written for."""
        return _means_another(statement, self.names)


def _means_another(statement: Statement, names: CurrentNames) -> bool:
    now, then = names.renamed(), statement.names
    differing = [key for key in now.keys() | then.keys() if now.get(key) != then.get(key)]
    return any(
        statement.words & {name for name in (key[-1], now.get(key), then.get(key)) if name}
        for key in differing
    )


def _missing_part(
    undoing: _Undoing, names: CurrentNames, rest: Sequence[Statement], in_back: set[Key]
) -> list[Piece]:
    """What the opposite script doesn't restore: by the script's own later steps, or by a drop made up.

    ``in_back`` is what the opposite script changes: of that the later steps make something else than it was.
    """
    by_later: dict[int, Piece] = {}
    made_up: list[Piece] = []
    for key in undoing.open:
        is_new = undoing.state.is_new(key)
        is_redone = key in undoing.state.redone
        later = _last_about(key, ("drop",) if is_new else ("create", "touch", "replace"), rest)
        can_tell = later is not None and not is_redone and (is_new or key not in in_back)
        if later is not None and can_tell and not _means_another(rest[later[0]], names):
            place, part = later
            by_later[place] = Piece(rest[place].only([part]), rest[place])
        elif is_new and not is_redone:
            made_up.insert(0, _drop(key, names))
        else:
            raise _CannotTellError
    return [*(by_later[place] for place in sorted(by_later)), *made_up]


def _last_about(
    key: Key, operations: Iterable[str], statements: Sequence[Statement]
) -> tuple[int, int] | None:
    for place in range(len(statements) - 1, -1, -1):
        for number, part in enumerate(statements[place].parts or ()):
            if all(c.key == key and c.operation in operations for c in part) and part:
                return place, number
    return None


def _drop(key: Key, names: CurrentNames) -> Piece:
    kind, *path = key
    called = names.renamed()

    def now(of: Key) -> str:
        return called.get(of, of[-1].rstrip(ANOTHER))

    match kind:
        case "index":
            schema = None if path[0] == "public" else path[0]
            name = sql_name((path[0], now(key)))
            return Piece(f"DROP INDEX CONCURRENTLY {name}", index=(schema, now(key)))
        case "column" | "constraint":
            table = sql_name((path[0], now(("relation", path[0], path[1]))))
            return Piece(f"ALTER TABLE {table} DROP {kind.upper()} {quoted(now(key))}")
        case _:
            raise _CannotTellError


def _swap(needs: set[Key], rest: Sequence[Statement], back: Sequence[Statement]) -> _Swap | None:
    """The types that the opposite script makes anew, if one of those to restore can only be made anew."""
    if not any(key[0] == "type" for key in needs):
        return None
    made = {c.key[-1] for c in _all(back) if c.operation == "create" and c.key[0] == "type"}
    columns = {
        change.key[1:]
        for statement in back
        if statement.words & made
        for part in statement.parts or ()
        for change in part
        if change.key[0] == "column type"
    }
    later = {change.key[1:] for change in _all(rest) if change.key[0] == "column type"}
    if made and later - columns:
        raise _CannotTellError  # these columns may have the type that is made anew
    return _Swap(frozenset(columns)) if made else None


def _all(statements: Iterable[Statement]) -> Iterable[Change]:
    return (change for each in statements for part in each.parts or () for change in part)
