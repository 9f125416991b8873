"""Throw-away consumers: a virtual environment and an npm project, made from scratch, to use packages in.

What runs in them is code that was just generated or downloaded. So it gets a short list of variables and none
of this process's credentials.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uv
from packaging.requirements import InvalidRequirement, Requirement

from schemas.prisma.nodejs import node_environment, node_executable, npm_command

from ..config.upstreams import PythonUpstream
from .errors import install_failed, timed_out, usage_failed

_INSTALL_SECONDS = 600
_RUN_SECONDS = 120
_KEPT_VARIABLES = frozenset(
    {
        "HOME",
        "LANG",
        "LC_ALL",
        "LOCALAPPDATA",
        "PATH",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USERPROFILE",
        "XDG_CACHE_HOME",
    }
)
#: How an installer reaches its index or registry; code that runs afterwards doesn't need them.
_NETWORK_VARIABLES = frozenset(
    {
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "UV_CACHE_DIR",
        "UV_HTTP_RETRIES",
        "UV_HTTP_TIMEOUT",
    }
)
_NPM_FLAGS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
)


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A virtual environment in ``folder``."""

    folder: Path

    @property
    def scripts(self) -> Path:
        """Where console scripts are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    def run(
        self,
        program: str,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        bytecode: Path | None = None,
    ) -> str:
        """What ``program`` prints, run alone (``python -I``). Raises ConsumerError if it fails.

        ``bytecode`` is a folder for what Python compiles, instead of beside the sources.
        """
        options = ["-I", *(["-X", f"pycache_prefix={bytecode}"] if bytecode else [])]
        return self.run_command([str(self.python), *options, "-c", program, *arguments], variables=variables)

    def run_command(self, command: Sequence[str], *, variables: Mapping[str, str] | None = None) -> str:
        """What ``command`` prints, with this environment's scripts first on PATH."""
        environment = _variables(_KEPT_VARIABLES, {"VIRTUAL_ENV": str(self.folder), **(variables or {})})
        environment["PATH"] = os.pathsep.join([str(self.scripts), environment.get("PATH", os.defpath)])
        return _used(command, self.folder, environment)


@dataclass(frozen=True, slots=True)
class NpmProject:
    """A folder with a package.json and what npm installed for it."""

    folder: Path

    def run(
        self,
        program: str,
        *,
        kind: Literal["module", "commonjs"] = "module",
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """What ``program`` prints under Node, given these packages. Raises ConsumerError if it fails."""
        command = [str(node_executable()), f"--input-type={kind}", "--eval", program]
        return self.run_command(command, variables=variables)

    def run_command(self, command: Sequence[str], *, variables: Mapping[str, str] | None = None) -> str:
        """What ``command`` prints, with our Node first on PATH."""
        return _used(command, self.folder, self.environment(variables or {}))

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """What a command here gets as its environment."""
        return _node_variables(variables)


def python_environment(
    folder: Path,
    requirements: Sequence[str | Path],
    *,
    index_url: str | None = None,
    upstream: PythonUpstream | None = None,
    constraints: Path | None = None,
    python: Path | None = None,
) -> PythonEnvironment:
    """Make a virtual environment in ``folder`` (new or empty) and install wheels (paths) and requirements.

    ``constraints`` is a constraints file, as for pip. Its interpreter is ``python``, by
    default the one that runs this.

    ``index_url`` is asked first; what it doesn't have comes from ``upstream``, this machine's own index.
    Raises ConsumerError, or RegistryUnreachableError if an index doesn't answer.
    """
    source = upstream or PythonUpstream()
    variables = _variables(_KEPT_VARIABLES | _NETWORK_VARIABLES, _uv_variables(index_url, source))
    program = uv.find_uv_bin()
    interpreter = str(python or sys.executable)
    _installed([program, "venv", "--quiet", "--python", interpreter, str(folder)], folder.parent, variables)
    environment = PythonEnvironment(folder)
    if requirements:
        # uv caches a list of files for ten minutes; what was published a second ago isn't in it.
        refreshed = [f"--refresh-package={name}" for name in _names(requirements)]
        command = [program, "pip", "install", "--quiet", "--python", str(environment.python), *refreshed]
        command += ["--constraint", str(constraints)] if constraints else []
        _installed([*command, "--", *map(str, requirements)], folder, variables)
    return environment


def npm_project(folder: Path, packages: Sequence[str | Path], *, registry: str | None = None) -> NpmProject:
    """Make an npm project in ``folder`` (new or empty), install tarballs (paths) and specs (``name@1.0.0``).

    ``registry`` replaces the one npm is configured with, for every scope asked for. Raises ConsumerError, or
    RegistryUnreachableError if a registry doesn't answer. No install scripts run.
    """
    _write_manifest(folder, {"name": "consumer"})
    if registry:
        # A scope's own registry in the user's .npmrc would win over the general one; this file's wins.
        scopes = {str(package).partition("/")[0] for package in packages if str(package).startswith("@")}
        (folder / ".npmrc").write_text("".join(f"{scope}:registry={registry}\n" for scope in sorted(scopes)))
    if packages:
        # npm reads its configuration from any variable; no package's code runs while it installs.
        environment = node_environment() | ({"npm_config_registry": registry} if registry else {})
        _installed([*npm_command(), "install", *_NPM_FLAGS, "--", *map(str, packages)], folder, environment)
    return NpmProject(folder)


def npm_projects(folder: Path, tarballs: Mapping[str, Path]) -> dict[str, NpmProject]:
    """One npm project below ``folder`` (new or empty) for each tarball. Both go by the package's name.

    They are workspaces that npm fills in one call, and nested, so that none of them sees what another has.
    Raises as :func:`npm_project` does.
    """
    projects = {name: NpmProject(folder / f"consumer-{number}") for number, name in enumerate(tarballs)}
    _write_manifest(
        folder, {"name": "consumers", "workspaces": [each.folder.name for each in projects.values()]}
    )
    for name, project in projects.items():
        # Relative, because npm reads what follows as an address, where a folder's name can have a meaning.
        source = Path(os.path.relpath(tarballs[name], project.folder)).as_posix()
        _write_manifest(
            project.folder, {"name": project.folder.name, "dependencies": {name: f"file:{source}"}}
        )
    flags = [*_NPM_FLAGS, "--install-strategy=nested", "--prefer-offline"]
    _installed([*npm_command(), "install", *flags], folder, node_environment())
    return projects


def _write_manifest(folder: Path, content: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"version": "0.0.0", "private": True, **content}))


def _uv_variables(index_url: str | None, upstream: PythonUpstream) -> dict[str, str]:
    """In the environment, because an address may have credentials.

    With ``index_url`` uv takes a package from the first index that has it, so that a name of ours on another
    one is never used. Without it, this machine's indexes are equal, as they are for its pip.
    """
    indexes = [*([index_url] if index_url else []), *upstream.extra_index_urls]
    variables = {"UV_NO_CONFIG": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    if indexes:
        variables["UV_INDEX"] = " ".join(indexes)
    if index_url is None:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if upstream.index_url:
        variables["UV_DEFAULT_INDEX"] = upstream.index_url
    if upstream.find_links:
        variables["UV_FIND_LINKS"] = ",".join(upstream.find_links)
    if upstream.certificates:
        variables["SSL_CERT_FILE"] = upstream.certificates
    return variables


def network_variables(certificates: str | None) -> dict[str, str]:
    """For a uv that reads no configuration: how to reach an index, and nothing else of this process."""
    variables = {"UV_NO_CONFIG": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    if certificates:
        variables["SSL_CERT_FILE"] = certificates
    return _variables(_KEPT_VARIABLES | _NETWORK_VARIABLES, variables)


def _names(requirements: Sequence[str | Path]) -> list[str]:
    names = set()
    for requirement in requirements:
        if isinstance(requirement, str):
            try:
                names.add(Requirement(requirement).name)
            except InvalidRequirement:
                continue  # uv says what is wrong with it
    return sorted(names)


def _variables(kept: frozenset[str], added: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name.upper() in kept}
    return {**own, **added}


def _node_variables(added: Mapping[str, str]) -> dict[str, str]:
    variables = _variables(_KEPT_VARIABLES, added)
    variables["PATH"] = os.pathsep.join([str(node_executable().parent), variables.get("PATH", os.defpath)])
    return variables


def _installed(command: Sequence[str], folder: Path, variables: dict[str, str]) -> None:
    done = _run(command, folder, variables, _INSTALL_SECONDS)
    if done.returncode != 0:
        raise install_failed(done.stderr or done.stdout)


def _used(command: Sequence[str], folder: Path, variables: dict[str, str]) -> str:
    done = _run(command, folder, variables, _RUN_SECONDS)
    if done.returncode != 0:
        raise usage_failed(Path(command[0]).name, done.returncode, done.stderr or done.stdout)
    return done.stdout


def _run(
    command: Sequence[str], folder: Path, variables: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return subprocess.run(
            list(command),
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise timed_out(Path(command[0]).name, seconds) from None
