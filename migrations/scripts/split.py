"""Splits a script into statements, and these into steps, which the runner can run without an SQL parser.

Splitting happens when the version is published, by :mod:`migrations.ddl.statements`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pglast import ast
from pglast.parser import ParseError, scan

from schemas.errors import Problem

from ..ddl.statements import COMMENTS, line_and_column, normalised, parse_script
from ..errors import MigrationSyntaxError
from .batches import ScriptBatch, batch_parts
from .classify import Classified, Kind, Rejection, classify
from .directives import BACKFILL, MAY_REFUSE, word_of

_WORDS = (word_of(BACKFILL), word_of(MAY_REFUSE))


@dataclass(frozen=True, slots=True)
class ScriptStatement:
    """One statement without its semicolon, and the ``line`` and ``column`` of its start (from 1)."""

    sql: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """What runs, is committed and is journaled together."""

    kind: Kind
    statements: tuple[ScriptStatement, ...]
    #: The script's SET statements before this step, which a run that resumes here has to repeat.
    settings: tuple[str, ...] = ()
    #: The (schema, name) that a concurrent step builds or drops; no schema if the search path decides.
    index: tuple[str | None, str] | None = None
    #: How a backfill is run in batches.
    batch: ScriptBatch | None = None
    checksum: str = ""


def split(script: str, file: str) -> tuple[ScriptStep, ...]:
    """The steps of one script, at least one. Raises MigrationSyntaxError with every problem."""
    text = normalised(script)
    try:
        parsed = parse_script(script)
    except ParseError as error:
        raise MigrationSyntaxError(_syntax_problem(text, error, file)) from None
    problems: list[Problem] = []
    builder = _Builder()
    for each in parsed:
        statement = ScriptStatement(each.sql, *line_and_column(text, each.offset))
        verdict = _classified(each.node, statement, each.directives)
        if isinstance(verdict, Rejection):
            problems.append(_refusal(verdict, statement, file))
        elif verdict.kind is not None:
            builder.add(statement, verdict)
    if problems:
        raise MigrationSyntaxError(*problems)
    return builder.finish()


def _classified(node: ast.Node, statement: ScriptStatement, words: list[str]) -> Classified | Rejection:
    unknown = next((word for word in words if word not in _WORDS), None)
    if unknown is not None:
        return Rejection(
            "unknown-directive",
            f"unknown directive in the comment above: schema-service: {unknown[:60]}",
            f"use {BACKFILL} above an UPDATE, or {MAY_REFUSE} above a statement that may fail on some rows",
        )
    if word_of(BACKFILL) not in words:
        return classify(node)
    parts = batch_parts(statement.sql, node)
    if parts is None:
        return Rejection(
            "backfill-statement",
            "only a plain UPDATE, without WITH, FROM or RETURNING, can be run in batches",
            f"use a subquery instead of FROM, or remove the line {BACKFILL}",
        )
    return Classified("backfill", batch=parts)


def _syntax_problem(text: str, error: ParseError, file: str) -> Problem:
    message, offset = str(error.args[0]), error.args[1] if len(error.args) > 1 else None
    line, column = line_and_column(text, offset) if isinstance(offset, int) else (None, None)
    return Problem(
        code="migration-syntax",
        message=f"invalid SQL: {message}",
        fix="correct the statement; psql's own commands (\\connect, \\copy, …) can't be used in a migration",
        file=file,
        line=line,
        column=column,
    )


def _refusal(verdict: Rejection, statement: ScriptStatement, file: str) -> Problem:
    return Problem(
        code=verdict.code,
        message=verdict.message,
        fix=verdict.fix,
        file=file,
        line=statement.line,
        column=statement.column,
    )


class _Builder:
    """Groups statements into as few steps as Postgres allows, since a step is atomic."""

    def __init__(self) -> None:
        self._steps: list[ScriptStep] = []
        self._open: list[ScriptStatement] = []
        self._open_kind: Kind = "transaction"
        self._settings: list[str] = []
        self._settings_before: tuple[str, ...] = ()

    def add(self, statement: ScriptStatement, verdict: Classified) -> None:
        kind = verdict.kind
        if kind is None:
            return
        if kind in ("transaction", "enum_value"):
            if kind != self._open_kind or verdict.is_alone:
                self._close()
            if not self._open:
                self._open_kind, self._settings_before = kind, tuple(self._settings)
            self._open.append(statement)
            if verdict.is_alone:
                self._close()
        else:
            self._close()
            self._append(kind, (statement,), tuple(self._settings), verdict)
        if verdict.is_setting:
            self._settings.append(statement.sql)

    def finish(self) -> tuple[ScriptStep, ...]:
        self._close()
        if not self._steps:  # a script with only comments is still a migration that is applied once
            self._append("transaction", (), ())
        return tuple(self._steps)

    def _close(self) -> None:
        if self._open:
            self._append(self._open_kind, tuple(self._open), self._settings_before)
            self._open = []

    def _append(
        self,
        kind: Kind,
        statements: tuple[ScriptStatement, ...],
        settings: tuple[str, ...],
        verdict: Classified | None = None,
    ) -> None:
        index, batch = (verdict.index, verdict.batch) if verdict else (None, None)
        self._steps.append(step_of(kind, statements, settings=settings, index=index, batch=batch))


def step_of(
    kind: Kind,
    statements: Sequence[ScriptStatement],
    *,
    settings: Sequence[str] = (),
    index: tuple[str | None, str] | None = None,
    batch: ScriptBatch | None = None,
) -> ScriptStep:
    """A step of these statements, with its checksum."""
    return ScriptStep(
        kind=kind,
        statements=tuple(statements),
        settings=tuple(settings),
        index=index,
        batch=batch,
        checksum=_digest(kind, *(_essence(statement.sql) for statement in statements)),
    )


def checksum(steps: tuple[ScriptStep, ...]) -> str:
    """sha256 (hex) of the statements' tokens: comments, white space and line ends are ignored."""
    return _digest(*(step.checksum for step in steps))


def _essence(sql: str) -> str:
    return " ".join(_tokens(sql))


def _tokens(sql: str) -> Iterator[str]:
    for token in scan(sql):
        if token.name not in COMMENTS:
            yield sql[token.start : token.end + 1]


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
