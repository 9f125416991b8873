"""Results of rehearsals that are kept: for the same content only, and never a damaged one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrations.package.release_state import Release, ReleaseState
from registry.validation import kept_rehearsals
from registry.validation.kept_rehearsals import (
    FailedRehearsal,
    KeptRehearsal,
    RehearsalReport,
    RehearsalSubject,
    is_compared,
)
from schemas.answers import Answers, Backfill, SqlOnly
from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_V1, _V2 = SchemaVersion(1, 0, 0), SchemaVersion(2, 0, 0)
_INIT = Migration(number=1, name="init", version=_V1, up="CREATE TABLE a (id int);", down="DROP TABLE a;")
_SUBJECT = RehearsalSubject(
    version=_V2,
    schema_text="model A {}",
    schema_file="schemas/2.0.0/schema.prisma",
    migrations=(_INIT, Migration(number=2, name="more", version=_V2, up="SELECT 1;", down=None)),
    releases=(Release(version=_V1, schema_digest="a" * 64),),
    answers=Answers(),
    sql_only=SqlOnly(),
)
_REPORT = RehearsalReport(
    summary="up only",
    losses=("going up loses table a with 3 rows",),
    warnings=(Problem(code="may-refuse", message="m", fix="f", file="up.sql", line=3, severity="warning"),),
    document={"migrations": [{"id": "001_init", "duration_ms": 1.5}], "round_trip": False},
    history=(ReleaseState(version=_V1, schema_digest="a" * 64, objects={"table public.a": "id int"}),),
)
_DRIFT = FailedRehearsal((Problem(code="drift", message="table a is missing", fix="add it"),))


@pytest.mark.parametrize("result", [_REPORT, _DRIFT])
def test_what_is_kept_is_found_again(tmp_path: Path, result: RehearsalReport | FailedRehearsal) -> None:
    place = KeptRehearsal(tmp_path, _SUBJECT, None)
    assert place.find() is None
    place.keep(result)
    found = KeptRehearsal(tmp_path, _SUBJECT, None).find()
    assert found == (replace(result, is_kept=True) if isinstance(result, RehearsalReport) else result)
    assert [each.name for each in (tmp_path / ".schema-service").iterdir()] == ["rehearsals"]


_OTHER_INIT = replace(_INIT, down=None)


@pytest.mark.parametrize(
    "other",
    [
        replace(_SUBJECT, version=_V1),
        replace(_SUBJECT, schema_text="model B {}"),
        replace(_SUBJECT, migrations=_SUBJECT.migrations[:1]),
        replace(_SUBJECT, migrations=(_OTHER_INIT, _SUBJECT.migrations[1])),
        replace(_SUBJECT, migrations=(replace(_INIT, up=f"{_INIT.up} "), _SUBJECT.migrations[1])),
        replace(_SUBJECT, releases=()),
        replace(_SUBJECT, releases=(Release(version=_V1, schema_digest="a" * 64, compatible_from=_V1),)),
        replace(_SUBJECT, answers=Answers(backfills=(("A.b", Backfill(constant=1)),))),
        replace(_SUBJECT, sql_only=SqlOnly(inherited=("index public.i",))),
    ],
)
def test_other_content_has_another_place(tmp_path: Path, other: RehearsalSubject) -> None:
    KeptRehearsal(tmp_path, _SUBJECT, None).keep(_REPORT)
    assert KeptRehearsal(tmp_path, other, None).find() is None


def test_another_server_or_another_program_has_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeptRehearsal(tmp_path, _SUBJECT, None).keep(_REPORT)
    with monkeypatch.context() as patched:
        patched.setattr(kept_rehearsals, "server_identity", lambda url: f"the one at {url}")
        assert KeptRehearsal(tmp_path, _SUBJECT, "postgresql://elsewhere/x").find() is None
    with monkeypatch.context() as patched:
        patched.setattr(kept_rehearsals, "_code_digest", lambda: "another")
        assert KeptRehearsal(tmp_path, _SUBJECT, None).find() is None
    assert KeptRehearsal(tmp_path, _SUBJECT, None).find() is not None


@pytest.mark.parametrize(
    ("old", "new"), [("up only", "up, down"), ('{"digest"', '{"digesr"'), ("", None), ("3 rows", "0 rows")]
)
def test_a_damaged_result_is_none(tmp_path: Path, old: str, new: str | None) -> None:
    KeptRehearsal(tmp_path, _SUBJECT, None).keep(_REPORT)
    (file,) = (tmp_path / ".schema-service/rehearsals").iterdir()
    text = file.read_text("utf-8")
    file.write_text(text[: len(text) // 2] if new is None else text.replace(old, new), "utf-8")
    assert KeptRehearsal(tmp_path, _SUBJECT, None).find() is None


def test_a_folder_that_can_not_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / ".schema-service").mkdir()
    (tmp_path / ".schema-service/rehearsals").write_text("a file")
    KeptRehearsal(tmp_path, _SUBJECT, None).keep(_REPORT)
    assert KeptRehearsal(tmp_path, _SUBJECT, None).find() is None


def test_the_oldest_results_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_rehearsals, "_MOST", 2)
    subjects = [replace(_SUBJECT, schema_text=text) for text in "abc"]
    for subject in subjects:
        KeptRehearsal(tmp_path, subject, None).keep(_REPORT)
    found = [KeptRehearsal(tmp_path, subject, None).find() is not None for subject in subjects]
    assert found == [False, True, True]


def test_only_a_failure_that_is_certain_is_kept() -> None:
    fails = Problem(code="migration-failed", message="the disk is full", fix="correct the statement")
    assert is_compared(_DRIFT.problems)
    assert not is_compared([*_DRIFT.problems, fails])
