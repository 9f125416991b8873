"""Ready files that pin one package to where it comes from: to be written into a consumer's project."""

from __future__ import annotations

import json

from ...catalogue import PublishedArtifact
from ...config.settings import Settings
from ...consumers.install_commands import index_of


def install_files(artifact: PublishedArtifact, settings: Settings, *, is_staged: bool) -> dict[str, str]:
    """By name, as pip and npm look for them."""
    if artifact.kind == "wheel":
        return _for_pip(artifact, settings, is_staged=is_staged)
    return _for_npm(artifact, settings)


def _for_pip(artifact: PublishedArtifact, settings: Settings, *, is_staged: bool) -> dict[str, str]:
    pinned = f"{artifact.name}=={artifact.version}"
    files = {
        "requirements.txt": "# pip checks hashes of all that it installs or of nothing: install this with\n"
        "# --no-deps, or let `schema-service constraints` write those of its dependencies.\n"
        f"{pinned} --hash=sha256:{artifact.sha256}\n"
    }
    index = index_of(artifact, settings, is_staged=is_staged)
    if index is not None:
        files["pip.conf"] = f"[global]\nindex-url = {index}\n"
    return files


def _for_npm(artifact: PublishedArtifact, settings: Settings) -> dict[str, str]:
    dependencies = {"dependencies": {artifact.name: artifact.version}}
    files = {"package.json": json.dumps(dependencies, indent=2) + "\n"}
    index = index_of(artifact, settings)
    if index is not None:
        scope, slash, _ = artifact.name.rpartition("/")
        files[".npmrc"] = f"{scope}:registry={index}\n" if slash else f"registry={index}\n"
    return files
