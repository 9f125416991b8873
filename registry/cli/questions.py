"""The planner's questions, asked on the terminal."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable

from migrations.planner.questions import Question
from schemas.answers import Answers, Backfill
from schemas.toml.answers_toml import read_answers

from .consoles import error_console
from .output import say, visible


def can_ask() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(question: str) -> bool:
    """Whether the answer is yes. Raises EOFError where the input ends early."""
    return _prompt(f"{question} [y/n]").lower() in ("y", "yes")


def ask(questions: Iterable[Question]) -> Answers:
    """One answer to each question. Raises EOFError where the input ends early."""
    renames: dict[str, str] = {}
    losses: dict[str, str] = {}
    backfills: dict[str, Backfill] = {}
    for question in questions:
        say(question.text, on_stderr=True)
        if question.kind == "backfill":
            backfills[question.subject] = _existing_rows(question)
            continue
        new = _renamed(question) if question.kind == "rename" else None
        kept = _kept_values(question) if new is None else None
        if new is not None:
            renames[question.subject] = new
        elif kept is not None:
            backfills[question.subject] = kept
        else:
            losses[question.subject] = _prompt(
                "  Why may it be lost? (goes into version.toml; Ctrl-C to stop)"
            )
    return Answers(
        renames=tuple(sorted(renames.items())),
        accepted_losses=tuple(sorted(losses.items())),
        backfills=tuple(sorted(backfills.items())),
    )


def typed(text: str, expected: str) -> bool:
    """Whether exactly ``expected`` was typed. Raises EOFError where the input ends early."""
    return _prompt(text) == expected


def _renamed(question: Question) -> str | None:
    """The new name; None for what is dropped."""
    choices = [f"it was renamed to {candidate}" for candidate in question.candidates]
    goes = "it goes" if question.replacements else "it is dropped, with its data"
    chosen = _choose([*choices, goes])
    return question.candidates[chosen] if chosen < len(question.candidates) else None


def _kept_values(question: Question) -> Backfill | None:
    """What rows get for a value that is dropped or doesn't fit; None where that isn't asked, or may fail."""
    if question.replacements:
        rows_get = [f"rows that have it get {value}" for value in question.replacements]
        chosen = _choose([*rows_get, "no row has it: refuse to run if one does"])
        is_kept = chosen < len(question.replacements)
        return Backfill(constant=question.replacements[chosen]) if is_kept else None
    if question.is_convertible and _choose(
        ["all values fit: refuse to run if one doesn't", "an SQL expression over the row"]
    ):
        return Backfill(sql=_prompt("  Expression"))
    return None


def _existing_rows(question: Question) -> Backfill:
    one = ["one value for all of them"] * (not question.is_for_each_row)
    chosen = _choose(
        [*one, "an SQL expression over the row", "there are no such rows: refuse to run if there are"]
    )
    if chosen == len(one) + 1:
        return Backfill(no_rows=True)
    if chosen == len(one):
        return Backfill(sql=_prompt("  Expression"))
    while True:
        example = f", e.g. {question.example}" if question.example else ""
        text = _prompt(f"  Value (as in TOML{example}; anything else is taken as text)")
        if (value := _constant(question.subject, text)) is not None:
            return value
        say("  enter a text, a number, true, false or a list of those", on_stderr=True)


def _constant(subject: str, text: str) -> Backfill | None:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    answers, _ = read_answers({"backfill": {subject: value}}, file="")
    return answers.backfill(subject)


def _choose(choices: list[str]) -> int:
    """The index of the chosen one."""
    for number, choice in enumerate(choices, start=1):
        say(f"  {number}) {choice}", on_stderr=True)
    known = [str(number) for number in range(1, len(choices) + 1)]
    while (answer := _prompt("  Which")) not in known:
        say(f"  enter a number from 1 to {len(choices)}", on_stderr=True)
    return known.index(answer)


def _prompt(text: str) -> str:
    """One line of input that is not empty."""
    while True:
        error_console.print(visible(text), end=": ")
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        if line.strip():
            return line.strip()
