"""Partial types of Prisma Client Python come along with their project, from within it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.prisma.bridge import PrismaBridge
from schemas.prisma_import.from_prisma import ImportReport, import_prisma
from schemas.versions import SchemaVersion

_V1 = SchemaVersion(1, 0, 0)
_SCHEMA = """
datasource db {
  provider = "postgresql"
}

generator db {
  provider = "prisma-client-py"
  SETTING
}

model User {
  id   Int    @id
  name String
}
"""
_PARTIALS = 'from prisma.models import User\n\nUser.create_partial("UserName", include={"name"})\n'
_TARGET = "schemas/1.0.0/partial_types.py"


def _project(folder: Path, setting: str, partials: dict[str, str]) -> Path:
    named = f'partial_type_generator = "{setting}"' if setting else ""
    files = {"prisma/schema.prisma": _SCHEMA.replace("SETTING", named), **partials}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def _imported(source: Path, tmp_path: Path, bridge: PrismaBridge) -> ImportReport:
    return import_prisma(source, tmp_path / "out", name="shop", bridge=bridge)


@pytest.mark.parametrize(
    ("setting", "path", "source"),
    [
        ("", "prisma/partial_types.py", "."),
        ("prisma/partial_types.py", "prisma/partial_types.py", "."),
        ("prisma/partial_types.py", "prisma/partial_types.py", "prisma"),
        ("prisma/partial_types.py", "prisma/partial_types.py", "prisma/schema.prisma"),
        ("partial_types.py", "prisma/partial_types.py", "."),
        ("./scripts/partials.py", "scripts/partials.py", "."),
        ("scripts.partials", "scripts/partials.py", "."),
        ("prisma/../scripts/partials.py", "scripts/partials.py", "."),
    ],
)
def test_the_file_comes_along(
    setting: str, path: str, source: str, tmp_path: Path, bridge: PrismaBridge
) -> None:
    project = _project(tmp_path / "project", setting, {path: _PARTIALS})
    report = _imported(project / source, tmp_path, bridge)
    assert report.workspace.load(_V1).partial_types == _PARTIALS
    assert report.notes[-1].endswith(f"{Path(path).name} became {_TARGET}, with 1 partial type.")
    assert [each.what for each in report.stripped] == ["generator db"]


@pytest.mark.parametrize(
    ("setting", "source"),
    [
        ("../outside.py", "."),
        ("../../outside.py", "prisma"),
        ("scripts/partials.py", "prisma"),
        ("prisma/link.py", "."),
        ("nothing.here", "."),
        ("{absolute}", "."),
        ("prisma", "."),
        ("a" * 300, "."),
    ],
)
def test_a_file_that_is_not_in_the_project_is_not_taken(
    setting: str, source: str, tmp_path: Path, bridge: PrismaBridge
) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text(_PARTIALS)
    setting = setting.replace("{absolute}", str(outside))
    project = _project(tmp_path / "project", setting, {"scripts/partials.py": _PARTIALS})
    (project / "prisma/link.py").symlink_to(outside)
    report = _imported(project / source, tmp_path, bridge)
    assert report.workspace.load(_V1).partial_types == ""
    assert not (report.workspace.root / _TARGET).exists()
    assert report.notes[-1].startswith(f"{project / 'prisma/schema.prisma'}:6: the partial types in ")
    assert report.notes[-1].endswith(f"has no such file. Copy it to {_TARGET}.")


def test_a_file_that_can_t_be_read_is_left_with_what_is_to_be_fixed(
    tmp_path: Path, bridge: PrismaBridge
) -> None:
    partials = _PARTIALS + "print()\nUser.create_partial('X', {'nmae'})\n"
    project = _project(tmp_path / "project", "", {"prisma/partial_types.py": partials})
    report = _imported(project, tmp_path, bridge)
    assert report.workspace.load(_V1).partial_types == ""
    file = project / "prisma/partial_types.py"
    assert [note.partition(": ")[0] for note in report.notes[-2:]] == [f"{file}:4:1", f"{file}:5:27"]
    assert report.notes[-3] == f"{file} was not imported: write what it declares into {_TARGET}, and fix:"


def test_what_is_no_text_is_left(tmp_path: Path, bridge: PrismaBridge) -> None:
    project = _project(tmp_path / "project", "", {"prisma/partial_types.py": "x"})
    (project / "prisma/partial_types.py").write_bytes(b"\xff")
    assert "is not valid UTF-8" in _imported(project, tmp_path, bridge).notes[-1]


def test_other_generators_have_none(tmp_path: Path, bridge: PrismaBridge) -> None:
    project = _project(tmp_path / "project", "", {"prisma/partial_types.py": _PARTIALS})
    schema = project / "prisma/schema.prisma"
    schema.write_text(schema.read_text().replace("prisma-client-py", "prisma-client-js"))
    report = _imported(project, tmp_path, bridge)
    assert (report.workspace.load(_V1).partial_types, len(report.notes)) == ("", 1)
