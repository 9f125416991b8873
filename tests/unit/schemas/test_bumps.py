"""Which version number a change needs."""

from __future__ import annotations

import pytest

from schemas.comparison.change import Change, Compatibility
from schemas.comparison.number import problems_with_bump, smallest_version
from schemas.versions import SchemaVersion


def _changes(*compatibilities: Compatibility) -> list[Change]:
    return [
        Change("changed", "field", f"A.f{i}", compatibility, f"A.f{i} is {compatibility}")
        for i, compatibility in enumerate(compatibilities)
    ]


@pytest.mark.parametrize(
    ("previous", "compatibilities", "expected"),
    [
        ("1.2.3", ("breaking", "additive", "internal"), "2.0.0"),
        ("1.2.3", ("additive", "internal"), "1.3.0"),
        ("1.2.3", ("internal",), "1.2.4"),
        ("1.2.3", (), "1.2.4"),
        ("0.2.3", ("breaking",), "0.3.0"),
        ("0.2.3", ("additive",), "0.2.4"),
        ("2.0.0-rc.1", ("breaking",), "2.0.0"),
    ],
)
def test_the_smallest_version(
    previous: str, compatibilities: tuple[Compatibility, ...], expected: str
) -> None:
    assert str(smallest_version(SchemaVersion.parse(previous), _changes(*compatibilities))) == expected


@pytest.mark.parametrize(
    ("previous", "version", "compatibilities", "is_fine"),
    [
        ("1.2.3", "2.0.0", ("breaking",), True),
        ("1.2.3", "2.0.0-alpha.1", ("breaking",), True),
        ("1.2.3", "1.3.0", ("breaking",), False),
        ("1.2.3", "1.3.0-rc.1", ("breaking",), False),
        ("1.2.3", "1.2.4", ("additive",), False),
        ("1.2.3", "1.3.0", ("additive",), True),
        ("1.2.3", "5.0.0", (), True),
        ("0.2.3", "0.3.0", ("breaking",), True),
        ("0.2.3", "0.2.4", ("breaking",), False),
        ("0.9.0", "1.0.0", ("breaking",), True),
        ("2.0.0-rc.1", "2.0.0-rc.2", ("breaking",), True),
    ],
)
def test_a_version_may_follow_or_not(
    previous: str, version: str, compatibilities: tuple[Compatibility, ...], is_fine: bool
) -> None:
    problems = problems_with_bump(
        SchemaVersion.parse(previous), SchemaVersion.parse(version), _changes(*compatibilities)
    )
    assert (problems == []) == is_fine


def test_a_refusal_names_each_breaking_change_and_the_version_to_use() -> None:
    (problem,) = problems_with_bump(
        SchemaVersion.parse("1.2.3"),
        SchemaVersion.parse("1.3.0"),
        _changes("breaking", "additive", "breaking"),
        file="schemas/1.3.0/schema.prisma",
    )
    assert "A.f0 is breaking" in problem.message
    assert "A.f2 is breaking" in problem.message
    assert "A.f1" not in problem.message
    assert "2.0.0" in problem.fix
    assert problem.file == "schemas/1.3.0/schema.prisma"
