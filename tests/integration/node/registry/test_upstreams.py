"""What pip and npm are configured with, read from the tools themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_pips_variables_are_read_where_there_is_no_pip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example.org/simple")
    monkeypatch.setenv("PIP_CERT", "/ca.pem")
    expected = PythonUpstream(index_url="https://variable.example.org/simple", certificates="/ca.pem")
    assert read_upstreams(tmp_path).python == expected


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
