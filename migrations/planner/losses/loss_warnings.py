"""What scripts remove from existing rows, or require of them: version.toml has to accept each of these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from schemas.answers import Answers
from schemas.model import Schema

from ...casts.narrowing import narrowing
from ...ddl.catalog_model import Database
from ...ddl.ddl_interpreter import DdlInterpreter
from ...ddl.effects import Effect, EffectKind
from ...ddl.statements import line_and_column, normalised, parse_script
from ...identifiers import quoted
from ..engine_script import corrected
from ..questions import Question
from .author_names import AuthorNames


class CreationEngine(Protocol):
    """The part of the Prisma bridge that is needed: the script that creates a schema from nothing."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LossWarning:
    """What happens to something in existing rows."""

    kind: EffectKind
    #: The key in version.toml.
    subject: str
    #: What happens to it, as a part of a sentence.
    text: str
    file: str
    #: ``line`` and ``column`` of the statement in ``file``.
    line: int
    column: int
    #: The values that rows may get for an enum value that is removed.
    replacements: tuple[str, ...] = ()
    #: Whether an expression in [backfill] can convert the values to the new type, and one that might do.
    is_convertible: bool = False
    conversion: str = ""
    #: Whether an earlier statement reads it, and may have copied it elsewhere.
    is_read: bool = False

    @property
    def needs_value(self) -> bool:
        """Whether it is not a loss, but existing rows need a value."""
        return self.kind in ("null", "new null")


def find_losses(
    scripts: Iterable[tuple[str, str]], before: Schema, bridge: CreationEngine, after: Schema | None = None
) -> list[LossWarning]:
    """What ``scripts`` (pairs of file and SQL that parses, in order) do to a database of ``before``.

    What the scripts themselves create and drop again is not a loss. Raises BridgeError.
    """
    interpreter = interpreter_of(before, bridge)
    names = AuthorNames(before, after)
    losses: dict[tuple[str, str], LossWarning] = {}
    found = [
        (file, normalised(sql), statement, effect)
        for file, sql in scripts
        for statement, effect in interpreter.apply_script(parse_script(sql))
        if needs_warning(effect)
    ]
    for file, text, statement, told in found:
        effect = _with_last_names(told, interpreter.database)
        line, column = line_and_column(text, statement.offset)
        loss = LossWarning(
            kind=effect.kind,
            subject=names.subject(effect, file),
            text=_HAPPENS[effect.kind].format(detail=effect.detail),
            file=file,
            line=line,
            column=column,
            replacements=names.values(effect.remaining),
            is_convertible=names.is_convertible(effect),
            conversion=_conversion(effect),
            is_read=effect.is_read,
        )
        losses.setdefault((loss.kind, loss.subject), loss)
    return list(losses.values())


def _with_last_names(effect: Effect, database: Database) -> Effect:
    """With the names that its table and column have after all scripts: they may be renamed later."""
    if effect.now is None or effect.is_new:
        return effect
    for name, table in database.tables.items():
        for column_name, column in table.columns.items() if table.origin == effect.table else ():
            if column.origin is not None and column.origin == effect.column:
                return replace(effect, now=(name, column_name))
    return effect


def _conversion(effect: Effect) -> str:
    if effect.retype is None or effect.now is None or effect.retype.old is None:
        return ""
    return narrowing(quoted(effect.now[1]), effect.retype.old, effect.retype.new)


def loss_questions(losses: Sequence[LossWarning], answers: Answers) -> list[Question]:
    """The questions about losses that ``answers`` don't accept."""
    return [_question(loss) for loss in losses if not _is_answered(loss, answers)]


def _is_answered(loss: LossWarning, answers: Answers) -> bool:
    answer = answers.backfill(loss.subject)
    if loss.needs_value:
        return answer is not None and answer.no_rows
    if answer is not None and loss.kind == "value" and answer.constant is not None:
        return True
    if answer is not None and loss.is_convertible and answer.sql is not None:
        return True
    return answers.accepts(loss.subject)


def _question(loss: LossWarning) -> Question:
    is_file = bool(loss.file)
    return Question(
        kind="backfill" if loss.needs_value else "loss",
        subject=loss.subject,
        text=f"{loss.subject} {loss.text}: {_asked(loss)}",
        replacements=loss.replacements,
        is_convertible=loss.is_convertible,
        conversion=loss.conversion,
        file=loss.file or None,
        line=loss.line if is_file else None,
        column=loss.column if is_file else None,
    )


def _asked(loss: LossWarning) -> str:
    if loss.needs_value:
        return (
            "fill it in the script (`migration new` does that, with [backfill]), or declare that there are "
            "no such rows"
        )
    if loss.replacements:
        return (
            f"is that all right, as no row has it, or do rows get another value "
            f"({', '.join(loss.replacements)})?"
        )
    if loss.is_convertible:
        return (
            "may the migration refuse to run while a value doesn't fit or would change, "
            "or does an expression convert them all?"
        )
    return "was all of it copied elsewhere before?" if loss.is_read else "may it be lost?"


_HAPPENS: dict[EffectKind, str] = {
    "table": "is dropped with all its rows",
    "column": "is dropped with all its values",
    "value": "is removed, so that no row can have it any more",
    "rows": "loses rows ({detail})",
    "type": "changes its type from {detail}, which can't keep every value",
    "new null": "is added as required without a value for existing rows",
    "null": "becomes required without a value for rows that have none",
    "attribute": "drops an attribute of a type with all its values ({detail})",
    "code": "runs code that removes something ({detail})",
}


def needs_warning(effect: Effect) -> bool:
    """Whether rows lose something by it, or need a value. Effects that other effects repeat one by one, that
    are filled, or that keep every value don't; what an author writes over, or code that can't be read, is
    their business on the way up."""
    if effect.kind in ("schema", "columns of type", "unread", "overwritten", "rewritten", "referring"):
        return False
    if effect.kind == "null":
        return not effect.is_filled
    if effect.retype is not None:
        return not effect.retype.is_between_enums and not effect.retype.keeps_values
    return True


def interpreter_of(schema: Schema, bridge: CreationEngine) -> DdlInterpreter:
    """An interpreter for scripts that run on a database of ``schema``. Raises BridgeError."""
    creation = DdlInterpreter(Database(is_complete=True))
    for statement in parse_script(corrected(bridge.diff(None, schema.text))):
        creation.apply(statement.node, statement.sql)
    return DdlInterpreter(creation.database.settled())
