"""The release's step that installs each artifact into a clean consumer, on sound artifacts and on others."""

from __future__ import annotations

import py_compile
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generators.target import Artifact, PackageNames
from registry.catalogue import PublishedArtifact
from registry.consumers.places import consumer_place
from registry.errors import ConsumerError
from registry.release.step import as_stored
from registry.release.steps import test as consumers_step
from registry.release.work_ahead import WorkAhead
from schemas.versions import SchemaVersion

from ..artifacts import tarball_of, wheel_of

_NAMES = PackageNames(python_import="sound_client", python_migrations_import="sound_migrations")
_WHEEL = "SCHEMA_VERSION, SCHEMA_DIGEST = '1.0.0', 'd1'\n"
_TARBALL = "exports.SCHEMA_VERSION = '1.0.0'\nexports.SCHEMA_DIGEST = 'd1'\n"
_AHEAD = WorkAhead()


@dataclass(frozen=True, slots=True)
class _Context:
    """As much of a release as the step asks for."""

    root: Path
    artifacts: tuple[Artifact, ...]

    def consumer_folder(self) -> Path:
        folder = self.root / "consumers" / "now"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def remove_consumers(self) -> None:
        shutil.rmtree(self.root / "consumers" / "now")

    @property
    def ahead(self) -> WorkAhead:
        return _AHEAD

    def schema(self, _snapshot: object) -> Any:
        return SimpleNamespace(digest="d1")

    def artifact(self, _snapshot: object, packed: PublishedArtifact) -> Artifact:
        return next(each for each in self.artifacts if each.filename == packed.filename)

    def run(self) -> Any:
        version = SchemaVersion(1, 0, 0)
        snapshot: Any = SimpleNamespace(version=version, package_version=version, names=_NAMES)
        context: Any = self
        packed = as_stored(tuple(PublishedArtifact.of(each) for each in self.artifacts))
        _AHEAD.end()
        return consumers_step.run(context, snapshot, {"pack": {"artifacts": packed}})


def _artifacts(
    *, python: str = _WHEEL, migrations: str = _WHEEL, node: str = _TARBALL, types: str = _TARBALL
) -> tuple[Artifact, ...]:
    return (
        wheel_of("sound-client", content=python),
        replace(wheel_of("sound-migrations", content=migrations), language="migrations"),
        tarball_of("@org/sound-client", content=node),
        replace(tarball_of("@org/sound-types", content=types), language="typescript"),
    )


def test_four_sound_artifacts_pass(tmp_path: Path) -> None:
    assert (
        _Context(tmp_path / "a workspace", _artifacts()).run()["summary"]
        == "4 installed into clean consumers and imported"
    )


def test_every_artifact_that_is_not_sound_is_told(tmp_path: Path) -> None:
    lies = _WHEEL.replace("d1", "d2")
    fails = f"import sound_client\n{_WHEEL}"  # it is installed beside this one, and not for it
    silent = "process.exit(0)\n"
    neighbour = f"require('@org/sound-client')\n{_TARBALL}"
    with pytest.raises(ConsumerError) as caught:
        _Context(tmp_path, _artifacts(python=lies, migrations=fails, node=silent, types=neighbour)).run()
    problems = caught.value.problems
    assert [problem.code for problem in problems] == [
        "artifact-says-otherwise",
        "consumer-failed",
        "artifact-says-otherwise",
        "consumer-failed",
    ]
    assert "'1.0.0 d2" in problems[0].message
    assert "No module named 'sound_client'" in problems[1].message
    assert "org-sound-client-1.0.0.tgz" in problems[2].message
    assert "MODULE_NOT_FOUND" in problems[3].message


def test_what_was_compiled_for_the_release_before_is_only_taken_for_the_same_source(tmp_path: Path) -> None:
    _Context(tmp_path, _artifacts()[:1]).run()
    source = tmp_path / "earlier.py"
    source.write_text(_WHEEL.replace("d1", "d2"))
    (compiled,) = (tmp_path / "consumers" / "bytecode").glob("**/sound_client/__init__.*.pyc")
    written = compiled.stat().st_mtime_ns
    _Context(tmp_path, _artifacts()[:1]).run()
    assert compiled.stat().st_mtime_ns == written, "it was compiled again"
    # Unchecked: as if time and size were those of the new file.
    for mode in (py_compile.PycInvalidationMode.UNCHECKED_HASH, py_compile.PycInvalidationMode.CHECKED_HASH):
        py_compile.compile(str(source), str(compiled), invalidation_mode=mode)
        _Context(tmp_path, _artifacts()[:1]).run()


def test_one_tarball_that_can_not_be_installed_is_told_apart_from_the_other(tmp_path: Path) -> None:
    sound, broken = _artifacts()[2:]
    broken = tarball_of("@org/sound-types", content="}")
    broken = replace(broken, language="typescript", content=broken.content[:200])
    with pytest.raises(ConsumerError) as caught:
        _Context(tmp_path, (sound, broken)).run()
    assert [problem.code for problem in caught.value.problems] == ["install-failed"]


def test_two_releases_at_once_have_a_place_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_CACHE", str(tmp_path))
    with consumer_place() as first, consumer_place() as second:
        assert first != second
        (first / "left").touch()
    with consumer_place() as third:
        assert third == first
        assert not [*third.iterdir()]
    assert not third.exists()
