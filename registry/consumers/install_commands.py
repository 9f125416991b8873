"""The exact commands that install one published artifact."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from generators.target import Language

from ..catalogue import PublishedArtifact
from ..config.settings import NpmTable, Settings
from .npm_tools import npm_tool_lines, tarball_url


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallLines:
    """Shell commands, the most common tool first, and the same dependency as a manifest pins it."""

    commands: tuple[str, ...]
    pinned: str


def install_lines(
    artifact: PublishedArtifact, settings: Settings, *, is_staged: bool = False
) -> InstallLines:
    """How to install ``artifact`` from the registries in ``settings``; ``is_staged``: it isn't in the release
    index."""
    if artifact.kind == "wheel":
        return _for_wheel(artifact, settings, is_staged=is_staged)
    return _for_npm(artifact, settings)


def tool_lines(artifact: PublishedArtifact, settings: Settings, *, is_staged: bool = False) -> dict[str, str]:
    """One shell line for each tool that can install ``artifact``, by the tool's name."""
    commands = install_lines(artifact, settings, is_staged=is_staged).commands
    index = index_of(artifact, settings, is_staged=is_staged)
    if artifact.kind == "wheel":
        return {"pip": commands[0], "uv": commands[1], "poetry": _poetry_line(artifact, index, settings)}
    return {"npm": commands[0], **npm_tool_lines(artifact, settings.registries.npm)}


def _poetry_line(artifact: PublishedArtifact, index: str | None, settings: Settings) -> str:
    pinned = f"{artifact.name}=={artifact.version}"
    if index is None:
        return f"poetry add {pinned}"
    source, pypi = "schema-service", settings.registries.pypi
    steps = [f"poetry source add --priority explicit {source} {shlex.quote(index)}"]
    if pypi is not None and pypi.dependencies_url is not None:
        steps.append(
            f"poetry source add --priority primary dependencies {shlex.quote(pypi.dependencies_url)}"
        )
    return " && ".join([*steps, f"poetry add --source {source} {pinned}"])


def index_of(artifact: PublishedArtifact, settings: Settings, *, is_staged: bool = False) -> str | None:
    """The address that package managers read for ``artifact``; None where the settings name none."""
    if artifact.kind == "npm":
        return settings.registries.npm.url if settings.registries.npm else None
    pypi = settings.registries.pypi
    if pypi is None:
        return None
    return pypi.staging_simple_url if is_staged else pypi.simple_url


def docker_lines(artifact: PublishedArtifact, settings: Settings) -> tuple[str, ...]:
    """The lines of a Dockerfile for an image that carries ``artifact``."""
    install = install_lines(artifact, settings).commands[0]
    if artifact.language == "migrations":
        command = f'ENTRYPOINT ["{artifact.name}"]'
        return ("FROM python:3.13-slim", f"RUN {install}", command, 'CMD ["upgrade"]')
    base = "FROM python:3.13-slim" if artifact.kind == "wheel" else "FROM node:24-slim"
    return (base, f"RUN {install}")


def language_title(language: Language) -> str:
    """What people call the package made for ``language``."""
    titles = {
        "python": "Python client",
        "node": "Node client",
        "typescript": "TypeScript types",
        "migrations": "Migrations",
    }
    return titles[language]


def _for_wheel(artifact: PublishedArtifact, settings: Settings, *, is_staged: bool) -> InstallLines:
    pinned = f"{artifact.name}=={artifact.version}"
    pypi = settings.registries.pypi
    url = index_of(artifact, settings, is_staged=is_staged) or ""
    if pypi is not None and pypi.dependencies_url is not None:
        return InstallLines(commands=_from_two_indexes(artifact, url, pypi.dependencies_url), pinned=pinned)
    index = f" --index-url {shlex.quote(url)}" if pypi else ""
    return InstallLines(
        commands=(f"pip install{index} {pinned}", f"uv pip install{index} {pinned}"), pinned=pinned
    )


def _from_two_indexes(artifact: PublishedArtifact, url: str, others: str) -> tuple[str, ...]:
    """pip takes the highest version of a name from any of its indexes, and a stranger may own ours on the
    other one: so it is given the file. uv takes a name from the first index that has it."""
    ours, theirs = shlex.quote(url), shlex.quote(others)
    pinned = f"{artifact.name}=={artifact.version}"
    return (
        f"pip download --no-deps --dest . --index-url {ours} {pinned} && "
        f"pip install --index-url {theirs} ./{artifact.filename}",
        f"uv pip install --index-strategy first-index --index {ours} --default-index {theirs} {pinned}",
    )


def _for_npm(artifact: PublishedArtifact, settings: Settings) -> InstallLines:
    pinned = f"{artifact.name}@{artifact.version}"
    npm = settings.registries.npm
    if npm is None:
        command = f"npm install {pinned}"
    elif npm.dependencies_url is None:
        command = f"npm install --registry {shlex.quote(npm.url)} {pinned}"
    else:
        command = f"npm install {_from_two_registries(artifact, npm, npm.dependencies_url)}"
    return InstallLines(commands=(command,), pinned=f'"{artifact.name}": "{artifact.version}"')


def _from_two_registries(artifact: PublishedArtifact, npm: NpmTable, others: str) -> str:
    """A scope has a registry of its own. A name without one has not, so npm is given the file."""
    scope, slash, _ = artifact.name.rpartition("/")
    theirs = f"--registry {shlex.quote(others)}"
    if slash:
        return f"--{scope}:registry={shlex.quote(npm.url)} {theirs} {artifact.name}@{artifact.version}"
    return f"{theirs} {shlex.quote(tarball_url(artifact, npm.url))}"
