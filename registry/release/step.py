"""One step of a release: a name and a function whose JSON result is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from ..catalogue import PublishedArtifact
from .context import ReleaseContext
from .snapshots.snapshot import Snapshot

#: JSON values. ``summary`` is the line that people read, ``lines`` (if any) are further ones for them.
StepResult = dict[str, Any]
#: The results of the earlier steps, by name.
StepResults = Mapping[str, StepResult]

_ARTIFACTS = TypeAdapter(tuple[PublishedArtifact, ...])


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """``run`` must be safe to run again: it is repeated after a kill before its result was stored.
    ``publishes``: it changes what others see, registries or the catalogue."""

    name: str
    run: Callable[[ReleaseContext, Snapshot, StepResults], StepResult]
    publishes: bool = False


def packed_artifacts(results: StepResults) -> tuple[PublishedArtifact, ...]:
    """What the pack step built."""
    return _ARTIFACTS.validate_python(results["pack"]["artifacts"])


def as_stored(artifacts: tuple[PublishedArtifact, ...]) -> list[dict[str, Any]]:
    """Artifacts as a step's result keeps them."""
    return [asdict(artifact) for artifact in artifacts]
