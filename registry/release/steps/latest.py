"""latest: records the version in the catalogue, then moves `latest` to it, last of all."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from schemas.errors import InvalidVersionError
from schemas.versions import SchemaVersion

from ...catalogue import PublishedArtifact, PublishedVersion
from ..context import ReleaseContext
from ..latest_version import latest_of, takes_over
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """A pre-release, or a fix to an older line, is published without becoming `latest`.

    Afterwards the catalogue and every package that has the latest version agree on it, whatever they had
    before, unless a registry's tag would have to move to a lower version.
    """
    artifacts = packed_artifacts(results)
    tags = {packed.name: _tagged_latest(context, packed) for packed in artifacts}
    known = filter(None, {context.catalogue.latest(), snapshot.latest_sealed, *tags.values()})
    latest = latest_of([*sorted(known), snapshot.version]) or snapshot.version
    for packed in artifacts:
        tag = tags[packed.name]
        if tag is None or takes_over(latest, tag):
            context.publishers[packed.kind].set_latest(packed.name, _spelled(latest, packed))
    published_at = datetime.now(UTC)
    published = PublishedVersion(
        version=snapshot.version,
        description=snapshot.description,
        author=snapshot.author,
        schema_text=snapshot.schema_text,
        schema_digest=results["check"]["schema_digest"],
        input_digest=snapshot.input_digest,
        changelog=snapshot.changelog,
        published_at=published_at,
        published_by=_user(),
        migrations=tuple(m for m in snapshot.migrations if m.version == snapshot.version),
        artifacts=artifacts,
        partial_types=snapshot.partial_types,
    )
    context.catalogue.record(published, latest=latest)
    return {"summary": f"latest is {latest}", "published_at": published_at.isoformat()}


def _tagged_latest(context: ReleaseContext, packed: PublishedArtifact) -> SchemaVersion | None:
    """The registry's `latest`, or None if that isn't a version number that this tool could have published."""
    tag = context.publishers[packed.kind].latest(packed.name)
    try:
        return SchemaVersion.parse(tag) if tag is not None else None
    except InvalidVersionError:
        return None


def _spelled(version: SchemaVersion, packed: PublishedArtifact) -> str:
    return version.pep440 if packed.kind == "wheel" else str(version)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
