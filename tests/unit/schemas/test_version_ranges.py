"""Which version a range stands for, and what is no range."""

from __future__ import annotations

import pytest

from schemas.errors import InvalidVersionError
from schemas.version_ranges import VersionRange, version_or_range
from schemas.versions import SchemaVersion


def test_latest_wins_where_it_is_in_the_range() -> None:
    found = version_or_range("^1")
    assert isinstance(found, VersionRange)
    low, high, other = (SchemaVersion.parse(text) for text in ("1.0.0", "1.2.3", "2.0.0"))
    assert found.best([low, high, other], low) == low
    assert found.best([low, high, other], other) == high
    assert found.best([other], other) is None


@pytest.mark.parametrize(
    "text", ["", "^", "latest", "v1", "1.x.3", ">=1", "^1 || ^2", "1.0.0+x", "^" + "9" * 90]
)
def test_what_is_no_range_is_no_version(text: str) -> None:
    with pytest.raises(InvalidVersionError) as refused:
        version_or_range(text)
    assert refused.value.problems[0].code == "invalid-version"
