"""What scripts take away from rows that exist, or demand of them: version.toml has to acknowledge each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pglast.parser import parse_sql

from schemas.answers import Answers
from schemas.model import Schema

from ...scripts.split import line_and_column, normalised
from ..engine_script import without_nameless_drops
from ..questions import Question
from ..reading import EffectKind, Reader
from ..simulated import Database
from .author_names import AuthorNames


class CreationEngine(Protocol):
    """What is needed of the Prisma bridge: the script that makes a schema from nothing."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """``subject`` is the thing as version.toml names it, ``text`` what happens to it.

    ``line`` and ``column`` are in ``file``. ``replacements`` are what rows may get for an enum value that
    goes; ``is_convertible``: an expression can say what they get for a value of another type;
    ``is_read``: a statement before reads it, and may have moved it.
    """

    kind: EffectKind
    subject: str
    text: str
    file: str
    line: int
    column: int
    replacements: tuple[str, ...] = ()
    is_convertible: bool = False
    is_read: bool = False

    @property
    def is_demand(self) -> bool:
        """No loss at all: existing rows need a value."""
        return self.kind in ("null", "new null")


def find_losses(
    scripts: Iterable[tuple[str, str]], before: Schema, bridge: CreationEngine, after: Schema | None = None
) -> list[Loss]:
    """What ``scripts`` (pairs of file and SQL that parses, in their order) do to a database of ``before``.

    What the scripts themselves make and drop again is no loss. Raises BridgeError.
    """
    reader = reader_of(before, bridge)
    names = AuthorNames(before, after)
    losses: dict[tuple[str, str], Loss] = {}
    for file, sql in scripts:
        text = normalised(sql)
        for raw in parse_sql(text):
            for effect in reader.read(raw.stmt):
                line, column = line_and_column(text, raw.stmt_location or 0)
                loss = Loss(
                    kind=effect.kind,
                    subject=names.subject(effect, file),
                    text=_HAPPENS[effect.kind].format(detail=effect.detail),
                    file=file,
                    line=line,
                    column=column,
                    replacements=names.values(effect.remaining),
                    is_convertible=names.is_convertible(effect),
                    is_read=effect.is_read,
                )
                losses.setdefault((loss.kind, loss.subject), loss)
    return list(losses.values())


def loss_questions(losses: Sequence[Loss], answers: Answers) -> list[Question]:
    """Those that ``answers`` don't acknowledge."""
    return [_question(loss) for loss in losses if not _is_answered(loss, answers)]


def _is_answered(loss: Loss, answers: Answers) -> bool:
    answer = answers.backfill(loss.subject)
    if loss.is_demand:
        return answer is not None and answer.no_rows
    if answer is not None and loss.kind == "value" and answer.constant is not None:
        return True
    if answer is not None and loss.is_convertible and answer.sql is not None:
        return True
    return answers.accepts(loss.subject)


def _question(loss: Loss) -> Question:
    is_file = bool(loss.file)
    return Question(
        kind="backfill" if loss.is_demand else "loss",
        subject=loss.subject,
        text=f"{loss.subject} {loss.text}: {_asked(loss)}",
        replacements=loss.replacements,
        is_convertible=loss.is_convertible,
        file=loss.file or None,
        line=loss.line if is_file else None,
        column=loss.column if is_file else None,
    )


def _asked(loss: Loss) -> str:
    if loss.is_demand:
        return (
            "fill it in the script (migration new does, with [backfill]), or say that there are no such rows"
        )
    if loss.replacements:
        return (
            f"may that go, if no row holds it, or do rows get another value ({', '.join(loss.replacements)})?"
        )
    if loss.is_convertible:
        return "may the migration fail on values that don't fit, or does an expression convert them all?"
    return "has all of it found a place in what is written before?" if loss.is_read else "may that go?"


_HAPPENS: dict[EffectKind, str] = {
    "table": "is dropped with all its rows",
    "column": "is dropped with all its values",
    "value": "goes, and no row can hold it any more",
    "rows": "lose rows ({detail})",
    "type": "changes its type from {detail}, which does not hold every value",
    "new null": "is added as required without a value for the rows that are there",
    "null": "becomes required without a value for the rows that lack one",
    "code": "runs code that takes something away ({detail})",
}


def reader_of(schema: Schema, bridge: CreationEngine) -> Reader:
    """A reader of scripts that run on a database of ``schema``. Raises BridgeError."""
    reader = Reader(Database())
    for raw in parse_sql(without_nameless_drops(bridge.diff(None, schema.text))):
        reader.read(raw.stmt)
    reader.database.settle()
    return reader
