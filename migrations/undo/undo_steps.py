"""For each point at which a script can stop: the steps that undo what it has done, and their checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pglast import ast

from ..data_checks.check_queries import Check
from ..data_checks.check_reader import CheckReader
from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.statements import ParsedStatement, parse_statement
from ..runner.manifest import Direction, opposite
from ..scripts.split import ScriptStatement, ScriptStep, step_of
from .current_names import CurrentNames
from .first_names import FirstNames
from .pieces import Piece
from .script import Statement, statements_of
from .undo import undo

# After these a script is done, or they are not.
_DONE_OR_NOT = ("transaction", "enum_value")


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One step of an undo. ``script`` is where its statements are from, if they are not made up."""

    step: ScriptStep
    script: Direction | None


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoes the first steps of a script, up to and including the first ones of the list it is in.

    ``checks`` are what it would destroy. ``finished_only``: not if the last of these steps is a backfill that
    stopped between two batches.
    """

    steps: tuple[UndoStep, ...]
    checks: list[Check]
    finished_only: bool


def undo_steps(up: Sequence[ScriptStep], down: Sequence[ScriptStep]) -> dict[Direction, list[Undo | None]]:
    """For each direction, what undoes its first step, its first two steps, and so on.

    None where that can't be told from the scripts. A script of one step needs none: it is done or it is not.
    """
    return {"up": _undos("up", up, down), "down": _undos("down", down, up)}


def _undos(
    direction: Direction, forward: Sequence[ScriptStep], backward: Sequence[ScriptStep]
) -> list[Undo | None]:
    if len(forward) == 1 and forward[0].kind in _DONE_OR_NOT:
        return []
    first_names = FirstNames()
    there = statements_of(direction, forward, first_names)
    back = statements_of(opposite(direction), backward, first_names)
    found: list[Undo | None] = []
    names, interpreter = CurrentNames(), DdlInterpreter(Database())
    for count, step in enumerate(forward, 1):
        for each in there[count - 1]:
            names.apply(each.renamings)
            interpreter.apply(each.node, each.sql)
        if count == len(forward) and step.kind in _DONE_OR_NOT:
            break
        pieces = undo(there, back, count, names)
        if pieces is None:
            found.append(None)
            continue
        found.append(
            Undo(
                steps=tuple(_grouped(pieces, {direction: forward, opposite(direction): backward})),
                checks=_checks(pieces, interpreter.database) if direction == "up" else [],
                finished_only=step.kind == "backfill" and _rewrites(pieces, there[count - 1]),
            )
        )
    return found


def _checks(pieces: Sequence[Piece], done: Database) -> list[Check]:
    """What the ``pieces`` would destroy in a database as the steps that are ``done`` leave it."""
    if not pieces:
        return []
    script = [ParsedStatement(_node(piece), piece.sql, 0, "") for piece in pieces]
    return [each.check for each in CheckReader(done.settled()).checks_of(script)]


def _node(piece: Piece) -> ast.Node:
    origin = piece.origin
    is_whole = origin is not None and origin.sql == piece.sql
    return origin.node if origin is not None and is_whole else parse_statement(piece.sql)


def _rewrites(pieces: Sequence[Piece], backfill: Sequence[Statement]) -> bool:
    """Whether the undo computes values from those that the backfill gives."""
    written = {c.key for each in backfill for part in each.parts or () for c in part}
    origins = (piece.origin for piece in pieces if piece.origin is not None)
    return any(
        change.operation == "rows" and change.key in written
        for origin in origins
        for part in origin.parts or ()
        for change in part
    )


def _grouped(pieces: Sequence[Piece], scripts: dict[Direction, Sequence[ScriptStep]]) -> Iterator[UndoStep]:
    """Statements of one transactional step stay together; all others are steps of their own."""
    group: list[Piece] = []
    for piece in pieces:
        if group and not _belong_together(group[-1], piece, scripts):
            yield _step(group, scripts)
            group = []
        group.append(piece)
    if group:
        yield _step(group, scripts)


def _belong_together(first: Piece, second: Piece, scripts: dict[Direction, Sequence[ScriptStep]]) -> bool:
    one, other = first.origin, second.origin
    if one is None or other is None:
        return one is other and first.index is None and second.index is None
    return (one.direction, one.step) == (other.direction, other.step) and scripts[one.direction][
        one.step
    ].kind == "transaction"


def _step(pieces: Sequence[Piece], scripts: dict[Direction, Sequence[ScriptStep]]) -> UndoStep:
    origin = pieces[0].origin
    if origin is None:
        index = pieces[0].index
        made_up = [ScriptStatement(each.sql, 1, 1) for each in pieces]
        return UndoStep(step_of("transaction" if index is None else "drop_index", made_up, index=index), None)
    step = scripts[origin.direction][origin.step]
    statements = [
        ScriptStatement(piece.sql, was.line, was.column)
        for piece in pieces
        if piece.origin is not None
        for was in [step.statements[piece.origin.number]]
    ]
    settings = [*step.settings, *_set_before(origin, step)]
    return UndoStep(
        step_of(step.kind, statements, settings=settings, index=step.index, batch=step.batch),
        origin.direction,
    )


def _set_before(origin: Statement, step: ScriptStep) -> list[str]:
    """The SET statements of the same step before a statement."""
    return [
        each.sql
        for each in step.statements[: origin.number]
        if isinstance(parse_statement(each.sql), ast.VariableSetStmt)
    ]
