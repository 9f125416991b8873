"""Each way to answer one of the planner's questions, typed or as lines of version.toml."""

from __future__ import annotations

import io

import pytest

from migrations.planner.questions import Question
from registry.cli.questions import ask
from schemas.answers import Answers, Backfill

_RENAME = Question(kind="rename", subject="T.a", text="T.a goes", candidates=("T.b", "T.c"))
_VALUE = Question(kind="loss", subject="E.C", text="E.C goes", replacements=("A", "B"))
_MOVED = Question(kind="rename", subject="E.C", text="E.C goes", candidates=("E.D",), replacements=("A", "D"))
_TYPE = Question(kind="loss", subject="T.a", text="T.a changes", is_convertible=True)
_LOSS = Question(kind="loss", subject="T", text="T goes")
_ROWS = Question(kind="backfill", subject="T.a", text="T.a is new", example='"text"')


def _lost(subject: str) -> Answers:
    return Answers(accepted_losses=((subject, "unused"),))


def _filled(subject: str, backfill: Backfill) -> Answers:
    return Answers(backfills=((subject, backfill),))


@pytest.mark.parametrize(
    ("question", "typed", "answers"),
    [
        (_RENAME, "2", Answers(renames=(("T.a", "T.c"),))),
        (_RENAME, "3\nunused", _lost("T.a")),
        (_RENAME, "4\nx\n1", Answers(renames=(("T.a", "T.b"),))),
        (_VALUE, "2", _filled("E.C", Backfill(constant="B"))),
        (_VALUE, "3\n\nunused", _lost("E.C")),
        (_MOVED, "1", Answers(renames=(("E.C", "E.D"),))),
        (_MOVED, "2\n1", _filled("E.C", Backfill(constant="A"))),
        (_MOVED, "2\n3\nunused", _lost("E.C")),
        (_TYPE, "1\nunused", _lost("T.a")),
        (_TYPE, "2\nlength(a)", _filled("T.a", Backfill(sql="length(a)"))),
        (_LOSS, "unused", _lost("T")),
        (_ROWS, "1\n0", _filled("T.a", Backfill(constant=0))),
        (_ROWS, "1\nnone of it", _filled("T.a", Backfill(constant="none of it"))),
        (_ROWS, "2\nlower(b)", _filled("T.a", Backfill(sql="lower(b)"))),
        (_ROWS, "3", _filled("T.a", Backfill(no_rows=True))),
    ],
)
def test_an_answer_is_what_was_typed(
    monkeypatch: pytest.MonkeyPatch, question: Question, typed: str, answers: Answers
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    assert ask([question]) == answers


def test_an_input_that_ends_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("3\n"))
    with pytest.raises(EOFError):
        ask([_RENAME])


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (_VALUE, [("accept_loss", '"E.C" = "why it may be lost"'), ("backfill", '"E.C" = "A"')]),
        (
            _MOVED,
            [
                ("renames", '"E.C" = "E.D"'),
                ("accept_loss", '"E.C" = "why it may be lost"'),
                ("backfill", '"E.C" = "A"'),
            ],
        ),
        (
            _TYPE,
            [
                ("accept_loss", '"T.a" = "why it may be lost"'),
                ("backfill", '"T.a" = { sql = "an expression on the row" }'),
            ],
        ),
        (_LOSS, [("accept_loss", '"T" = "why it may be lost"')]),
    ],
)
def test_elsewhere_the_lines_are_told(question: Question, lines: list[tuple[str, str]]) -> None:
    assert list(question.answers) == lines
    fix = question.problem("version.toml").fix
    assert all(f"[{table}]  {line}" in fix for table, line in lines)
