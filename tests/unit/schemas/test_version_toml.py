"""version.toml: what people write, and what they get wrong."""

from __future__ import annotations

import pytest

from schemas.answers import Answers, Backfill
from schemas.errors import WorkspaceError
from schemas.workspace.version_toml import VersionToml


def test_what_is_written_reads_back() -> None:
    toml = VersionToml(
        description='"quoted" \\ and\u202e odd',
        author="Ada <ada@example.com>",
        notes="Two\nlines",
        answers=Answers(
            renames=(("A.x", "A.y"), ("B", "C")),
            accepted_losses=(("A.z", "why"),),
            backfills=(
                ("A.d", Backfill(constant=1.5)),
                ("A.l", Backfill(constants=(1, 2))),
                ("A.n", Backfill(no_rows=True)),
                ("A.s", Backfill(sql="lower(x)")),
                ("A.t", Backfill(constant="text")),
                ("A.u", Backfill(constant=True)),
            ),
            sql_only=(("index public.A_x", "why"),),
        ),
    )
    assert VersionToml.from_toml(toml.to_toml(), file="version.toml") == toml


@pytest.mark.parametrize("text", ["none", "1.2.0"])
def test_who_is_compatible_can_be_declared(text: str) -> None:
    toml = VersionToml.from_toml(f'compatible_from = "{text}"\n', file="version.toml")
    assert str(toml.compatible_from) == text
    assert VersionToml.from_toml(toml.to_toml(), file="version.toml") == toml


def test_everything_may_be_left_out() -> None:
    assert VersionToml.from_toml("", file="version.toml") == VersionToml()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('descripton = "x"\nauthor = 1\n', ["unknown-key", "not-a-text"]),
        ("renames = 3\n", ["invalid-rename"]),
        ("compatible_from = 1\n", ["not-a-text"]),
        ('compatible_from = "1.2"\n', ["invalid-version"]),
        ('[renames]\n"A.x" = "B"\n"A.y" = 1\n"A y" = "A.z"\n', ["invalid-rename"] * 3),
        ('[renames]\n"A.x" = "A.z"\n"A.y" = "A.z"\n', ["wrong-rename"] * 2),
        ('[sql_only]\n"index public.A_x" = " "\n', ["invalid-sql-only"]),
        ("a = [" * 5000, ["invalid-toml"]),
        ("description = 'x", ["invalid-toml"]),
    ],
)
def test_all_mistakes_are_named(text: str, codes: list[str]) -> None:
    with pytest.raises(WorkspaceError) as caught:
        VersionToml.from_toml(text, file="version.toml")
    assert [problem.code for problem in caught.value.problems] == codes
    assert {problem.file for problem in caught.value.problems} == {"version.toml"}


def test_each_mistake_has_its_place() -> None:
    text = """\
author = 1
compatible_from = "1"
[accept_loss]
"User.age" = ""
[renames]
  "A.x" = "B"
[backfill]
"Role.A = B" = { sql = 1 }
[colours]
"""
    _has_places(text, [(1, 1), (2, 1), (4, 1), (6, 3), (8, 1), (9, 1)])
    _has_places('[renames]\n"A.x" = "A.z"\n"A.w" = "A.v"\n"A.y" = "A.z"\n', [(2, 1), (4, 1)])


def _has_places(text: str, expected: list[tuple[int, int]]) -> None:
    with pytest.raises(WorkspaceError) as caught:
        VersionToml.from_toml(text, file="version.toml")
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert sorted(places) == expected


def test_a_syntax_error_has_its_place() -> None:
    with pytest.raises(WorkspaceError) as caught:
        VersionToml.from_toml('author = "x"\ndescription = ?\n', file="version.toml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 15)
