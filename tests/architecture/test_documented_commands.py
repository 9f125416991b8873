"""The commands that the documentation shows do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from registry.cli.command_names.command_index import COMMANDS, load

from ..command_line import CommandLine
from ..documented_page import DOCS, blocks, commands

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


_PAGES = ["../README.md", *sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))]
_TESTS = Path(__file__).parents[1]
#: Of pages that are made from the code, and of those that a test takes by the folder.
_MADE, _BY_FOLDER = "<!-- Written by `make docs`", "python-client"
_EXAMPLES = re.compile(r"^```\w", re.MULTILINE)
_LINES = sorted(
    {
        line
        for page in _PAGES
        for line in commands(page)
        if line.split()[0] == "schema-service" and "&&" not in line
    }
)


@pytest.mark.parametrize("line", _LINES)
def test_a_command_of_a_page_is_one_with_these_arguments(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It isn't run here: the tests of its page do that."""
    _, name, *arguments = shlex.split(line.removesuffix(" &"))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    monkeypatch.chdir(workspace)
    for folder in (each for each in arguments if each.startswith("../")):
        (workspace / folder).mkdir(parents=True)
    if name.startswith("--"):
        return
    assert name in {entry[0] for entry in COMMANDS}
    with load(name).make_context(name, arguments, resilient_parsing=False):
        pass


def test_each_page_with_examples_is_named_by_a_test() -> None:
    tests = "".join(file.read_text("utf-8") for file in _TESTS.rglob("*.py"))
    named = set(re.findall(r"""["/]([\w-]+\.md)["']""", tests))
    texts = {page: (DOCS / page).read_text("utf-8") for page in _PAGES if not page.startswith(_BY_FOLDER)}
    shown = [page for page, text in texts.items() if not text.startswith(_MADE) and _EXAMPLES.search(text)]
    assert len(shown) > 30
    assert [page for page in shown if Path(page).name not in named] == []


@pytest.mark.parametrize("page", ["operations/releases.md", "how-to/roll-back.md", "how-to/withdraw.md"])
def test_the_commands_of_a_page_are_run_with_those_of_another(page: str) -> None:
    """With a-release.md, which test_page_a_release.py follows."""
    run = set(commands("a-release.md"))
    assert [line for line in commands(page) if line not in run] == []


_CONSUMERS = "how-to/consumers.md"
_SETTINGS = [
    *(("pip.conf", text) for text in blocks(_CONSUMERS, "ini") if "index-url" in text),
    *((".npmrc", text) for text in blocks(_CONSUMERS, "ini") if "@org" in text),
    *(("pyproject.toml", text) for text in blocks(_CONSUMERS, "toml")),
]


@pytest.mark.parametrize(("name", "text"), _SETTINGS)
def test_a_consumer_s_settings_let_no_stranger_in(name: str, text: str, cli: CommandLine) -> None:
    cli.with_workspace()
    toml = (cli.folder / "schema-service.toml").read_text().replace("shop", "schema")
    toml = toml.replace("http://127.0.0.1:3141/schema/release/", "https://packages.example/")
    cli.write("schema-service.toml", toml.replace("http://127.0.0.1:4873/", "https://npm.example/"))
    toml = (cli.folder / "schema-service.toml").read_text()
    cli.write(
        "schema-service.toml",
        toml.replace('example/"\n', 'example/"\nindex_url = "https://packages.example/simple/"\n', 1),
    )
    service = cli.folder / "service"
    service.mkdir()
    (service / "package.json").write_text('{"dependencies": {"@org/schema-client": "2.0.0"}}')
    (service / ".npmrc").write_text("@org:registry=https://npm.example/\n")
    (service / "requirements.txt").write_text("schema-client==2.0.0\n" if name == "pip.conf" else "")
    (service / name).write_text(text)
    accepted = cli.run("audit", "service")
    assert accepted.exit_code == 0, accepted.output + accepted.errors
    (service / name).write_text(text.replace(".example/", ".elsewhere.example/"))
    assert cli.run("audit", "service").exit_code == 1


def test_the_page_has_settings_of_four_installers() -> None:
    assert [name for name, _ in _SETTINGS] == ["pip.conf", ".npmrc", "pyproject.toml", "pyproject.toml"]
