"""Embedding: a package's sources and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from generators.embed import embedded_sources


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = "embedded_for_a_test"
    files = {
        "__init__.py": "",
        "py.typed": "",
        "core.py": "VALUE = 1\n",
        "inner/__init__.py": "",
        "inner/deep.py": "",
        "__pycache__/core.cpython-311.pyc": "x",
        "inner/__pycache__/deep.py": "x",
        ".core.py.swp": "x",
        "core.py.orig": "x",
        "notes.txt": "x",
        "not-a-package/file.py": "x",
    }
    for path, content in files.items():
        target = tmp_path / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_sources_and_the_marker_are_read_and_nothing_else(package: str) -> None:
    found = embedded_sources(package)
    assert list(found) == ["__init__.py", "core.py", "inner/__init__.py", "inner/deep.py", "py.typed"]
    assert found["core.py"] == b"VALUE = 1\n"


def test_the_real_runner_is_read_byte_for_byte() -> None:
    found = embedded_sources("migrations.runner")
    folder = Path(__file__).parents[3] / "migrations" / "runner"
    assert found["__init__.py"] == (folder / "__init__.py").read_bytes()
    assert set(found) == {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }


def test_an_unknown_package_is_our_own_mistake() -> None:
    with pytest.raises(ModuleNotFoundError):
        embedded_sources("no_such_package")
