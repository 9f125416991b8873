"""Every example in the client's documentation is run, page by page, on a database of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from migrations.scratch.scratch_server import ScratchServer
from schemas.partial_types.checking import read_partial_types
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

_DOCS = Path(__file__).parents[2] / "docs" / "python-client"
_PARTIAL_TYPES = _DOCS / "partial_types.py"
_PAGES = sorted(page.name for page in _DOCS.glob("*.md"))
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([\w.-]+)\)")


def _program(page: str) -> str:
    """A page's examples as one program, whose line numbers are the page's."""
    text = (_DOCS / page).read_text("utf-8")
    lines = [""] * text.count("\n")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        for offset, line in enumerate(block[1].splitlines()):
            lines[first + offset] = line
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def request_of_docs(bridge: PrismaBridge) -> GenerationRequest:
    schema = bridge.parse((_DOCS / "schema.prisma").read_text("utf-8"))
    partials = read_partial_types(_PARTIAL_TYPES.read_text("utf-8"), schema, _PARTIAL_TYPES.name)
    assert partials.problems == ()
    return GenerationRequest(
        schema_name="docs",
        version=SchemaVersion.parse("1.0.0"),
        description="The schema of the documentation",
        author=None,
        schema=replace(schema, partials=partials.types),
        migrations=(),
        names=PackageNames(),
    )


@pytest.fixture(scope="module")
def folder(request_of_docs: GenerationRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated client, and beside it each page as a program."""
    folder = tmp_path_factory.mktemp("docs")
    for path, content in PythonClientTarget().generate(request_of_docs).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for page in _PAGES:
        (folder / _file(page)).write_text(_program(page), "utf-8")
    return folder


@pytest.fixture
def database(
    bridge: PrismaBridge, scratch_server: ScratchServer, request_of_docs: GenerationRequest
) -> Iterator[str]:
    with scratch_server.new_database() as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(bridge.diff(None, request_of_docs.schema.text).encode())
        yield dsn


@pytest.mark.parametrize("page", _PAGES)
def test_a_pages_examples_run(page: str, folder: Path, database: str) -> None:
    done = subprocess.run(
        [sys.executable, _file(page)],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_pyright_finds_the_examples_right(folder: Path) -> None:
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["page_*.py"]}
    settings["reportDuplicateImport"] = "none"  # examples of one page may each import the client
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [
        str(Path(sys.executable).parent / "basedpyright"),
        "--pythonpath",
        sys.executable,
        "--outputjson",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    wrong = [item for item in found if item["severity"] == "error"]
    assert [
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1, item["message"]) for item in wrong
    ] == []


@pytest.mark.soak
def test_mypy_finds_the_examples_right(folder: Path) -> None:
    """Strictly, for the pages are those who use everything; it infers less from a dict than pyright does."""
    mypy = str(Path(sys.executable).parent / "mypy")
    command = [mypy, "--strict", "--no-error-summary", "--config-file=", *map(_file, _PAGES)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "", done.stdout


def test_the_partial_types_are_shown_as_they_are() -> None:
    shown = re.search(r"^```py\n(.*?)^```", (_DOCS / "partial-types.md").read_text("utf-8"), re.M | re.S)
    assert shown
    assert _PARTIAL_TYPES.read_text("utf-8").endswith(f'schema.prisma."""\n\n{shown[1]}')


def test_links_between_pages_lead_somewhere() -> None:
    for page in _PAGES:
        for target in _LINK.findall((_DOCS / page).read_text("utf-8")):
            assert (_DOCS / target).exists(), (page, target)


def _file(page: str) -> str:
    return f"{_module(page)}.py"


def _module(page: str) -> str:
    return f"page_{page.removesuffix('.md').replace('-', '_')}"
