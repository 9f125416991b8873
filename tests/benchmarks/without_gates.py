"""A program, run in a workspace: generates, packs and uploads one version, as `publish` does, and no more.

It isn't part of the tool: publishing without the gates is only good for being compared with.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generators.packing import pack
from generators.target import GenerationRequest
from generators.targets import all_targets
from registry.config.settings import load_settings
from registry.publishers.opening import open_publishers
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace


def main(version: str) -> None:
    """Publish ``version`` of the workspace around the current folder, unchecked."""
    workspace = Workspace.find(Path.cwd())
    settings = load_settings(workspace.root)
    source = workspace.load(SchemaVersion.parse(version))
    publishers = open_publishers(workspace, settings)
    with PrismaBridge() as bridge:
        request = GenerationRequest(
            schema_name=settings.name,
            version=source.version,
            description=source.description,
            author=source.author,
            schema=bridge.parse(source.schema_text, source.schema_path),
            migrations=source.history,
            names=settings.packages.names(),
        )
        artifacts = [pack(target.generate(request)) for target in all_targets(bridge)]
    for artifact in artifacts:
        publisher = publishers[artifact.kind]
        publisher.upload(artifact)
        publisher.set_latest(artifact.name, artifact.version)


if __name__ == "__main__":
    main(sys.argv[1])
