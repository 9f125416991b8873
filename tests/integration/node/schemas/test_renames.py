"""``[renames]`` that contradict the schemas are refused, each with the reason."""

from __future__ import annotations

import pytest

from schemas.answers import Rename
from schemas.comparison.compare import compare
from schemas.comparison.renames import rename_problems
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_BEFORE = "model A {\n  id Int @id\n  x Int\n  y Int\n}\nmodel B {\n  id Int @id\n}\nenum E {\n  ON\n}\n"
_AFTER = (
    "model A {\n  id Int @id\n  y Int\n  z Int\n}\nmodel C {\n  id Int @id\n  w Int\n}\nenum F {\n  ON\n}\n"
)


@pytest.mark.parametrize(
    ("renames", "reasons"),
    [
        ([("A.x", "A.z")], []),
        ([("B", "C"), ("E", "F")], []),
        ([("B", "C"), ("B.id", "C.w")], []),
        ([("A.q", "A.z")], ["the previous version has no A.q"]),
        ([("A.x", "A.q")], ["this version has no A.q"]),
        ([("A.y", "A.z")], []),
        ([("A.x", "A.y")], []),
        ([("A.y", "A.id")], ["A.y still exists, and A.id existed before"]),
        ([("A.x", "C.w")], ["A is not C"]),
        ([("B", "F")], ["one is a model, one an enum"]),
        ([("E", "F"), ("E.ON", "F.ON")], []),
    ],
)
def test_renames_are_checked(bridge: PrismaBridge, renames: list[Rename], reasons: list[str]) -> None:
    before, after = (bridge.parse(_HEAD + text) for text in (_BEFORE, _AFTER))
    problems = rename_problems(before, after, renames, file="version.toml")
    assert len(problems) == len(reasons)
    for problem, reason in zip(problems, reasons, strict=True):
        assert reason in problem.message
        assert problem.file == "version.toml"


def test_names_may_be_swapped(bridge: PrismaBridge) -> None:
    schema = bridge.parse(_HEAD + "model A {\n  id Int @id\n  x Int\n  y Int\n}\n")
    swap = [("A.x", "A.y"), ("A.y", "A.x")]
    assert rename_problems(schema, schema, swap, file="version.toml") == []


def test_a_first_version_has_nothing_to_rename(bridge: PrismaBridge) -> None:
    schema = bridge.parse(_HEAD + _BEFORE)
    assert len(rename_problems(None, schema, [("A.x", "A.y")], file="version.toml")) == 1


def test_what_had_the_name_that_another_takes_is_gone(bridge: PrismaBridge) -> None:
    before = bridge.parse(
        _HEAD + "model A {\n  id Int @id\n  x Int\n  y String?\n  e E?\n}\nenum E {\n  ON\n  OFF\n}\n"
    )
    after = bridge.parse(_HEAD + "model A {\n  id Int @id\n  y Int\n  e E?\n}\nenum E {\n  OFF\n}\n")
    renames = [("A.x", "A.y"), ("E.ON", "E.OFF")]
    assert _changes(before, after, renames) == [
        ("renamed", "A.y"),
        ("removed", "A.y"),
        ("renamed", "E.OFF"),
        ("removed", "E.OFF"),
    ]


def test_an_old_name_may_be_taken_by_something_new(bridge: PrismaBridge) -> None:
    before = bridge.parse(_HEAD + "model A {\n  id Int @id\n  x Int\n}\n")
    after = bridge.parse(_HEAD + "model A {\n  id Int @id\n  x String?\n  y Int\n}\n")
    assert _changes(before, after, [("A.x", "A.y")]) == [("renamed", "A.y"), ("added", "A.x")]


def _changes(before: Schema, after: Schema, renames: list[Rename]) -> list[tuple[str, str]]:
    """What is no mere consequence of a rename."""
    changes = compare(before, after, renames)
    return [(change.kind, change.name) for change in changes if change.kind != "changed"]
