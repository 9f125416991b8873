"""Packing: the same bytes everywhere, and every problem of a bad tree at once."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import PackingError
from generators.file_tree import FileTree
from generators.metadata import WheelProject, package_json, project_files
from generators.packing import pack
from generators.target import Package

PROJECT = WheelProject(
    name="my-client",
    version="1.0.0",
    description="A client",
    readme="# Client\n",
    requires_python=">=3.10",
    import_package="my_client",
    scripts={"my-client": "my_client:main"},
)
SOURCES = FileTree({"__init__.py": "def main() -> None: ...\n", "py.typed": "", "größe.txt": "é"})
MANIFEST = {"name": "@org/my-client", "version": "1.0.0", "description": "A client", "main": "./index.cjs"}


def wheel(files: FileTree | None = None, *, name: str = "my-client", version: str = "1.0.0") -> Package:
    return Package(
        language="python",
        kind="wheel",
        name=name,
        version=version,
        files=files or project_files(PROJECT, SOURCES),
    )


def wheel_saying(toml: str, *, sources: FileTree = SOURCES) -> Package:
    """A wheel whose ``[project]`` is ``toml``."""
    tail = '\n[tool.hatch.build.targets.wheel]\npackages = ["my_client"]\n'
    return wheel(FileTree({"pyproject.toml": f"[project]\n{toml}{tail}"}) | sources.under("my_client"))


def npm(manifest: dict[str, object] | None = None, **files: str) -> Package:
    tree = {"package.json": package_json(manifest or MANIFEST), "index.cjs": "", **files}
    return Package(language="node", kind="npm", name="@org/my-client", version="1.0.0", files=FileTree(tree))


def codes(package: Package) -> list[str]:
    with pytest.raises(PackingError) as caught:
        pack(package)
    return sorted(problem.code for problem in caught.value.problems)


def test_the_bytes_do_not_depend_on_the_machine() -> None:
    """Other time zone, locale, umask, hash seed and folder; also another order of the files."""
    program = (
        "import os, sys; os.umask(int(sys.argv[1], 8)); sys.path.insert(0, sys.argv[2])\n"
        "import importlib.util\n"
        "spec = importlib.util.spec_from_file_location('packing_case', sys.argv[3])\n"
        "case = importlib.util.module_from_spec(spec); spec.loader.exec_module(case)\n"
        "from generators.packing import pack\n"
        "print(pack(case.wheel()).sha256, pack(case.npm()).sha256)\n"
    )
    root = Path(__file__).parents[3]
    digests = set()
    for zone, locale, umask, seed, folder in (
        ("UTC", "C", "022", "0", root),
        ("Pacific/Auckland", "C.UTF-8", "077", "4711", Path("/")),
    ):
        variables = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program, umask, str(root), __file__]
        done = subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True, text=True)
        digests.add(done.stdout)
    assert digests == {f"{pack(wheel()).sha256} {pack(npm()).sha256}\n"}


def test_the_archives_carry_fixed_times_modes_and_headers() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(wheel()).content)) as archive:
        infos = archive.infolist()
    assert {(i.date_time, i.external_attr >> 16, i.create_system) for i in infos} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644, 3)
    }
    assert infos[-1].filename.endswith("/RECORD")
    tarball = pack(npm()).content
    assert tarball[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert tarball.count(b"\x1f\x8b\x08") == 1
    with tarfile.open(fileobj=io.BytesIO(tarball)) as archive_:
        assert {(m.mode, m.uid, m.gid, m.uname, m.gname) for m in archive_} == {(0o644, 0, 0, "", "")}


def test_the_names_of_the_files_follow_each_registry() -> None:
    dotted = replace(PROJECT, name="My.Own-Client")
    package = wheel(project_files(dotted, SOURCES), name="My.Own-Client")
    assert pack(package).filename == "my_own_client-1.0.0-py3-none-any.whl"
    assert pack(npm()).filename == "org-my-client-1.0.0.tgz"


@given(st.text(), st.text())
def test_no_description_or_author_adds_a_header(description: str, author: str) -> None:
    project = replace(PROJECT, description=description, author=author)
    with zipfile.ZipFile(io.BytesIO(pack(wheel(project_files(project, SOURCES))).content)) as archive:
        metadata = message_from_bytes(archive.read("my_client-1.0.0.dist-info/METADATA"))
    allowed = {"Metadata-Version", "Name", "Version", "Summary", "Author", "Author-email"}
    assert set(metadata.keys()) - allowed == {"Requires-Python", "Description-Content-Type"}
    assert metadata.get_payload() == "# Client\n"
    assert len(str(metadata.get("Summary", ""))) <= 512


@given(st.text())
def test_package_json_reads_back_whatever_the_text(description: str) -> None:
    written = package_json({"name": "x", "description": description})
    assert set(json.loads(written.encode())) == {"name", "description"}


@pytest.mark.parametrize("breaker", ["\n", "\r", "\x00", "\x0b", "\x1c", "\x85", "\u2028", "\x7f"])
@pytest.mark.parametrize("field", ["description", "author", "classifier", "url", "keyword", "label"])
def test_a_line_break_in_a_hand_written_header_is_refused(breaker: str, field: str) -> None:
    text = json.dumps(f"x{breaker}Requires-Dist: evil")
    lines = {
        "description": f"description = {text}",
        "author": f"authors = [{{name = {text}}}]",
        "classifier": f"classifiers = [{text}]",
        "url": f"urls = {{Home = {text}}}",
        "keyword": f"keywords = [{text}]",
        "label": f"urls = {{{text} = 'https://example.org'}}",
    }
    assert codes(wheel_saying(f'name = "my-client"\nversion = "1.0.0"\n{lines[field]}')) == ["invalid-header"]


def test_every_problem_of_a_pyproject_is_told_at_once() -> None:
    found = codes(
        wheel_saying(
            'name = "-bad-"\nversion = "1.0"\nrequires-python = "three"\ndependencies = ["a b c"]\n'
            'authors = [{name = "A", email = "no address"}]\nreadme = "docs.rst"\nlicense = "My own"\n'
            'dynamic = ["version"]\nscripts = {"../x" = "os:system"}\nurls = ["x"]\n'
            'optional-dependencies = {"a b" = ["c"]}\nclassifiers = "x"\n'
        )
    )
    assert set(found) == {
        "name-mismatch",
        "version-mismatch",
        "invalid-name",
        "invalid-requires-python",
        "invalid-requirement",
        "invalid-author",
        "readme-missing",
        "invalid-license",
        "unknown-field",
        "invalid-script",
        "invalid-field",
        "invalid-extra",
    }


def test_a_version_that_is_not_canonical_is_refused() -> None:
    package = replace(
        wheel_saying('name = "my-client"\nversion = "2.0.0-rc.1"'),
        version="2.0.0-rc.1",
    )
    assert codes(package) == ["invalid-version"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff", "manifest-unreadable"),
        (b"[project", "manifest-unreadable"),
        (b"", "manifest-incomplete"),
        (b"project = 1", "manifest-incomplete"),
    ],
)
def test_a_pyproject_that_says_nothing_is_refused(content: bytes, code: str) -> None:
    assert codes(wheel(FileTree({"pyproject.toml": content}))) == [code]


def test_a_wheel_needs_its_manifest_and_its_import_package() -> None:
    assert codes(wheel(FileTree({"README.md": ""}))) == ["manifest-missing"]
    assert codes(wheel_saying('name = "my-client"\nversion = "1.0.0"', sources=FileTree({}))) == [
        "import-package-missing"
    ]


@pytest.mark.parametrize("packages", ['["a", "b"]', '["../up"]', '["my-client"]', "[]", '"my_client"'])
def test_the_import_package_is_one_name(packages: str) -> None:
    project = '[project]\nname = "my-client"\nversion = "1.0.0"\n'
    manifest = f"{project}[tool.hatch.build.targets.wheel]\npackages = {packages}"
    assert codes(wheel(FileTree({"pyproject.toml": manifest}))) == ["import-package-unknown"]


def test_every_problem_of_a_package_json_is_told_at_once() -> None:
    manifest = {
        "name": "@org/other",
        "version": "1.0.1",
        "main": "./gone.cjs",
        "bin": {"x": "bin.js"},
        "exports": {".": {"import": "./gone.mjs", "default": ["./index.cjs", "./also-gone.js"]}},
    }
    assert codes(npm(manifest)) == sorted(["name-mismatch", "version-mismatch", *["missing-entry"] * 4])


@pytest.mark.parametrize("name", ["Upper", "@org", "@org/a/b", ".hidden", "a b", "x" * 215, "../x", "@/x"])
def test_a_name_that_npm_refuses_is_refused(name: str) -> None:
    package = replace(npm({**MANIFEST, "name": name}), name=name)
    assert codes(package) == ["invalid-name"]


def test_a_version_that_python_can_not_express_is_refused() -> None:
    package = replace(npm({**MANIFEST, "version": "1.0.0+build"}), version="1.0.0+build")
    assert codes(package) == ["invalid-version"]


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"'])
def test_a_package_json_that_is_no_object_is_refused(content: str) -> None:
    files = FileTree({"package.json": content, "index.cjs": ""})
    assert codes(replace(npm(), files=files)) == ["manifest-unreadable"]


def test_a_control_character_in_a_hand_written_description_is_refused() -> None:
    files = FileTree({"package.json": json.dumps({**MANIFEST, "description": "a\nb"}), "index.cjs": ""})
    assert codes(replace(npm(), files=files)) == ["invalid-description"]


@pytest.mark.parametrize(
    "path", ["node_modules/x/index.js", ".npmrc", "lib/.git/config", "package-lock.json"]
)
def test_what_never_ships_is_refused(path: str) -> None:
    assert codes(npm(**{path: ""})) == ["unshippable-file"]


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (("Model.js", "model.js"), "colliding-paths"),
        (("caf\u00e9.js", "cafe\u0301.js"), "colliding-paths"),
        (("lib", "lib/index.js"), "file-and-folder"),
        (("Lib", "lib/index.js"), "file-and-folder"),
        (("x" * 256,), "path-too-long"),
        (("/".join(["folder"] * 200),), "path-too-long"),
        (("ж" * 128,), "path-too-long"),
    ],
)
def test_paths_that_some_file_system_can_not_hold_are_refused(paths: tuple[str, ...], code: str) -> None:
    assert codes(npm(**dict.fromkeys(paths, ""))) == [code]
    sources = SOURCES | dict.fromkeys(paths, "")
    assert codes(wheel(project_files(PROJECT, sources))) == [code]


def test_long_paths_that_are_fine_survive() -> None:
    path = "/".join(itertools.repeat("f" * 90, 6)) + "/é.txt"
    with tarfile.open(fileobj=io.BytesIO(pack(npm(**{path: "x"})).content)) as archive:
        assert f"package/{path}" in archive.getnames()
