"""Versions that npm and Python agree on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from schemas.errors import InvalidVersionError
from schemas.versions import Bump, SchemaVersion

_NUMBERS = st.integers(min_value=0, max_value=2**53 - 1)
_VERSIONS = st.builds(
    SchemaVersion,
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
    st.none() | st.tuples(st.sampled_from(["alpha", "beta", "rc"]), _NUMBERS),
)


@given(_VERSIONS)
def test_text_and_value_are_the_same_thing(version: SchemaVersion) -> None:
    assert SchemaVersion.parse(str(version)) == version


@given(_VERSIONS, _VERSIONS)
def test_python_orders_them_alike(one: SchemaVersion, other: SchemaVersion) -> None:
    assert (one < other) == (Version(one.pep440) < Version(other.pep440))


@given(_VERSIONS)
def test_python_spelling_is_already_normal(version: SchemaVersion) -> None:
    assert str(Version(version.pep440)) == version.pep440


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0+build", " 1.0.0", "1.0.0\n", "../1.0.0"),
        *("1.0.0-rc1", "1.0.0-RC.1", "1.0.0-next.1", "1.0.0-rc.01"),
        *("1.1\u0662.3", "9007199254740992.0.0", "9" * 5000 + ".0.0"),
    ],
)
def test_others_are_refused_with_a_fix(text: str) -> None:
    with pytest.raises(InvalidVersionError) as caught:
        SchemaVersion.parse(text)
    assert caught.value.problems[0].fix
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("bump", "expected"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4")])
def test_a_bump_resets_what_is_below(bump: Bump, expected: str) -> None:
    assert str(SchemaVersion(1, 2, 3).bumped(bump)) == expected
