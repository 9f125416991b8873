"""The commands that the documentation shows do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_EXAMPLE = re.compile(r'make test-one T="(\S+) -k (\w+)"')
EXAMPLES = [
    match for name in ("Makefile", "CONTRIBUTING.md") for match in _EXAMPLE.findall((ROOT / name).read_text())
]


@pytest.mark.parametrize(("path", "word"), EXAMPLES)
def test_what_is_shown_for_test_one_selects_tests(path: str, word: str) -> None:
    place = ROOT / path
    files = sorted(place.rglob("test_*.py")) if place.is_dir() else [place]
    names = [
        name
        for file in files
        for name in (file.stem, *re.findall(r"^def (test_\w+)", file.read_text(), re.M))
    ]
    assert any(word in name for name in names)


def test_there_are_such_examples() -> None:
    assert len(EXAMPLES) >= 3
