"""What undoes a step, and the opposite script has no statement for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..ddl.names import PUBLIC, sql_name
from ..identifiers import quoted
from .change import Key
from .current_names import ANOTHER, CurrentNames
from .done_steps import DoneSteps
from .pieces import CannotTellError, Piece
from .script import Statement


def missing_part(
    keys: Iterable[Key],
    done: DoneSteps,
    names: CurrentNames,
    rest: Sequence[Statement],
    in_back: Collection[Key],
) -> list[Piece]:
    """What the opposite script doesn't restore: by the script's own later steps, or by a drop made up.

    ``in_back`` is what the opposite script changes: of that the later steps make something else than it was.
    """
    by_later: dict[int, Piece] = {}
    about = _parts_about(rest)
    made_up: list[Piece] = []
    for key in keys:
        is_new = done.is_new(key)
        is_redone = key in done.redone
        later = _last(about.get(key, ()), ("drop",) if is_new else ("create", "touch", "replace"))
        can_tell = later is not None and not is_redone and (is_new or key not in in_back)
        if later is not None and can_tell and not means_another(rest[later[0]], names):
            place, part = later
            by_later[place] = Piece(rest[place].only([part]), rest[place])
        elif is_new and not is_redone:
            made_up.insert(0, dropping(key, names))
        else:
            raise CannotTellError
    return [*(by_later[place] for place in sorted(by_later)), *made_up]


def _parts_about(statements: Sequence[Statement]) -> dict[Key, list[tuple[int, int, set[str]]]]:
    """The parts of statements that are about one key alone, with what they do to it."""
    about: dict[Key, list[tuple[int, int, set[str]]]] = {}
    for place, statement in enumerate(statements):
        for number, part in enumerate(statement.parts or ()):
            if len(keys := {change.key for change in part}) == 1:
                operations = {str(change.operation) for change in part}
                about.setdefault(keys.pop(), []).append((place, number, operations))
    return about


def _last(parts: Sequence[tuple[int, int, set[str]]], operations: Collection[str]) -> tuple[int, int] | None:
    """The part that is nearest to the end; of one statement, the first."""
    fitting = [(place, number) for place, number, found in parts if found <= {*operations}]
    return min(fitting, key=lambda part: (-part[0], part[1]), default=None)


def dropping(key: Key, names: CurrentNames) -> Piece:
    """A statement that is made up."""
    called = names.renamed()

    def now(of: Key) -> Key:
        return called.get(of, (*of[:-1], of[-1].rstrip(ANOTHER)))

    kind, *path = key
    match kind:
        case "index":
            _, schema, name = now(key)
            own = (None if schema == PUBLIC else schema, name)
            return Piece(f"DROP INDEX CONCURRENTLY {sql_name((schema, name))}", index=own)
        case "column" | "constraint":
            _, schema, name = now(("relation", path[0], path[1]))
            table = sql_name((schema, name))
            return Piece(f"ALTER TABLE {table} DROP {kind.upper()} {quoted(now(key)[-1])}")
        case _:
            raise CannotTellError


def means_another(statement: Statement, names: CurrentNames) -> bool:
    """Whether one of its names is that of something else here than where it was written for."""
    now, then = names.renamed(), statement.names
    differing = [key for key in now.keys() | then.keys() if now.get(key) != then.get(key)]
    return any(
        statement.words & {found[-1] for found in (key, now.get(key), then.get(key)) if found}
        for key in differing
    )
