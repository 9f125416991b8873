"""What pip and npm are configured with, held to what the tools themselves say."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.config.pip_settings import pip_settings
from registry.config.upstreams import PythonUpstream, read_upstreams


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of this machine's user takes part."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "user.npmrc"))


def test_pips_variables_win_over_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://file.example.org/simple\nfind-links =\n  /a\n  /b\n"
        "[install]\nextra-index-url = https://extra.example.org/simple\n"
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:s3kret@variable.example.org/simple")
    found = read_upstreams(tmp_path).python
    assert found.index_url == "https://me:s3kret@variable.example.org/simple"
    assert found.extra_index_urls == ("https://extra.example.org/simple",)
    assert found.find_links == ("/a", "/b")
    assert "s3kret" not in repr(found)


@pytest.mark.parametrize(
    ("files", "variables"),
    [
        ({}, {}),
        ({}, {"PIP_INDEX_URL": "https://a.example.org/simple", "PIP_CERT": "/ca.pem"}),
        ({"home/.pip/pip.conf": "[global]\nindex-url = https://legacy.example.org/\n"}, {}),
        (
            {
                "etc/pip/pip.conf": "[global]\nindex_url = https://machine.example.org/\nno-index = true\n",
                "home/.pip/pip.conf": "[global]\nindex-url = https://legacy.example.org/\n",
                "home/.config/pip/pip.conf": "[global]\nIndex-URL = https://user.example.org/\ncert=/a\n",
            },
            {},
        ),
        (
            {
                "home/.config/pip/pip.conf": "[install]\nindex-url = https://user.example.org/\n",
                "named.conf": "[global]\nindex-url = https://named.example.org/\n[list]\nformat = json\n",
            },
            {"PIP_CONFIG_FILE": "named.conf"},
        ),
        ({"home/.pip/pip.conf": "[global]\ncert = /a\n"}, {"PIP_CONFIG_FILE": "missing.conf"}),
        (
            {"home/.pip/pip.conf": "[global]\ncert = /a\n"},
            {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "/a b"},
        ),
        ({"home/.pip/pip.conf": "[global]\nfind-links =\n  /a\n  /b\n"}, {}),
        ({"home/.pip/pip.conf": "not of this kind"}, {"PIP_CERT": "/ca.pem"}),
    ],
)
def test_pips_settings_are_those_that_pip_lists(
    files: dict[str, str], variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    (tmp_path / "home").mkdir(exist_ok=True)
    for name in filter(lambda name: name.startswith("PIP_"), [*os.environ]):
        monkeypatch.delenv(name)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert pip_settings() == _listed_by_pip()


def _listed_by_pip() -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    ranked = []
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in (ranks := ["global", "install", ":env:"]):
            ranked.append((ranks.index(section), key, str(ast.literal_eval(value))))
    return {key: value for _, key, value in sorted(ranked)}


def test_npms_project_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".npmrc").write_text(
        "registry=https://npm.example.org/team/\nproxy=http://proxy.example.org/\n"
    )
    found = read_upstreams(tmp_path).npm
    assert found.registry == "https://npm.example.org/team/"
    assert found.http_proxy == "http://proxy.example.org/"


def test_a_broken_configuration_is_the_default(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[broken")
    assert read_upstreams(tmp_path).python == PythonUpstream()
