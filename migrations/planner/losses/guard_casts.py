"""Rewrite: a cast that could change a value is preceded by a check that fails on such a value.

Postgres rounds what has too many digits, and takes the first of a list's elements: an accepted loss is of
values that the new type refuses, not of their digits. The check holds the lock that the change of type needs,
so no row comes between them. An author who wants other values says so with an expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.answers import Answers
from schemas.model import Schema

from ...casts.comparison import reading
from ...ddl.effects import Effect
from ...ddl.names import sql_name
from ...identifiers import quoted
from ..may_refuse import marked
from ..script import DraftStatement
from .author_names import AuthorNames
from .loss_warnings import CreationEngine, interpreter_of

_USING = " USING "
_HEADING = (
    "The next statement would change values that don't fit: while there are any, this check refuses.\n"
    "squawk-ignore constraint-missing-not-valid"
)


def guard_casts(
    statements: Sequence[DraftStatement],
    before: Schema,
    after: Schema,
    bridge: CreationEngine,
    answers: Answers,
) -> list[DraftStatement]:
    """``statements``, with a check before each cast that the author gave no expression for.

    Raises BridgeError.
    """
    interpreter, names = interpreter_of(before, bridge), AuthorNames(before, after)
    guarded: list[DraftStatement] = []
    for statement in statements:
        for effect in interpreter.apply(statement.node, statement.sql):
            if not names.is_converted(effect, answers):
                guarded += _check(statement, effect)
        guarded.append(statement)
    return guarded


def _check(statement: DraftStatement, effect: Effect) -> Iterator[DraftStatement]:
    retype = effect.retype
    if retype is None or effect.now is None or retype.old is None or not retype.is_cast:
        return
    table, column = sql_name(effect.now[0]), quoted(effect.now[1])
    if retype.labels is not None and retype.new.endswith("[]") == retype.old.endswith("[]"):
        return  # an enum refuses by itself
    converted = f"{_using(statement, column)}::{retype.new}"
    compared = reading(column, converted, retype.old, retype.new, is_json_text=retype.is_json_text)
    if compared is None:
        return
    name = quoted(f"{effect.now[1]}_keeps_its_values")
    condition = f"{compared.before} IS NOT DISTINCT FROM {compared.after}"
    if retype.old.endswith("[]"):  # a value for NULL is no loss
        condition = f"{column} IS NULL OR {condition}"
    head = f"ALTER TABLE {table}"
    yield marked(DraftStatement(f"{head} ADD CONSTRAINT {name} CHECK ({condition})", _HEADING))
    yield DraftStatement(f"{head} DROP CONSTRAINT {name}")


def _using(statement: DraftStatement, column: str) -> str:
    """What the statement converts; the planner writes it last, and in parentheses."""
    _, found, using = statement.sql.rpartition(_USING)
    return using if found else column
