"""Questions that a plan has for its author, and the lines of ``version.toml`` that answer them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.errors import Problem

from ..errors import MigrationsError

Kind: TypeAlias = Literal["rename", "loss", "backfill"]

_CODES: dict[Kind, str] = {
    "rename": "rename-or-drop",
    "loss": "loss-not-accepted",
    "backfill": "backfill-missing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about one model, field, enum or value."""

    kind: Kind
    #: The key that answers it: ``Model``, ``Model.field``, ``Enum.VALUE``, …
    subject: str
    text: str
    #: The new names that it may have been renamed to.
    candidates: tuple[str, ...] = ()
    #: A TOML value that fits a backfill; empty where the script has to give a value.
    example: str = ""
    #: Whether no two rows can get the same value.
    is_for_each_row: bool = False
    #: The values that rows can get for an enum value that is removed.
    replacements: tuple[str, ...] = ()
    #: Whether an SQL expression can convert every old value, and one that might do.
    is_convertible: bool = False
    conversion: str = ""
    #: The statement that raised the question, if one did.
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def is_about_values(self) -> bool:
        """Whether [backfill] answers it: nothing is lost, but a value is missing."""
        return self.kind == "backfill"

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """The possible answers, each as a pair of a table in version.toml and a line."""
        match self.kind:
            case "rename":
                renames = [("renames", f"{_key(self.subject)} = {_key(new)}") for new in self.candidates]
                return (*renames, *self._losing)
            case "loss":
                return self._losing
            case "backfill":
                no_rows = ("backfill", f'{_key(self.subject)} = {{ rows = "none" }}')
                if not self.example:
                    return (no_rows,)
                return (("backfill", f"{_key(self.subject)} = {self.example}"), no_rows)

    @property
    def _losing(self) -> tuple[tuple[str, str], ...]:
        """The answers that accept a loss."""
        accepted = ("accept_loss", f'{_key(self.subject)} = "why it may be lost"')
        if self.replacements:
            return (accepted, ("backfill", f"{_key(self.subject)} = {_key(self.replacements[0])}"))
        if self.is_convertible:
            sql = _key(self.conversion or "an expression on the row")
            return (accepted, ("backfill", f"{_key(self.subject)} = {{ sql = {sql} }}"))
        return (accepted,)

    def problem(self, file: str) -> Problem:
        """The question as a problem, to be answered in ``file``, a version.toml."""
        lines = " or ".join(f"[{table}]  {line}" for table, line in self.answers)
        return Problem(
            code=_CODES[self.kind],
            message=self.text,
            fix=f"answer in {file}: {lines}",
            file=self.file or file,
            line=self.line,
            column=self.column,
        )


class UnansweredError(MigrationsError):
    """The plan needs answers; ``questions`` are all of them."""

    def __init__(self, questions: Iterable[Question], *, file: str = "version.toml") -> None:
        self.questions = tuple(questions)
        super().__init__(*(question.problem(file) for question in self.questions))


def _key(name: str) -> str:
    return json.dumps(name)
