"""The part of the opposite script that is about the steps that are done, if the rest is about other things.

Such steps may give names that they take from others, and make the same thing several times: the opposite
script knows in which order that is undone.
"""

from __future__ import annotations

from collections.abc import Sequence

from .change import Key
from .current_names import ANOTHER
from .done_steps import all_changes
from .pieces import Piece
from .script import Statement


def opposite_part(
    done: Sequence[Statement], rest: Sequence[Statement], back: Sequence[Statement]
) -> list[Piece] | None:
    """Statements of ``back``, or None where some of them are about both, or about neither."""
    if any(each.parts is None for each in (*done, *rest, *back)) or any(each.renamings for each in rest):
        return None
    own, others = _keys(done), _keys(rest)
    names = {key[-1] for key in others}
    if not own.isdisjoint(others) or any(c.operation == "rows" for c in all_changes(rest)):
        return None
    pieces = []
    for statement in back:
        keys = [{_by_name(change.key) for change in part} for part in statement.parts or ()]
        kept = [number for number, part in enumerate(keys) if part <= own]
        if any(not part <= own and not part <= others for part in keys):
            return None
        if kept and not names.isdisjoint(statement.words):
            return None
        if kept:
            pieces.append(Piece(statement.only(kept), statement))
    return pieces


def _keys(statements: Sequence[Statement]) -> set[Key]:
    return {_by_name(change.key) for change in all_changes(statements)}


def _by_name(key: Key) -> Key:
    """The same for all that ever had a name."""
    return (*key[:-1], key[-1].rstrip(ANOTHER))
