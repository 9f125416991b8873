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
    made_up: list[Piece] = []
    for key in keys:
        is_new = done.is_new(key)
        is_redone = key in done.redone
        later = _last_about(key, ("drop",) if is_new else ("create", "touch", "replace"), rest)
        can_tell = later is not None and not is_redone and (is_new or key not in in_back)
        if later is not None and can_tell and not means_another(rest[later[0]], names):
            place, part = later
            by_later[place] = Piece(rest[place].only([part]), rest[place])
        elif is_new and not is_redone:
            made_up.insert(0, dropping(key, names))
        else:
            raise CannotTellError
    return [*(by_later[place] for place in sorted(by_later)), *made_up]


def _last_about(
    key: Key, operations: Iterable[str], statements: Sequence[Statement]
) -> tuple[int, int] | None:
    for place in range(len(statements) - 1, -1, -1):
        for number, part in enumerate(statements[place].parts or ()):
            if all(c.key == key and c.operation in operations for c in part) and part:
                return place, number
    return None


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
