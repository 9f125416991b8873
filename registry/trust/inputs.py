"""What a release was made from: the version's files, and the settings that its packages depend on."""

from __future__ import annotations

from dataclasses import asdict

from schemas.workspace.release_lock import LockedInput
from schemas.workspace.version_source import VersionSource

from ..config.settings import FILE_NAME, Settings


def release_inputs(source: VersionSource, settings: Settings) -> tuple[LockedInput, ...]:
    """All of them, by path. Together they are what the input digest of a release covers."""
    values = {"name": settings.name, "packages": asdict(settings.packages.names())}
    return (*source.inputs, LockedInput.of_settings(FILE_NAME, values))


def differing_inputs(locked: tuple[LockedInput, ...], found: tuple[LockedInput, ...]) -> list[str]:
    """The paths whose digests differ, that are gone or that came in, each once."""
    before = {each.path: each for each in locked}
    now = {each.path: each for each in found}
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
