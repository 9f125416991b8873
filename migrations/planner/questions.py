"""What a plan has to ask its author, and the lines of ``version.toml`` that answer it."""

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
    """``subject`` is the key that answers it: ``Model``, ``Model.field``, ``Enum.VALUE``, ...

    ``candidates`` are the new names that a rename can lead to. ``example`` is a TOML value that fits a
    backfill, empty where the script has to give a value. ``replacements`` are the values that rows can get
    for an enum value that goes; ``is_convertible``: an SQL expression can make a new value of every old one.
    ``line`` and ``column`` are of the statement in ``file`` that raised the question.
    """

    kind: Kind
    subject: str
    text: str
    candidates: tuple[str, ...] = ()
    example: str = ""
    replacements: tuple[str, ...] = ()
    is_convertible: bool = False
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def is_about_values(self) -> bool:
        """Whether [backfill] answers it: nothing goes, something has to be given."""
        return self.kind == "backfill"

    @property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """(table of version.toml, line) of each answer there is."""
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
        """What lets the thing go."""
        goes = ("accept_loss", f'{_key(self.subject)} = "why it may go"')
        if self.replacements:
            return (goes, ("backfill", f"{_key(self.subject)} = {_key(self.replacements[0])}"))
        if self.is_convertible:
            return (goes, ("backfill", f'{_key(self.subject)} = {{ sql = "an expression over the row" }}'))
        return (goes,)

    def problem(self, file: str) -> Problem:
        """For people who answer in ``file``, a version.toml."""
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
