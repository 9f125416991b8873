"""Our packers against the tools they stand in for: the same tree through `python -m build` and `npm pack`."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from importlib import resources
from pathlib import Path

import pytest
from twine.commands.check import check

from generators.file_tree import FileTree
from generators.metadata import WheelProject, package_json, project_files
from generators.packing import pack
from generators.target import Artifact, GenerationRequest, Language, Package, PackageNames
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.versions import SchemaVersion

_PROJECT = WheelProject(
    name="review-client",
    version="2.1.0rc1",
    description='Reviews: "quoted", back\\slash, Größe, עברית\nand a second line',
    readme="# Reviews\r\n\n`${HOME}` {{ x }}\n\nAuthor: not a header\n",
    requires_python=">=3.10,<4",
    import_package="review_client",
    author="Zoë O'Neil <zoe@example.org>",
    dependencies=("Psycopg[binary, pool] >= 3.2", 'typing_extensions; python_version < "3.12"'),
    optional_dependencies={"SQL_Alchemy": ("sqlalchemy>=2,<3", "greenlet; sys_platform == 'linux'")},
    urls={"Schema": "https://example.org/schema?version=2.1.0-rc.1"},
    scripts={"review-client": "review_client.cli:main", "another": "review_client.cli:app.run"},
    keywords=("postgres", "client"),
    classifiers=("Typing :: Typed", "Programming Language :: Python :: 3"),
)
_SOURCES = FileTree(
    {
        "__init__.py": '"""Ünïcode."""\n',
        "py.typed": "",
        "cli.py": "def main() -> None: ...\n",
        "models/__init__.py": "",
        "models/RECORD": "a file, not the wheel's record",
        "models/" + "long_" * 30 + ".py": "x = 1\n",
        "sql/001_init/up.sql": "SELECT 1;\n",
    }
)
_NODE_FILES = FileTree(
    {
        "package.json": package_json(
            {
                "name": "@org/review-client",
                "version": "2.1.0-rc.1",
                "description": "Größe\nand a second line",
                "main": "./index.cjs",
                "types": "./index.d.ts",
                "exports": {".": {"import": "./index.mjs", "require": "./index.cjs"}},
                "files": ["*"],
                "license": "UNLICENSED",
            }
        ),
        "README.md": "# Reviews\n",
        "index.cjs": "module.exports = {};\n",
        "index.mjs": "export {};\n",
        "index.d.ts": "export {};\n",
        "deep/" + "folder/" * 20 + "größe.json": "{}\n",
        "query.wasm": bytes(range(256)) * 40,
    }
)


def wheel() -> Package:
    return Package(
        language="python",
        kind="wheel",
        name=_PROJECT.name,
        version=_PROJECT.version,
        files=project_files(_PROJECT, _SOURCES) | {"LICENSE": "All rights reserved.\n"},
    )


def npm() -> Package:
    return Package(
        language="node", kind="npm", name="@org/review-client", version="2.1.0-rc.1", files=_NODE_FILES
    )


def write(files: FileTree, folder: Path) -> Path:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def wheel_contents(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def tarball_contents(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        opened = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read() for name, file in opened.items() if file is not None}


def build_with_hatchling(package: Package, folder: Path) -> Path:
    """The wheel that `python -m build` makes of the package."""
    out = folder / "built"
    source = write(package.files, folder / "source")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    (built,) = out.iterdir()
    return built


def pack_with_npm(package: Package, folder: Path) -> Path:
    """The tarball that `npm pack` makes of the package."""
    out = folder / "packed"
    out.mkdir()
    source = write(package.files, folder / "source")
    command = [*npm_command(), "pack", "--ignore-scripts", "--pack-destination", str(out)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, env=node_environment())
    (built,) = out.iterdir()
    return built


def comparable_wheel(content: bytes) -> dict[str, bytes]:
    """A wheel's files without the two that name the tool that made it: WHEEL, and its line in RECORD."""
    files = wheel_contents(content)
    (info,) = {name.partition("/")[0] for name in files if ".dist-info/" in name}
    del files[f"{info}/WHEEL"]
    lines = sorted(line for line in files[f"{info}/RECORD"].splitlines() if b"/WHEEL," not in line)
    return files | {f"{info}/RECORD": b"\n".join(lines)}


@pytest.fixture(scope="module")
def built_by_hatchling(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    built = build_with_hatchling(wheel(), tmp_path_factory.mktemp("hatchling"))
    assert built.name == pack(wheel()).filename
    return built.read_bytes()


def test_a_wheel_has_the_files_the_metadata_and_the_record_of_hatchling(built_by_hatchling: bytes) -> None:
    assert comparable_wheel(pack(wheel(), with_sbom=False).content) == comparable_wheel(built_by_hatchling)


def test_the_wheel_file_says_what_hatchling_says(built_by_hatchling: bytes) -> None:
    def said(content: bytes) -> list[tuple[str, str]]:
        files = wheel_contents(content)
        (name,) = (name for name in files if name.endswith(".dist-info/WHEEL"))
        headers = message_from_bytes(files[name]).items()
        return [(key, str(value)) for key, value in headers if key != "Generator"]

    assert said(pack(wheel()).content) == said(built_by_hatchling)


def test_twine_check_passes_strictly(tmp_path: Path) -> None:
    artifact = pack(wheel())
    (tmp_path / artifact.filename).write_bytes(artifact.content)
    assert check([str(tmp_path / artifact.filename)], strict=True) is False  # False: nothing failed


@pytest.fixture(scope="module")
def packed_by_npm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    built = pack_with_npm(npm(), tmp_path_factory.mktemp("npm"))
    assert built.name == pack(npm()).filename
    return built.read_bytes()


def test_a_tarball_has_the_files_that_npm_packs(packed_by_npm: bytes) -> None:
    assert tarball_contents(pack(npm(), with_sbom=False).content) == tarball_contents(packed_by_npm)


def test_a_tarball_has_the_modes_times_and_owners_of_npm(packed_by_npm: bytes) -> None:
    def attributes(content: bytes) -> set[tuple[int, int, int, int]]:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            return {(m.mode, int(m.mtime), m.uid, m.gid) for m in archive.getmembers()}

    assert attributes(pack(npm()).content) == attributes(packed_by_npm)


def test_pip_and_npm_install_what_was_packed(tmp_path: Path) -> None:
    artifacts: list[Artifact] = [pack(wheel()), pack(npm())]
    for artifact in artifacts:
        (tmp_path / artifact.filename).write_bytes(artifact.content)
    site = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
    ]
    subprocess.run([*pip, str(tmp_path / artifacts[0].filename)], check=True, capture_output=True)
    assert (site / "review_client" / "models" / "RECORD").read_bytes() == _SOURCES["models/RECORD"]

    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text("{}")
    install = [*npm_command(), "install", "--offline", str(tmp_path / artifacts[1].filename)]
    subprocess.run(install, cwd=project, check=True, capture_output=True, env=node_environment())
    installed = project / "node_modules" / "@org" / "review-client"
    assert (installed / "query.wasm").read_bytes() == _NODE_FILES["query.wasm"]


@pytest.fixture(scope="module")
def sample_packages(bridge: PrismaBridge) -> dict[Language, Package]:
    """The four packages of the sample's last version, as they would be published."""
    folder = Path(str(resources.files("schemas") / "sample" / "schemas"))
    newest = max(folder.iterdir(), key=lambda path: SchemaVersion.parse(path.name))
    request = GenerationRequest(
        schema_name="schema",
        version=SchemaVersion.parse(newest.name),
        description='One "line"\nand another',
        author="Zoë O'Neil <zoe@example.org>",
        schema=bridge.parse((newest / "schema.prisma").read_text(encoding="utf-8")),
        migrations=(),
        names=PackageNames(),
        changelog="# Größe\n",
    )
    return {target.language: target.generate(request) for target in all_targets(bridge)}


@pytest.mark.parametrize("language", ["python", "migrations"])
def test_the_samples_wheels_are_those_of_hatchling(
    sample_packages: dict[Language, Package], language: Language, tmp_path: Path
) -> None:
    package = sample_packages[language]
    ours, theirs = pack(package, with_sbom=False), build_with_hatchling(package, tmp_path)
    assert ours.filename == theirs.name
    assert comparable_wheel(ours.content) == comparable_wheel(theirs.read_bytes())
    assert any(path.endswith("/CHANGELOG.md") for path in package.files)
    (tmp_path / ours.filename).write_bytes(ours.content)
    assert check([str(tmp_path / ours.filename)], strict=True) is False  # False: nothing failed


@pytest.mark.parametrize("language", ["node", "typescript"])
def test_the_samples_tarballs_are_those_of_npm(
    sample_packages: dict[Language, Package], language: Language, tmp_path: Path
) -> None:
    package = sample_packages[language]
    ours, theirs = pack(package, with_sbom=False), pack_with_npm(package, tmp_path)
    assert ours.filename == theirs.name
    assert "CHANGELOG.md" in package.files
    assert tarball_contents(ours.content) == tarball_contents(theirs.read_bytes())
