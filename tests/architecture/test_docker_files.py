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

from registry.cli.command_index import COMMANDS

from ..documented_page import commands

_DOCKER = Path(__file__).parents[2] / "docker"
_SCRIPTS = Path(sys.executable).parent
_MANIFESTS = sorted(path for path in (_DOCKER / "kubernetes").glob("*.yaml") if path.stem != "kustomization")
# Debian's own packages at their versions of the day, in images that tests alone use.
_FOR_TESTS = ("--ignore", "DL3008", "--ignore", "DL3066")


def _run(tool: str, *arguments: str | Path) -> None:
    command = [str(_SCRIPTS / tool), *map(str, arguments)]
    done = subprocess.run(command, cwd=_DOCKER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfiles() -> None:
    _run("hadolint", *_DOCKER.glob("*.Dockerfile"), *_DOCKER.glob("*/Dockerfile"))
    _run("hadolint", *_FOR_TESTS, *_DOCKER.glob("testing/*.Dockerfile"))


def test_the_compose_file() -> None:
    _run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yml", "testing/compose.yml")
    _run("compose-lint", "--fail-on", "medium", "compose.yml")


def test_redis_and_opensearch_know_nothing_of_the_schema() -> None:
    services: dict[str, Any] = yaml.safe_load((_DOCKER / "compose.yml").read_text())["services"]
    for name in ("redis", "opensearch"):
        assert not {"depends_on", "build"} & services[name].keys()
        assert "DATABASE_URL" not in services[name].get("environment", {})


@pytest.mark.parametrize("manifest", _MANIFESTS, ids=lambda path: path.name)
def test_kubernetes_manifests(manifest: Path) -> None:
    _run("kubernetes-validate", "--strict", "--quiet", manifest)


def test_the_kustomization_has_every_manifest_and_image() -> None:
    kustomization = yaml.safe_load((_DOCKER / "kubernetes" / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == [path.name for path in _MANIFESTS]
    documents = [each for path in _MANIFESTS for each in yaml.safe_load_all(path.read_text())]
    assert {each["name"] for each in kustomization["images"]} == set(_values("image", documents))


def test_yaml_and_scripts() -> None:
    rules = "{extends: default, rules: {line-length: {max: 120}, document-start: disable, braces: disable}}"
    _run("yamllint", "--strict", "--config-data", rules, *_DOCKER.rglob("*.yml"), *_DOCKER.rglob("*.yaml"))
    _run(
        "shellcheck",
        "--external-sources",
        "--source-path=SCRIPTDIR",
        *_DOCKER.rglob("*.sh"),
        "testing/podman",
    )


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
