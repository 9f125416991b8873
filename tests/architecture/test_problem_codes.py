"""Every problem code is declared with its meaning and examples, as it is raised, and is on the pages of the docs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from migrations.runner.errors import RunnerError
from migrations.runner_problem_codes import RUNNER_CODES
from migrations.scripts import linting
from registry.config.secret import Secret
from registry.databases import database
from registry.databases.registered import RegisteredDatabase
from registry.problem_pages import FOLDER, PAGES, pages
from schemas.prisma import diagnostics
from schemas.problem_code import ProblemCode

from .raised_problems import HOLE, Raised, Unknown, is_shown_by, raised_in

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "migrations", "generators", "registry")

#: Codes that are looked up at run time: in which file, and every one of them.
LOOKED_UP = {
    "schemas/prisma/diagnostics.py": {code for _, code, _ in diagnostics._KNOWN} | {diagnostics._OTHER[0]},
    "migrations/scripts/linting.py": set(linting._RULES),
}
DECLARED: list[ProblemCode] = [each for *_, codes in PAGES for each in codes]
BY_CODE = {each.code: each for each in DECLARED}
_ANYWHERE = RegisteredDatabase(name="main", labels=(), url_env="X", _url=Secret("postgresql://x"))
ADVICE = "declare it with its meaning and an example in the problem_codes of its room, then run `make docs`"


@pytest.fixture(scope="module")
def found() -> tuple[list[Raised], list[Unknown]]:
    raised: list[Raised] = []
    unknown: list[Unknown] = []
    for room in ROOMS:
        in_room = raised_in(ROOT / room, ROOT)
        raised += in_room[0]
        unknown += in_room[1]
    return raised, unknown


@pytest.fixture(scope="module")
def raised(found: tuple[list[Raised], list[Unknown]]) -> list[Raised]:
    return found[0]


def test_a_code_is_written_where_the_problem_is_made(found: tuple[list[Raised], list[Unknown]]) -> None:
    unknown = [each for each in found[1] if each.where.partition(":")[0] not in LOOKED_UP]
    _expect_none("write the code as a literal, or add its table to LOOKED_UP", unknown)


def test_every_raised_code_is_declared(raised: list[Raised]) -> None:
    codes = {_pattern(each.code): each.where for each in raised}
    codes |= {code: where for where, table in LOOKED_UP.items() for code in table}
    _expect_none(ADVICE, [f"{code} ({where})" for code, where in codes.items() if code not in BY_CODE])


def test_every_declared_code_is_raised(raised: list[Raised]) -> None:
    codes = {_pattern(each.code) for each in raised}.union(*LOOKED_UP.values())
    _expect_none("remove what is no longer raised", set(BY_CODE) - codes)


def test_a_code_is_declared_once() -> None:
    assert not [code for code, count in Counter(each.code for each in DECLARED).items() if count > 1]


def test_no_code_has_a_word_twice_or_is_that_of_something_else() -> None:
    """Also of those that the service and rehearsals make of the runner's."""
    made = {database._problem(_ANYWHERE, RunnerError(each.code, "", "")).code for each in RUNNER_CODES}
    made |= {f"rehearsal-{each.code}" for each in RUNNER_CODES}
    codes = {each.code for each in DECLARED} | made
    assert not [code for code in codes if max(Counter(code.split("-")).values()) > 1]
    assert not made & (set(BY_CODE) - {each.code for each in RUNNER_CODES})


def test_every_message_of_a_code_is_among_its_examples(raised: list[Raised]) -> None:
    """So a code that is given to a second thing shows up here, beside the meaning that it already has."""
    forms: dict[tuple[str, str], list[Raised]] = {}
    for each in raised:
        forms.setdefault((_pattern(each.code), each.where), []).append(each)
    missing = [
        of_call[0]
        for (code, _), of_call in forms.items()
        if code in BY_CODE and not any(_is_an_example(each, BY_CODE[code]) for each in of_call)
    ]
    _expect_none("add an example of these texts if the code's meaning fits, else use another code", missing)


def test_every_example_is_a_message_that_the_code_makes(raised: list[Raised]) -> None:
    outdated = [
        (each.code, example.message, example.fix)
        for each in DECLARED
        if each.code not in set().union(*LOOKED_UP.values())
        for example in each.examples
        if not any(
            _pattern(form.code) == each.code
            and is_shown_by(form.message, example.message)
            and is_shown_by(form.fix, example.fix)
            for form in raised
        )
    ]
    _expect_none("write these examples as the code writes them now", outdated)


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.code)
def test_a_declaration_is_complete(declared: ProblemCode) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(-\*)?", declared.code)
    assert declared.meaning.endswith(".")
    assert declared.examples
    for example in declared.examples:
        assert example.message
        assert example.fix
        assert fnmatchcase(example.code or declared.code, declared.code)


def test_the_pages_are_those_that_are_made_of_the_declarations() -> None:
    written = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md")}
    assert written == pages(), "run `make docs`"


def _expect_none(advice: str, wrong: Iterable[object]) -> None:
    lines = "".join(f"\n  {each}" for each in wrong).replace(HOLE, "…").replace("\\x00", "…")
    assert not lines, advice + lines


def _is_an_example(form: Raised, declared: ProblemCode) -> bool:
    return any(
        is_shown_by(form.message, example.message) and is_shown_by(form.fix, example.fix)
        for example in declared.examples
    )


def _pattern(code: str) -> str:
    return code.replace(HOLE, "*")
