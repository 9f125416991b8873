"""The CI examples of docs/ci: valid for their servers, and their shell lines run in clean clones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, registry_contents, team_environment

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[4]
CI = ROOT / "docs" / "ci"
_EXPRESSION = re.compile(r"\$\{\{ (?:secrets|vars)\.(\w+) \}\}")


@dataclass(frozen=True)
class Job:
    """What one job of an example runs."""

    script: str
    environment: Mapping[str, str]


def github(name: str) -> Job:
    workflow = yaml.safe_load((CI / "github.yml").read_text())
    job = workflow["jobs"][name]
    lines = [step["run"] for step in job["steps"] if "run" in step]
    return Job("\n".join(lines), {**workflow["env"], **job.get("env", {})})


def gitlab(name: str) -> Job:
    pipeline = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
    return Job("\n".join([*pipeline["default"]["before_script"], *pipeline[name]["script"]]), {})


@pytest.mark.parametrize(
    ("schema", "file"), [("github-workflows", "github.yml"), ("gitlab-ci", "gitlab-ci.yml")]
)
def test_the_example_is_valid_for_its_server(schema: str, file: str) -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        f"vendor.{schema}",
        str(CI / file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_examples_install_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for job in (github("check"), github("publish"), gitlab("check")):
        assert f"pip install schema-service=={version}" in job.script


@dataclass(frozen=True)
class Repository:
    """A bare repository with a team's workspace, and what a job of its CI has in its environment."""

    origin: Path
    team: Team
    secrets: Mapping[str, str]

    def run(self, job: Job, reference: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the job's lines as its server does, in a clean clone at ``reference``."""
        clone = self.origin.with_name(f"clone-{reference}")
        git(self.origin.parent, "clone", "--quiet", str(self.origin), str(clone))
        git(clone, "checkout", "--quiet", reference)
        own = {
            key: _EXPRESSION.sub(lambda name: self.secrets[name[1]], value)
            for key, value in job.environment.items()
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("SCHEMA_SERVICE_")}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", job.script],
            cwd=clone,
            env={**inherited, "PATH": path, **self.team.environment, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, reference: str, path: str, text: str) -> None:
        """A commit on top of main, at ``reference``."""
        clone = Path(tempfile.mkdtemp(dir=self.origin.parent))
        git(self.origin.parent, "clone", "--quiet", str(self.origin), str(clone))
        (clone / path).write_text(text)
        commit_all(clone)
        git(clone, "push", "--quiet", "origin", f"HEAD:refs/heads/{reference}")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit_all(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "a change")


@pytest.fixture(scope="module")
def repository(
    tmp_path_factory: pytest.TempPathFactory, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> Repository:
    folder = tmp_path_factory.mktemp("ci")
    work, origin = folder / "work", folder / "origin.git"
    create_workspace(work, name="ci-examples", sample=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    git(work, "init", "--quiet", "--initial-branch", "main")
    commit_all(work)
    git(work, "push", "--quiet", str(origin), "main")
    environment = team_environment(devpi, verdaccio)
    secrets = {
        "PYPI_USERNAME": environment.pop("SCHEMA_SERVICE_PYPI_USERNAME"),
        "PYPI_PASSWORD": environment.pop("SCHEMA_SERVICE_PYPI_PASSWORD"),
        "NPM_TOKEN": environment.pop("SCHEMA_SERVICE_NPM_TOKEN"),
        "SCHEMA_STATE_URL": f"sqlite:///{folder / 'state.db'}",
        "PYTHON_INDEX_URL": os.environ.get("PIP_INDEX_URL", ""),
    }
    return Repository(origin, Team(work, "ci-examples", environment), secrets)


@pytest.mark.parametrize("server", [github, gitlab])
def test_check_on_a_request_to_merge(repository: Repository, server: Any, tmp_path: Path) -> None:
    name = server.__name__
    summary = tmp_path / "summary.md"
    told = {"GITHUB_STEP_SUMMARY": str(summary)}
    path = "schemas/2.0.0/schema.prisma"
    schema = (repository.team.root / path).read_text()
    repository.commit(f"{name}-bad", path, f"{schema}\nmodel {{\n")
    refused = repository.run(server("check"), f"{name}-bad", **told)
    assert refused.returncode == 1, refused.stderr
    shown = summary.read_text() if summary.exists() else refused.stdout
    assert "2.0.0: not valid" in shown
    assert "schema-syntax" in shown
    if server is gitlab:  # the other one's lines do the same on a schema that is valid
        return
    summary.unlink()
    repository.commit(f"{name}-good", path, f"{schema}\n/// more\n")
    done = repository.run(server("check"), f"{name}-good", **told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## 2.0.0: valid" in summary.read_text()


@pytest.mark.parametrize(("server", "version"), [(github, "1.0.0"), (gitlab, "1.1.0")])
def test_publish_on_a_tag(
    repository: Repository,
    server: Any,
    version: str,
    tmp_path: Path,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
) -> None:
    tag, summary = f"schema-{version}", tmp_path / "summary.md"
    git(repository.origin, "tag", tag, "main")
    repository.commit("main", "notes.txt", f"main went on after {tag}")
    told = {"GITHUB_REF_NAME": tag, "GITHUB_STEP_SUMMARY": str(summary)}
    told |= {"CI_COMMIT_TAG": tag, "CI_DEFAULT_BRANCH": "main"}
    job = server("publish")
    if server is gitlab:  # its variables are set for the whole project
        told |= {
            "SCHEMA_SERVICE_PYPI_USERNAME": repository.secrets["PYPI_USERNAME"],
            "SCHEMA_SERVICE_PYPI_PASSWORD": repository.secrets["PYPI_PASSWORD"],
            "SCHEMA_SERVICE_NPM_TOKEN": repository.secrets["NPM_TOKEN"],
            "SCHEMA_SERVICE_STATE__URL": repository.secrets["SCHEMA_STATE_URL"],
        }
    done = repository.run(job, tag, **told)
    assert done.returncode == 0, done.stdout + done.stderr
    contents = registry_contents(repository.team, devpi, verdaccio)
    assert contents["@org/ci-examples-client"]["tags"]["latest"] == version
    listed = git(repository.origin, "ls-tree", "-r", "--name-only", "main").splitlines()
    assert f"schemas/{version}/release.lock" in listed
    assert "notes.txt" in listed
    if server is github:
        assert summary.read_text().startswith(f"## Published {version}; latest is {version}\n")
        assert "pip install" in summary.read_text()
    else:
        assert f"Published {version}; latest is {version}." in done.stdout
        assert "Changes since 1.0.0: " in done.stdout
    assert devpi.password.reveal() not in done.stdout + done.stderr
