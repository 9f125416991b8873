"""Reads and writes the tables [renames], [accept_loss], [backfill] and [sql_only] of ``version.toml``."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import tomlkit

from ..answers import Answers, Backfill, Constant
from ..errors import Problem

#: Each table with what its lines say.
TABLES = {
    "renames": "an old name and its new one: a model, a field, an enum or one of its values",
    "accept_loss": "what may be lost, and why: a model, a field, an enum value, or `Model.*` for rows",
    "backfill": "what existing rows get for a field; new rows have the schema's default",
    "sql_only": "what is left to the scripts though schema.prisma could have it, and why",
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?")
# What is lost or left to SQL need not be in the schema: a table or enum value with any name, a script's code.
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_Value = TypeVar("_Value")

_CODES = {
    "renames": "invalid-rename",
    "accept_loss": "invalid-loss",
    "backfill": "invalid-backfill",
    "sql_only": "invalid-sql-only",
}
_FIXES = {
    "renames": 'write the old and the new name, as in "Review.stars" = "Review.rating"',
    "accept_loss": 'write what may be lost and why, as in "Product.price" = "ProductPrice has it now"',
    "backfill": 'write a string, a number, true, false, a list of them, { sql = "…" } or { rows = "none" }',
    "sql_only": 'write its kind, its name and why, as in "index public.User_name_trgm" = "searches by parts"',
}
_QUESTIONS = {
    "renames": "what {} is now called",
    "accept_loss": "why {} may be lost",
    "backfill": "what existing rows get for {}",
    "sql_only": "why {} is not in schema.prisma",
}


#: The keys of what is wrong, and the problem.
LocatedProblem: TypeAlias = tuple[Sequence[str], Problem]


def read_answers(tables: Mapping[str, object], *, file: str) -> tuple[Answers, list[LocatedProblem]]:
    """The answers in ``tables``, and what is wrong with them."""
    problems: list[LocatedProblem] = []
    renames = _read(tables, "renames", _rename, file, problems)
    problems += _shared_names(renames, file)
    losses = _read(tables, "accept_loss", _reason, file, problems)
    backfills = _read(tables, "backfill", _backfill, file, problems)
    sql_only = _read(tables, "sql_only", _reason, file, problems)
    answers = Answers(
        renames=tuple(sorted(renames.items())),
        accepted_losses=tuple(sorted(losses.items())),
        backfills=tuple(sorted(backfills.items())),
        sql_only=tuple(sorted(sql_only.items())),
    )
    return answers, problems


def write_answers(document: tomlkit.TOMLDocument, answers: Answers) -> None:
    """Add ``answers`` to a parsed version.toml, each to its table; missing tables are added at the end."""
    _write(document, "renames", dict(answers.renames))
    _write(document, "accept_loss", dict(answers.accepted_losses))
    _write(document, "backfill", {key: _as_toml(value) for key, value in answers.backfills})
    _write(document, "sql_only", dict(answers.sql_only))


def _read(
    tables: Mapping[str, object],
    name: str,
    read: Callable[[str, object], _Value | None],
    file: str,
    problems: list[LocatedProblem],
) -> dict[str, _Value]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        problems.append(([name], _bad(name, name, file)))
        return {}
    found = {key: read(key, value) for key, value in table.items()}
    problems += [([name, key], _bad(name, key, file)) for key, value in found.items() if value is None]
    return {key: value for key, value in found.items() if value is not None}


def _rename(old: str, new: object) -> str | None:
    is_one = isinstance(new, str) and _NAME.fullmatch(old) and _NAME.fullmatch(new)
    return new if is_one and isinstance(new, str) and old.count(".") == new.count(".") else None


def _shared_names(renames: Mapping[str, str], file: str) -> list[LocatedProblem]:
    """The entries whose new name another entry has too."""
    times = Counter(renames.values())
    return [
        (
            ["renames", old],
            Problem(
                code="wrong-rename",
                message=f'[renames] "{old}" = "{new}" is wrong: {new} is the new name of {times[new]} things',
                fix="keep the line of one of them: `migration new` asks what becomes of the others",
                file=file,
            ),
        )
        for old, new in renames.items()
        if times[new] > 1
    ]


def _reason(subject: str, reason: object) -> str | None:
    if not isinstance(reason, str) or not reason.strip() or _SUBJECT.fullmatch(subject) is None:
        return None
    return reason.strip()


def _backfill(subject: str, value: object) -> Backfill | None:
    if _SUBJECT.fullmatch(subject) is None:
        return None
    match value:
        case {"sql": str(expression), **rest} if expression.strip() and not rest:
            return Backfill(sql=expression.strip())
        case {"rows": "none", **rest} if not rest:
            return Backfill(no_rows=True)
        case list():
            constants = [_constant(item) for item in value]
            known = tuple(constant for constant in constants if constant is not None)
            return Backfill(constants=known) if len(known) == len(constants) else None
        case _:
            constant = _constant(value)
            return None if constant is None else Backfill(constant=constant)


def _constant(value: object) -> Constant | None:
    if isinstance(value, datetime.date | datetime.time):  # a datetime is a date
        return value.isoformat()
    return value if isinstance(value, bool | int | float | str) else None


def _as_toml(value: Backfill) -> Any:
    if value.sql is not None or value.no_rows:
        table = tomlkit.inline_table()
        table.update({"sql": value.sql} if value.sql is not None else {"rows": "none"})
        return table
    return list(value.constants) if value.constants is not None else value.constant


def _write(document: tomlkit.TOMLDocument, name: str, content: Mapping[str, Any]) -> None:
    if not content:
        return
    if name not in document:
        document[name] = tomlkit.table()
    for key, value in content.items():
        document[name][key] = value


def _bad(table: str, key: str, file: str) -> Problem:
    question = _QUESTIONS[table].format(repr(key[:120]))
    return Problem(
        code=_CODES[table], message=f"[{table}] does not say {question}", fix=_FIXES[table], file=file
    )
