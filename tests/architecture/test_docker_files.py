"""The files of docker/, read by linters: Dockerfiles, the compose file, Kubernetes manifests, scripts."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.cli.command_names.command_index import COMMANDS

from ..documented_page import commands

_DOCKER = Path(__file__).parents[2] / "docker"
_SCRIPTS = Path(sys.executable).parent
_MANIFESTS = sorted(path for path in (_DOCKER / "kubernetes").glob("*.yaml") if path.stem != "kustomization")
# Debian's own packages at their versions of the day, in images that tests alone use.
_ROOT = _DOCKER.parent
_COMPOSE_SCHEMA = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")
_COMPOSE_LINT = ("compose-lint", "--fail-on", "medium")
_KUBERNETES = ("kubernetes-validate", "--strict")
_YAMLLINT = (
    "yamllint",
    "--strict",
    "--config-data",
    "{extends: default, rules: {line-length: {max: 120}, document-start: disable, braces: disable, "
    "truthy: {check-keys: false}}}",
)
_YAML, _SCRIPTS_KEPT = ("*.yml", "*.yaml"), ("*.sh", ".ci/run", "docker/testing/podman")
_FOR_TESTS = ("--ignore", "DL3008", "--ignore", "DL3066")


def _run(tool: str, *arguments: str | Path) -> None:
    command = [str(_SCRIPTS / tool), *map(str, arguments)]
    done = subprocess.run(command, cwd=_DOCKER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfiles() -> None:
    files = sorted(_DOCKER.rglob("*Dockerfile"))
    for_tests = [file for file in files if file.parent.name == "testing"]
    _run("hadolint", *(file for file in files if file not in for_tests))
    _run("hadolint", *_FOR_TESTS, *for_tests)


def test_the_compose_file() -> None:
    _run(*_COMPOSE_SCHEMA, *_DOCKER.rglob("compose.yml"))
    _run(*_COMPOSE_LINT, "compose.yml")


def test_redis_and_opensearch_know_nothing_of_the_schema() -> None:
    services: dict[str, Any] = yaml.safe_load((_DOCKER / "compose.yml").read_text())["services"]
    for name in ("redis", "opensearch"):
        assert not {"depends_on", "build"} & services[name].keys()
        assert "DATABASE_URL" not in services[name].get("environment", {})


def test_kubernetes_manifests() -> None:
    _run(*_KUBERNETES, *_MANIFESTS)


def test_the_kustomization_has_every_manifest_and_image() -> None:
    kustomization = yaml.safe_load((_DOCKER / "kubernetes" / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == [path.name for path in _MANIFESTS]
    documents = [each for path in _MANIFESTS for each in yaml.safe_load_all(path.read_text())]
    assert {each["name"] for each in kustomization["images"]} == set(_values("image", documents))


def test_yaml_and_scripts() -> None:
    listed = (
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        *_YAML,
        *_SCRIPTS_KEPT,
    )
    done = subprocess.run(listed, cwd=_ROOT, check=True, capture_output=True, text=True)
    files = [_ROOT / name for name in done.stdout.split("\0") if name and (_ROOT / name).exists()]
    texts = [file for file in files if file.suffix in (".yml", ".yaml")]
    assert {"compose.yml", "github.yml", "mkdocs.yml"} <= {file.name for file in texts}
    _run(*_YAMLLINT, *texts)
    scripts = [file for file in files if file not in texts]
    assert {"run", "podman", "engine.sh"} <= {file.name for file in scripts}
    _run("shellcheck", "--external-sources", "--source-path=SCRIPTDIR", *scripts)


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("Dockerfile", "FROM debian\nRUN cd /tmp\n", ("hadolint",)),
        ("compose.yml", "services: {a: {image: b, imagee: c}}\n", _COMPOSE_SCHEMA),
        ("compose.yml", "services: {a: {image: b, privileged: true}}\n", _COMPOSE_LINT),
        ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {contains: []}\n", _KUBERNETES),
        ("a.yml", "a:\n   - b\n c: d\n", _YAMLLINT),
        ("a.sh", "#!/bin/sh\nrm $1\n", ("shellcheck",)),
    ],
    ids=["hadolint", "check-jsonschema", "compose-lint", "kubernetes-validate", "yamllint", "shellcheck"],
)
def test_each_linter_finds_a_fault(name: str, text: str, command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(AssertionError, match=name):
        _run(*command, tmp_path / name)


_PAGE = "containers.md"


@pytest.mark.parametrize("line", [line for line in commands(_PAGE) if "docker build" in line])
def test_an_image_is_built_as_its_page_says(line: str) -> None:
    words = shlex.split(line)
    file = _DOCKER.parent / words[words.index("--file") + 1]
    given = {words[place + 1].partition("=")[0] for place, word in enumerate(words) if word == "--build-arg"}
    assert given <= set(re.findall(r"^ARG (\w+)", file.read_text(), re.MULTILINE))


def test_the_commands_of_the_page_name_files_and_services_that_there_are() -> None:
    services = yaml.safe_load((_DOCKER / "compose.yml").read_text())["services"]
    for words in map(shlex.split, commands(_PAGE)):
        match words:
            case ["docker", "compose", "run", "--rm", service, name, *_]:
                assert service in services
                assert name in {entry[0] for entry in COMMANDS}
            case ["cp", source, _]:
                assert (_DOCKER.parent / source).exists()
            case [script] if script.startswith("./"):
                assert (_DOCKER / script).exists()
            case ["./consumers.sh", _]:
                assert (_DOCKER / "consumers.sh").exists()
            case ["kubectl", "apply", "--kustomize", folder]:
                assert (_DOCKER.parent / folder / "kustomization.yaml").exists()
            case ["kubectl", *words]:
                manifests = "".join(path.read_text() for path in _MANIFESTS)
                assert "name: reviews\n" in manifests
                assert "name: reviews-database" in manifests.replace("{name: ", "name: ")
                assert "reviews" in words
            case _:
                assert words[:2] in (
                    ["make", "images"],
                    ["cd", "docker"],
                    ["docker", "compose"],
                    ["docker", "build"],
                )


def _values(key: str, value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for each in value for found in _values(key, each)]
    if isinstance(value, dict):
        here = [value[key]] if key in value else []
        return here + [found for each in value.values() for found in _values(key, each)]
    return []
