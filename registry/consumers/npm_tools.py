"""The lines by which npm's relatives install a published package: each has its own way to name a registry."""

from __future__ import annotations

import json
import shlex
from urllib.parse import urlsplit

from ..catalogue import PublishedArtifact
from ..config.settings import NpmTable


def npm_tool_lines(artifact: PublishedArtifact, npm: NpmTable | None) -> dict[str, str]:
    """One shell line for each tool, by its name; `yarn-classic` is yarn's first version, which many have."""
    pinned = f"{artifact.name}@{artifact.version}"
    if npm is None:
        return {
            "pnpm": f"pnpm add {pinned}",
            "yarn": f"yarn add {pinned}",
            "yarn-classic": f"yarn add {pinned}",
        }
    if "/" in artifact.name:
        return _of_a_scope(artifact.name, pinned, npm)
    if npm.dependencies_url is None:
        return _of_one_registry(artifact.name, pinned, npm.url)
    return _as_a_file(artifact, npm.url, npm.dependencies_url)


def tarball_url(artifact: PublishedArtifact, registry: str) -> str:
    """Where every registry has it."""
    bare = artifact.name.rpartition("/")[2]
    return f"{registry}{artifact.name}/-/{bare}-{artifact.version}.tgz"


def _of_a_scope(name: str, pinned: str, npm: NpmTable) -> dict[str, str]:
    """A scope has a registry of its own; what else is needed comes from where it always does."""
    scope = name.partition("/")[0]
    url, others = shlex.quote(npm.url), npm.dependencies_url
    flag = f" --registry {shlex.quote(others)}" if others else ""
    servers = {f"npmScopes.{scope[1:]}.npmRegistryServer": npm.url}
    if others:
        servers["npmRegistryServer"] = others
    scoped = f"npm config set --location=project {scope}:registry={url}"
    return {
        "pnpm": f"pnpm add --config.{scope}:registry={url}{flag} {pinned}",
        "yarn": _yarn(name, servers, pinned),
        "yarn-classic": f"{scoped} && yarn add{flag} {pinned}",
    }


def _of_one_registry(name: str, pinned: str, url: str) -> dict[str, str]:
    add = f"add --registry {shlex.quote(url)} {pinned}"
    return {
        "pnpm": f"pnpm {add}",
        "yarn": _yarn(name, {"npmRegistryServer": url}, pinned),
        "yarn-classic": f"yarn {add}",
    }


def _as_a_file(artifact: PublishedArtifact, ours: str, others: str) -> dict[str, str]:
    """A name without a scope has no registry of its own, so the tools are given the file."""
    file = tarball_url(artifact, ours)
    add = f"add --registry {shlex.quote(others)} {shlex.quote(file)}"
    return {
        "pnpm": f"pnpm {add}",
        "yarn": _yarn(
            artifact.name, {"npmRegistryServer": others}, shlex.quote(f"{artifact.name}@{file}"), also=ours
        ),
        "yarn-classic": f"yarn {add}",
    }


def _yarn(name: str, servers: dict[str, str], wanted: str, *, also: str | None = None) -> str:
    """Since its second version yarn has registries in its settings only, and those without TLS have to be
    named once more. Since 4.10 it takes no version of the last day, unless the package is named."""
    steps = [f"yarn config set {key} {shlex.quote(url)}" for key, url in servers.items()]
    named = [*servers.values(), *([also] if also else [])]
    plain = sorted({str(urlsplit(url).hostname) for url in named if url.startswith("http://")})
    if plain:
        steps.append(f"yarn config set --json unsafeHttpWhitelist {shlex.quote(json.dumps(plain))}")
    approved = f"yarn config set --json npmPreapprovedPackages {shlex.quote(json.dumps([name]))}"
    steps.append(f"({approved} || true)")
    return " && ".join([*steps, f"yarn add {wanted}"])
