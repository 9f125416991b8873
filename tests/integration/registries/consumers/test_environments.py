"""Throw-away consumers, made with uv and npm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.config.upstreams import PythonUpstream, Upstreams
from registry.consumers.throwaway_environments import npm_project, python_environment
from registry.errors import ConsumerError, RegistryUnreachableError
from schemas.errors import ExitCode

from ..artifacts import tarball_of, wheel_of


def test_a_wheel_is_installed_with_what_it_needs_and_works(tmp_path: Path, upstreams: Upstreams) -> None:
    wheel = wheel_of("local-client", content="import six\nVALUE = 7\n")
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content)
    environment = python_environment(tmp_path / "env", [path, "six"], upstream=upstreams.python)
    assert environment.run("import local_client, sys; print(local_client.VALUE, sys.argv[1:])", "a b") == (
        "7 ['a b']\n"
    )
    assert environment.run_command(["python", "-c", "import sys; print(sys.prefix)"]).strip() == str(
        environment.folder
    )


def test_a_tarball_is_installed_and_works_in_both_module_systems(tmp_path: Path) -> None:
    tarball = tarball_of("@org/local-types", content="module.exports = { value: 7 };\n")
    path = tmp_path / tarball.filename
    path.write_bytes(tarball.content)
    project = npm_project(tmp_path / "app", [path])
    module = "import types from '@org/local-types'; console.log(types.value)"
    assert project.run(module) == "7\n"
    assert project.run("console.log(require('@org/local-types').value)", kind="commonjs") == "7\n"


def test_install_scripts_do_not_run(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    manifest = {"name": "x", "version": "1.0.0", "scripts": {"postinstall": "touch ran"}}
    (package / "package.json").write_text(json.dumps(manifest))
    npm_project(tmp_path / "app", [package])
    assert not (package / "ran").exists()


def test_code_of_a_consumer_sees_none_of_our_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "TWINE_PASSWORD",
        "NODE_AUTH_TOKEN",
        "SCHEMA_SERVICE_NPM_TOKEN",
        "PYTHONPATH",
        "HTTPS_PROXY",
    ):
        monkeypatch.setenv(name, "s3kret")
    python = python_environment(tmp_path / "env", [])
    assert "s3kret" not in python.run("import os; print(dict(os.environ))")
    node = npm_project(tmp_path / "app", [])
    assert "s3kret" not in node.run("console.log(JSON.stringify(process.env))")
    assert python.run("import os; print(os.environ['DSN'])", variables={"DSN": "given"}) == "given\n"
    assert node.run("console.log(process.env.DSN)", variables={"DSN": "given"}) == "given\n"


def test_code_that_fails_shows_the_end_of_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(ConsumerError, match="No module named 'gone'") as caught:
        python_environment(tmp_path / "env", []).run("import gone")
    assert caught.value.exit_code == ExitCode.USER
    with pytest.raises(ConsumerError, match="exit code 3"):
        npm_project(tmp_path / "app", []).run("process.exit(3)")


def test_what_no_index_has_is_told(tmp_path: Path) -> None:
    offline = PythonUpstream(index_url=(tmp_path / "empty").as_uri())
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConsumerError, match="schema-service-no-such-package"):
        python_environment(tmp_path / "env", ["schema-service-no-such-package"], upstream=offline)


def test_a_registry_that_is_down_is_safe_to_try_again(
    tmp_path: Path, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    address = f"http://me:s3kret@127.0.0.1:{unused_port}/"
    with pytest.raises(RegistryUnreachableError) as python:
        python_environment(tmp_path / "env", ["six"], index_url=f"{address}simple")
    with pytest.raises(RegistryUnreachableError) as node:
        npm_project(tmp_path / "app", ["@org/x@1.0.0"], registry=address)
    for caught in (python, node):
        assert caught.value.exit_code == ExitCode.SERVICE
        assert "s3kret" not in str(caught.value)


@pytest.mark.parametrize("requirement", ["--index-url=http://evil.example.org", "-r/etc/passwd"])
def test_a_requirement_is_never_an_option(tmp_path: Path, requirement: str) -> None:
    with pytest.raises(ConsumerError):
        python_environment(tmp_path / "env", [requirement])
    with pytest.raises(ConsumerError):
        npm_project(tmp_path / "app", [requirement])
