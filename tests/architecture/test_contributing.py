"""CONTRIBUTING.md names files, folders and make targets that exist."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_ROOMS = ("registry", "generators", "migrations", "schemas", "tests")
_TEXT = (_ROOT / "CONTRIBUTING.md").read_text()


def test_its_paths_exist() -> None:
    named = re.findall(r"`((?:%s)/[\w/.]+)`" % "|".join(_ROOMS), _TEXT)  # noqa: UP031 - braces of a pattern
    assert len(named) > 15
    assert [path for path in named if not (_ROOT / path).exists()] == []


def test_where_to_start_reading_exists() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|.*\| (`[^|]+`) \|$", _TEXT, re.MULTILINE)
    assert [room for room, _ in rows] == ["schemas", "migrations", "generators", "registry"]
    named = [_ROOT / room / path for room, paths in rows for path in re.findall(r"`([^`]+)`", paths)]
    assert [path for path in named if not path.exists()] == []


def test_it_lists_every_folder_of_source() -> None:
    (layout,) = re.findall(r"^```\nschemas/ .*?^```$", _TEXT, re.MULTILINE | re.DOTALL)
    folders = [path.parent.name for room in _ROOMS[:-1] for path in (_ROOT / room).rglob("__init__.py")]
    assert sorted(re.findall(r"(\w+)/", layout)) == sorted(folders)


def test_its_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (_ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`(?:UPDATE_GOLDEN=1 )?make ([a-z-]+)", _TEXT))
    assert named
    assert named <= targets
