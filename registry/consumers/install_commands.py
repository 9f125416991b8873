"""The exact commands that install one published artifact."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from generators.target import Language

from ..catalogue import PublishedArtifact
from ..config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallLines:
    """Shell commands, the most common tool first, and the same dependency as a manifest pins it."""

    commands: tuple[str, ...]
    pinned: str


def install_lines(artifact: PublishedArtifact, settings: Settings) -> InstallLines:
    """How to install ``artifact`` from the registries in ``settings``."""
    if artifact.kind == "wheel":
        return _for_wheel(artifact, settings)
    return _for_npm(artifact, settings)


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


def _for_wheel(artifact: PublishedArtifact, settings: Settings) -> InstallLines:
    pinned = f"{artifact.name}=={artifact.version}"
    index = (
        f" --index-url {shlex.quote(settings.registries.pypi.simple_url)}" if settings.registries.pypi else ""
    )
    return InstallLines(
        commands=(f"pip install{index} {pinned}", f"uv pip install{index} {pinned}"), pinned=pinned
    )


def _for_npm(artifact: PublishedArtifact, settings: Settings) -> InstallLines:
    pinned = f"{artifact.name}@{artifact.version}"
    registry = f" --registry {shlex.quote(settings.registries.npm.url)}" if settings.registries.npm else ""
    return InstallLines(
        commands=(f"npm install{registry} {pinned}",), pinned=f'"{artifact.name}": "{artifact.version}"'
    )
