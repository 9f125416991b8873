"""What scripts take away from rows that exist, or demand of them: version.toml has to acknowledge each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pglast.parser import parse_sql

from schemas.answers import Answers
from schemas.model import Model, Schema

from ..split import line_and_column, normalised
from .context import enum_name, table_name
from .questions import Question
from .reading import Effect, EffectKind, Reader
from .script import Name
from .sequences import without_nameless_drops
from .simulated import Database


class CreationEngine(Protocol):
    """What is needed of the Prisma bridge: the script that makes a schema from nothing."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """``subject`` is the thing as version.toml names it, ``text`` what happens to it.

    ``line`` and ``column`` are in ``file``.
    """

    kind: EffectKind
    subject: str
    text: str
    file: str
    line: int
    column: int

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
    reader = Reader(_made(before, bridge))
    names = _Names(before, after)
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
                )
                losses.setdefault((loss.kind, loss.subject), loss)
    return list(losses.values())


def loss_questions(losses: Sequence[Loss], answers: Answers) -> list[Question]:
    """Those that ``answers`` don't acknowledge."""
    return [_question(loss) for loss in losses if not _is_answered(loss, answers)]


def _is_answered(loss: Loss, answers: Answers) -> bool:
    if loss.is_demand:
        answer = answers.backfill(loss.subject)
        return answer is not None and answer.no_rows
    return answers.accepts(loss.subject)


def _question(loss: Loss) -> Question:
    is_file = bool(loss.file)
    if loss.is_demand:
        return Question(
            kind="backfill",
            subject=loss.subject,
            text=f"{loss.subject} {loss.text}: fill it in the script (migration new does, with [backfill]), "
            "or say that there are no such rows",
            file=loss.file or None,
            line=loss.line if is_file else None,
            column=loss.column if is_file else None,
        )
    return Question(
        kind="loss",
        subject=loss.subject,
        text=f"{loss.subject} {loss.text}: may that go?",
        file=loss.file or None,
        line=loss.line if is_file else None,
        column=loss.column if is_file else None,
    )


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


def _made(schema: Schema, bridge: CreationEngine) -> Database:
    """The database that the schema describes."""
    database = Database()
    reader = Reader(database)
    for raw in parse_sql(without_nameless_drops(bridge.diff(None, schema.text))):
        reader.read(raw.stmt)
    database.settle()
    return database


class _Names:
    """From the database's names to the schema's; the database's own for what no schema has."""

    def __init__(self, before: Schema, after: Schema | None) -> None:
        self._models = {table_name(model): model for model in (after.models if after else ())}
        self._models |= {table_name(model): model for model in before.models}
        self._after = {table_name(model): model for model in (after.models if after else ())}
        self._enums = {enum_name(enum): enum for enum in before.enums}

    def subject(self, effect: Effect, file: str) -> str:
        """What version.toml calls the thing that ``effect`` is about."""
        if effect.enum is not None:
            enum = self._enums.get(effect.enum)
            values = {value.database_name: value.name for value in enum.values} if enum else {}
            owner = enum.name if enum else _plain(effect.enum)
            return f"{owner}.{values.get(effect.value or '', effect.value or '')}"
        if effect.table is None:
            return _migration(file)
        model = self._models.get(effect.table)
        owner = model.name if model else _plain(effect.table)
        if effect.kind == "rows":
            return f"{owner}.*"
        if effect.column is None:
            return owner
        return f"{owner}.{self._field(effect.table, model, effect.column)}"

    def _field(self, table: Name, model: Model | None, column: str) -> str:
        for candidate in (model, self._after.get(table)):
            for field in candidate.fields if candidate else ():
                if field.column == column and not field.is_relation:
                    return field.name
        return column


def _plain(name: Name) -> str:
    return name[1] if name[0] == "public" else f"{name[0]}.{name[1]}"


def _migration(file: str) -> str:
    """The migration that a script's path names."""
    parts = file.split("/")
    return parts[-2] if len(parts) > 1 else file
