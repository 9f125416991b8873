"""What undoes the first steps of a script: statements of the opposite script, and of its own later steps.

The opposite script undoes the whole; of it those statements are taken whose keys the steps have changed. What
the script makes and removes again, such as a check that spares SET NOT NULL from reading the table, is not in
the opposite script: there the later step of the script itself is what undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .change import NAMING, Change, Key
from .current_names import CurrentNames
from .done_steps import DoneSteps, all_changes, drop_held
from .missing_part import dropping, means_another, missing_part
from .opposite_part import opposite_part
from .pieces import CannotTellError, Piece
from .script import Statement

_OF_SWAPPED = ("column type", "default")
# What a column can be only if its rows fit: other values than before may have to be written first.
_OF_ROWS = ("column type", "required")


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
        state = DoneSteps.of(done, rest, back)
        return _Undoing(state, names.copy()).pieces(rest, back)
    except CannotTellError:
        return opposite_part(done, rest, back)


@dataclass(frozen=True, slots=True)
class _Swap:
    """The opposite script makes a type anew, and gives it to these ``columns``."""

    columns: frozenset[Key]

    def includes(self, change: Change) -> bool:
        kind = change.key[1] if change.key[0] in NAMING else change.key[0]
        return kind == "type" or (kind in _OF_SWAPPED and change.key[1:] in self.columns)


@dataclass(slots=True)
class _Undoing:
    """One undo in the making: ``exists`` and ``names`` follow the statements that are taken."""

    state: DoneSteps
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
        first = [dropping(key, first_names) for key in sorted(between) if self.exists[key]]
        self.exists |= dict.fromkeys(between, False)
        for statement in back:
            self._consider(statement, needs)
        self.open |= dict.fromkeys(self._left_over())
        in_back = {change.key for change in all_changes(back)}
        missing = missing_part(self.open, self.state, first_names, rest, in_back)
        for piece in missing:
            if piece.origin is not None:
                self.names.apply(piece.origin.renamings)
        if self._keeps_new_names():
            raise CannotTellError
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
        dropped = {key for key in self.open if self.state.is_new(key)}  # by the missing part
        return any(
            self.exists.get(key, True) and (self.swap is None or key[0] != "type")
            for key in self.names.renamed().keys() - self.names.along - dropped
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
            raise CannotTellError
        was_other = means_another(statement, self.names)
        exists = dict(self.exists) if was_other else {}
        made: list[Key] = []
        parts = []
        for number, part in enumerate(statement.parts):
            if self._is_wanted(part, needs) and self._fits(part):
                parts.append(number)
                made += [c.key for c in part if c.operation == "create" and c.key not in self.made]
                for change in part:
                    self._apply(change)
        if not parts:
            return
        for key in made:
            self.names.set(key, statement.names.get(key))
        if means_another(statement, self.names) if made else was_other:
            if all(c.operation == "drop" for number in parts for c in statement.parts[number]):
                # A drop can be written anew.
                self.exists = exists
                self.open |= dict.fromkeys(c.key for number in parts for c in statement.parts[number])
                return
            raise CannotTellError
        self.names.apply(statement.renamings)
        self.taken.append(Piece(statement.only(parts), statement))

    def _is_wanted(self, part: Sequence[Change], needs: set[Key]) -> bool:
        return any(self._is_change_wanted(change, needs) for change in part)

    def _is_change_wanted(self, change: Change, needs: set[Key]) -> bool:
        if change.operation == "rows":
            return self._needs_rows(change, needs)
        if self.swap is not None and self.swap.includes(change):
            return True
        if change.key[0] in NAMING:
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
            raise CannotTellError
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
            drop_held(change.key, self.exists, self.state.held)
        if change.operation == "touch" or self.exists.get(change.key) == self.state.existed.get(change.key):
            self.open.pop(change.key, None)
        if change.key[0] == "type" and self.swap is not None:
            self.open.pop(change.key, None)


def _swap(needs: set[Key], rest: Sequence[Statement], back: Sequence[Statement]) -> _Swap | None:
    """The types that the opposite script makes anew, if one of those to restore can only be made anew."""
    if not any(key[0] == "type" for key in needs):
        return None
    made = {c.key[-1] for c in all_changes(back) if c.operation == "create" and c.key[0] == "type"}
    columns = {
        change.key[1:]
        for statement in back
        if statement.words & made
        for part in statement.parts or ()
        for change in part
        if change.key[0] == "column type"
    }
    later = {change.key[1:] for change in all_changes(rest) if change.key[0] == "column type"}
    if made and later - columns:
        raise CannotTellError  # these columns may have the type that is made anew
    return _Swap(frozenset(columns)) if made else None
