"""docs/how-to/consumers.md with the installers themselves: ours come from our servers, and from nowhere else.

The installers are those that npm and PyPI have today; where one is not to be had, its test is skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

from registry.config.upstreams import read_upstreams
from registry.consumers.throwaway_environments import python_environment
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.errors import ServiceError
from schemas.prisma.nodejs import node_environment, node_executable, npm_command

from ....documented_page import blocks
from ..release_kit import leave_out_consumers, team_environment
from .reader import Reader

pytestmark = pytest.mark.soak
_PAGE = "how-to/consumers.md"
_SCHEMA = """\
schema-service init service --name schema
cd service
schema-service migration new init
schema-service publish 1.0.0
schema-service new 1.1.0
sed -i 's/  name .*/&\\n  phone String?/' schemas/1.1.0/schema.prisma
schema-service migration new phone
schema-service publish 1.1.0
"""
_VERSION = "1.1.0"


@pytest.fixture(scope="module")
def published(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> dict[str, str]:
    """What the page calls its servers, and where they are; they have version 1.1.0."""
    with pytest.MonkeyPatch.context() as patch:
        leave_out_consumers(patch)
        reader = Reader(tmp_path_factory.mktemp("schema"), in_process=True)
        reader.environment |= team_environment(devpi, verdaccio)
        reader.run(_SCHEMA)
    return {
        "https://packages.example/simple/": devpi.index_url,
        "https://npm.example/": verdaccio.url,
        "2.0.0": _VERSION,
    }


@pytest.fixture
def settings(published: dict[str, str]) -> Callable[[str, str], str]:
    """``settings(language, word)``: the page's block of the language that has the word, for these servers."""

    def find(language: str, word: str) -> str:
        (text,) = (text for text in blocks(_PAGE, language) if word in text)
        for named, real in published.items():
            text = text.replace(named, real)
        return text

    return find


def _run(folder: Path, *command: str | Path, **variables: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**node_environment(), "HOME": str(folder), "CI": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pnpm and both kinds of yarn, from npm."""
    folder = tmp_path_factory.mktemp("tools")
    (folder / "package.json").write_text("{}")
    names = ["pnpm", "yarn@1", "@yarnpkg/cli-dist"]
    done = subprocess.run(
        [*npm_command(), "install", "--no-audit", "--no-fund", "--ignore-scripts", *names],
        cwd=folder,
        env=node_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no pnpm and no yarn: {done.stderr.splitlines()[-1:]}")
    return folder / "node_modules"


#: For packages of others: what asks it for ours finds nothing.
_NOBODY = "http://127.0.0.1:9/"
_USE = 'import { SCHEMA_VERSION } from "@org/schema-types"; console.log(SCHEMA_VERSION);\n'


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("pnpm/bin/pnpm.mjs", ()),
        ("yarn/bin/yarn.js", ()),
        ("@yarnpkg/cli-dist/bin/yarn.js", ("--no-immutable",)),
    ],
    ids=["pnpm", "yarn 1", "yarn"],
)
def test_the_scope_comes_from_its_registry(
    program: str, arguments: tuple[str, ...], tools: Path, settings: Callable[[str, str], str], tmp_path: Path
) -> None:
    dependencies = {"@org/schema-types": _VERSION}
    document = {"name": "service", "version": "1.0.0", "private": True, "dependencies": dependencies}
    (tmp_path / "package.json").write_text(json.dumps(document))
    (tmp_path / "use.mjs").write_text(_USE)
    if program.startswith("@yarnpkg"):
        (tmp_path / "yarn.lock").touch()
        others = (
            f'npmRegistryServer: "{_NOBODY}"\nunsafeHttpWhitelist: ["127.0.0.1"]\nnodeLinker: node-modules\n'
        )
        (tmp_path / ".yarnrc.yml").write_text(settings("yaml", "npmScopes") + others)
    else:
        (tmp_path / ".npmrc").write_text(f"{settings('ini', '@org')}registry={_NOBODY}\n")
    _run(tmp_path, node_executable(), tools / program, "install", *arguments)
    assert _run(tmp_path, node_executable(), "use.mjs").strip() == _VERSION


def test_uv_takes_ours_from_our_index_and_others_from_another(
    settings: Callable[[str, str], str], devpi: LocalDevpi, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(settings("toml", "[[tool.uv.index]]"))
    _run(tmp_path, uv.find_uv_bin(), "sync", "--no-install-project", UV_DEFAULT_INDEX=_others(devpi))
    _uses(tmp_path, tmp_path / ".venv" / "bin" / "python")
    _ours_are_ours(tmp_path / "uv.lock", devpi)


def test_poetry_takes_ours_from_our_index_and_others_from_another(
    settings: Callable[[str, str], str], devpi: LocalDevpi, tmp_path: Path
) -> None:
    try:
        poetry = python_environment(tmp_path / "poetry", ["poetry"], upstream=read_upstreams().python)
    except ServiceError as error:
        pytest.skip(f"no poetry: {error}")
    others = f'\n[[tool.poetry.source]]\nname = "others"\nurl = "{_others(devpi)}"\npriority = "primary"\n'
    (tmp_path / "pyproject.toml").write_text(settings("toml", "tool.poetry.source") + others)
    _run(tmp_path, poetry.scripts / "poetry", "install", "--no-root", POETRY_VIRTUALENVS_IN_PROJECT="true")
    _uses(tmp_path, tmp_path / ".venv" / "bin" / "python")
    _ours_are_ours(tmp_path / "poetry.lock", devpi)


def test_pip_takes_hashes_from_one_index(
    settings: Callable[[str, str], str], devpi: LocalDevpi, tmp_path: Path
) -> None:
    venv = python_environment(tmp_path / "venv", [])
    (tmp_path / "pip.conf").write_text(settings("ini", "index-url"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        venv.python,
        "install",
        "--quiet",
        f"schema-client=={_VERSION}",
    ]
    _run(tmp_path, *command, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), PIP_DISABLE_PIP_VERSION_CHECK="1")
    _uses(tmp_path, venv.python)


def _others(devpi: LocalDevpi) -> str:
    """The mirror alone, in which ours are not."""
    return f"{devpi.url}root/pypi/+simple/"


def _uses(folder: Path, python: Path) -> None:
    program = "import schema_client; print(schema_client.SCHEMA_VERSION)"
    assert _run(folder, python, "-c", program).strip() == _VERSION


def _ours_are_ours(lock: Path, devpi: LocalDevpi) -> None:
    (ours,) = (each for each in tomllib.loads(lock.read_text())["package"] if each["name"] == "schema-client")
    assert devpi.index_url.rstrip("/") in str(ours["source"])
