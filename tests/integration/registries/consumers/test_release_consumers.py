"""The release's step that installs each artifact into a clean consumer, on sound artifacts and on others."""

from __future__ import annotations

import py_compile
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generators.file_tree import FileTree
from generators.packing import pack
from generators.target import Artifact, GenerationRequest, Package, PackageNames
from generators.targets import all_targets
from registry.catalogue import PublishedArtifact
from registry.config.checks import ChecksTable
from registry.consumers.places import consumer_place
from registry.errors import ConsumerError
from registry.package_checks.npm_checks import NpmChecks
from registry.release.step import as_stored
from registry.release.steps import test as consumers_step
from registry.release.work_ahead import WorkAhead
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from ..artifacts import tarball_of, wheel_of

_NAMES = PackageNames(python_import="sound_client", python_migrations_import="sound_migrations")
_WHEEL = "SCHEMA_VERSION, SCHEMA_DIGEST = '1.0.0', 'd1'\n"
_TARBALL = "exports.SCHEMA_VERSION = '1.0.0'\nexports.SCHEMA_DIGEST = 'd1'\n"
_AHEAD = WorkAhead()
_SCHEMA = """
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}

model Models {
  id    Int    @id
  price Decimal
  posts ModelsJson[]
}

model ModelsJson {
  id      Int     @id
  of      Models? @relation(fields: [ofId], references: [id])
  ofId    Int?
}

view Seen {
  id Int @unique
}
"""
_DECLARED = "dist/types/models.d.cts"


@dataclass(frozen=True, slots=True)
class _Context:
    """As much of a release as the step asks for."""

    root: Path
    artifacts: tuple[Artifact, ...]
    parsed: Any = field(default_factory=lambda: SimpleNamespace(digest="d1"))
    npm_checks: NpmChecks = field(default_factory=NpmChecks)
    checks: ChecksTable = field(default_factory=ChecksTable)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(checks=self.checks)

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
        return self.parsed

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


@pytest.fixture
def no_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools look at real packages only."""
    monkeypatch.setattr(consumers_step, "package_gates", lambda *_: [])


@pytest.mark.usefixtures("no_gates")
def test_four_sound_artifacts_pass(tmp_path: Path) -> None:
    assert (
        _Context(tmp_path / "a workspace", _artifacts()).run()["summary"]
        == "4 installed into clean consumers and imported"
    )


@pytest.mark.usefixtures("no_gates")
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


@pytest.mark.usefixtures("no_gates")
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


@pytest.mark.usefixtures("no_gates")
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


@pytest.fixture(scope="module")
def npm_checks() -> Iterator[NpmChecks]:
    with NpmChecks() as checks:
        yield checks


@pytest.fixture(scope="module")
def parsed(bridge: PrismaBridge) -> Schema:
    return bridge.parse(_SCHEMA)


@pytest.fixture(scope="module")
def packages(bridge: PrismaBridge, parsed: Schema) -> Mapping[str, Package]:
    """Real packages, by their languages."""
    request = GenerationRequest(
        schema_name="sound",
        version=SchemaVersion(1, 0, 0),
        description="Sound",
        author=None,
        schema=parsed,
        migrations=(),
        names=_NAMES,
    )
    targets = [each for each in all_targets(bridge) if each.language != "migrations"]
    return {each.language: each.generate(request) for each in targets}


@pytest.fixture
def refusals(
    tmp_path: Path, npm_checks: NpmChecks, parsed: Schema, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Problem, ...]]:
    """What the release's step says of artifacts, which it only lets the tools look at."""
    monkeypatch.setattr(consumers_step, "consumer_tests", lambda *_: [])

    def refusals(*artifacts: Artifact, **checks: bool) -> tuple[Problem, ...]:
        with pytest.raises(ConsumerError) as caught:
            _Context(tmp_path, artifacts, parsed, npm_checks, ChecksTable(**checks)).run()
        return caught.value.problems

    return refusals


def test_real_packages_pass_all_gates(
    tmp_path: Path,
    packages: Mapping[str, Package],
    parsed: Schema,
    npm_checks: NpmChecks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumers_step, "consumer_tests", lambda *_: [])
    _Context(tmp_path, tuple(map(pack, packages.values())), parsed, npm_checks).run()


def _changed(package: Package, path: str, change: Callable[[str], str]) -> Artifact:
    before = package.files[path].decode() if path in package.files else ""
    return pack(replace(package, files=FileTree({**package.files, path: change(before)})))


@pytest.mark.parametrize(
    ("language", "path", "change", "file", "words"),
    [
        (
            "typescript",
            "dist/meta.mjs",
            lambda _: "module.exports = {};\n",
            "dist/meta.mjs",
            ("publint", "FILE_INVALID_EXPLICIT_FORMAT"),
        ),
        (
            "node",
            "dist/index.d.mts",
            lambda text: f'{text}export * from "./lost.cjs";\n',
            "dist/index.d.mts",
            ("attw", "Internal resolution error", "./lost.cjs"),
        ),
        (
            "node",
            "dist/prisma/index.d.ts",
            lambda text: f'{text}export namespace Lost {{\n  export type A = import("./lost").A\n}}\n',
            "dist/prisma/index.d.ts",
            ("attw", "Internal resolution error", "./lost"),
        ),
        (
            "typescript",
            _DECLARED,
            lambda text: text.replace("price: DecimalString", "price: Lost"),
            f"{_DECLARED}:",
            ("TypeScript", "error TS2304: Cannot find name 'Lost'"),
        ),
        (
            "node",
            "dist/prisma/index.d.ts",
            lambda text: text.replace("get models():", "get lost():"),
            None,
            ("TypeScript", "error TS2", "Property 'models' does not exist", "db.models.findMany()"),
        ),
        (
            "python",
            "README.md",
            lambda _: "",
            "schema_client-1.0.0.dist-info/METADATA",
            ("twine", "`long_description` missing"),
        ),
        (
            "python",
            "sound_client/left.pyc",
            lambda _: "left",
            "sound_client/left.pyc",
            ("check-wheel-contents", "W001: Wheel contains .pyc/.pyo files"),
        ),
        (
            "python",
            "sound_client/models.py",
            lambda text: text.replace("    price: _decimal.Decimal\n", "    price: _decimal.Lost | Lost\n"),
            "sound_client/models.py:",
            ("the check of declared types", "the name 'Lost' is not defined"),
        ),
    ],
    ids=[
        "publint",
        "attw",
        "attw, inside Prisma's",
        "tsc, a declaration",
        "tsc, a use",
        "twine",
        "contents",
        "types",
    ],
)
def test_what_a_tool_refuses_stops_the_release_with_its_words_and_the_file(
    packages: Mapping[str, Package],
    refusals: Callable[..., tuple[Problem, ...]],
    language: str,
    path: str,
    change: Callable[[str], str],
    file: str | None,
    words: tuple[str, ...],
) -> None:
    broken = _changed(packages[language], path, change)
    problems = refusals(broken)
    found = [each for each in problems if all(word in each.message for word in words)]
    assert found, problems
    place = broken.filename if file is None else f"{broken.filename}/{file}"
    assert any(each.place.startswith(place) for each in found), found
    assert {each.code for each in problems} == {"package-refused"}


def test_a_tool_without_an_answer_stops_the_release(
    packages: Mapping[str, Package], refusals: Callable[..., tuple[Problem, ...]]
) -> None:
    sound = pack(packages["typescript"])
    problems = refusals(replace(sound, content=sound.content[:1000]))
    assert {each.code for each in problems} == {"package-not-checked"}
    assert len(problems) == 2


def test_mypy_that_is_asked_for_and_not_installed_stops_the_release(
    packages: Mapping[str, Package],
    refusals: Callable[..., tuple[Problem, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    (problem,) = refusals(pack(packages["python"]), mypy=True)
    assert problem.code == "package-not-checked"
    assert "'schema-service[mypy]'" in str(problem.fix)


@pytest.mark.soak
def test_what_mypy_refuses_stops_the_release_with_its_words_and_the_file(
    tmp_path: Path,
    packages: Mapping[str, Package],
    parsed: Schema,
    npm_checks: NpmChecks,
    refusals: Callable[..., tuple[Problem, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MYPYPATH", "/nowhere")
    broken = _changed(
        packages["python"],
        "sound_client/models.py",
        lambda text: text.replace("    price: _decimal.Decimal\n", '    price: _decimal.Decimal = "1"\n'),
    )
    (problem,) = refusals(broken, mypy=True)
    assert problem.code == "package-refused"
    assert "mypy --strict says" in problem.message
    assert 'expression has type "str", variable has type "Decimal"' in problem.message
    assert problem.place.startswith(f"{broken.filename}/sound_client/models.py:")
    # What it has kept is of the broken one.
    _Context(tmp_path, (pack(packages["python"]),), parsed, npm_checks, ChecksTable(mypy=True)).run()
