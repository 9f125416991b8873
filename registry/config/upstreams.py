"""Where this machine's own pip and npm download packages from, read from their configuration.

The embedded registries mirror these, and throw-away environments install from them. Addresses may hold
credentials, so they are never shown and reach tools through the environment, not through arguments.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.prisma.nodejs import node_environment, npm_command

from .pip_settings import pip_settings

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonUpstream:
    """pip's settings; None and empty where pip uses its built-in default."""

    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    certificates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmUpstream:
    """npm's settings; ``registry`` is None where it couldn't be read."""

    registry: str | None = field(default=None, repr=False)
    certificates: str | None = None
    http_proxy: str | None = field(default=None, repr=False)
    https_proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstreams:
    python: PythonUpstream = PythonUpstream()
    npm: NpmUpstream = NpmUpstream()


def read_upstreams(folder: Path | None = None) -> Upstreams:
    """Read pip's settings and ask npm. ``folder`` is where npm looks for a project's .npmrc; the current one
    by default."""
    return Upstreams(python=read_python_upstream(), npm=_npm_upstream(folder))


def read_python_upstream() -> PythonUpstream:
    """Where pip gets packages from."""
    settings = pip_settings()
    return PythonUpstream(
        index_url=settings.get("index-url"),
        extra_index_urls=tuple(settings.get("extra-index-url", "").split()),
        find_links=tuple(settings.get("find-links", "").split()),
        certificates=settings.get("cert"),
    )


def _npm_upstream(folder: Path | None) -> NpmUpstream:
    settings = _npm_settings(folder)
    return NpmUpstream(
        registry=_text(settings.get("registry")),
        certificates=_text(settings.get("cafile")),
        http_proxy=_text(settings.get("proxy")),
        https_proxy=_text(settings.get("https-proxy")),
    )


def _npm_settings(folder: Path | None) -> dict[str, Any]:
    listed = _output([*npm_command(), "config", "list", "--long", "--json"], node_environment(), folder)
    try:
        settings = json.loads(listed)
    except ValueError:
        return {}
    return settings if isinstance(settings, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _output(command: list[str], environment: dict[str, str], folder: Path | None) -> str:
    """What ``command`` prints; nothing if it fails, because a default is better than not starting."""
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
