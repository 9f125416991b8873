"""The interface of every publisher: look up, upload, read back, move ``latest``; each is safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from generators.target import Artifact
from schemas.errors import Problem

from ..errors import ImmutableVersionError, ReleaseError
from .latest_decision import LatestDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file as a registry has it. ``sha256`` is hex: the registry's own digest where it gives that one, else
    taken from the bytes it serves."""

    name: str
    version: str
    filename: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who made a published version, as far as the version itself tells."""

    is_this_tool: bool
    schema_name: str | None = None  # None: it doesn't tell


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSignatures:
    """What a registry's metadata says of a version: integrity, and signatures as (id of the key, base64)."""

    integrity: str = ""
    signatures: tuple[tuple[str, str], ...] = ()


class Publisher(Protocol):
    """A registry to publish to.

    Every method raises RegistryUnreachableError (exit 3) if the registry can't be reached or fails, and
    CredentialsError (exit 1) if it refuses the credentials.
    """

    @property
    def url(self) -> str:
        """The registry's address; it never has credentials in it."""

    @property
    def registries(self) -> tuple[Publisher, ...]:
        """The single ones that this publishes to: itself, or several."""

    @property
    def is_hidden(self) -> bool:
        """Whether nobody gets unasked what is uploaded, until it is promoted or made ``latest``."""

    def check_access(self, name: str) -> None:
        """Make sure, before anything is uploaded, that the registry answers and accepts the credentials.

        ``name`` is a package that will be uploaded: nothing else is asked for, as a registry may list half a
        million others.
        """

    def newest(self, name: str) -> str | None:
        """The highest version that there is of ``name``, in the registry's spelling; None without any."""

    def versions(self, name: str) -> frozenset[str]:
        """Every version that there is of ``name``, staged ones and drafts too, in the registry's spelling."""

    def maker(self, name: str, version: str) -> Maker:
        """Who made ``version``, which is there."""

    def lookup(self, name: str, version: str, filename: str) -> PublishedFile | None:
        """The file as it is published now, or None. ``filename`` is the artifact's.

        Raises ReleaseError if the registry's own digest doesn't match what it serves.
        """

    def upload(self, artifact: Artifact) -> None:
        """Upload, or do nothing if the same bytes are there already; ``latest`` stays where it is.

        Raises ImmutableVersionError if other content is there, UploadRefusedError for any other refusal.
        """

    def promote(self, name: str, version: str, filename: str) -> None:
        """Move what was uploaded from where nobody gets it unasked to where everybody does, byte for byte;
        does nothing if it is there, or never was anywhere else."""

    def is_waiting(self, name: str, version: str, filename: str) -> bool:
        """Whether the file is there only where nobody gets it unasked until it is promoted."""

    def download(self, name: str, version: str, filename: str) -> bytes:
        """The bytes that the registry serves. Raises ReleaseError if the file isn't there."""

    def signatures(self, name: str, version: str) -> ListedSignatures:
        """Of a version that is there; empty for a registry that lists none."""

    def packument(self, name: str) -> dict[str, Any]:
        """All that an npm registry tells about a package; empty for an unknown one, and for an index."""

    def latest(self, name: str) -> str | None:
        """The version that is ``latest`` now; None for an unknown package or a registry without tags."""

    def set_latest(self, name: str, version: str) -> None:
        """Make ``version`` the ``latest``, if the registry has tags, and that version."""

    def tags(self, name: str) -> Mapping[str, str]:
        """The version of each tag; empty for an unknown package or a registry without tags."""

    def set_tags(self, name: str, wanted: Mapping[str, str | None]) -> bool:
        """Move each tag to its version, if the registry has that, and remove those with None. False if the
        registry doesn't take such tags."""

    def end_staging(self, name: str, version: str) -> None:
        """Remove the mark of what is being published from ``version`` of ``name``, which is published now,
        and from one that another tag names."""

    def is_staged(self, name: str, version: str) -> bool:
        """Whether ``version`` was uploaded and never became ``latest``; False for a registry without tags."""

    def decisions(self, name: str) -> list[LatestDecision]:
        """The decisions about ``latest`` that it shows, the last first: none for a registry without tags."""

    def show_decision(self, name: str, decision: LatestDecision) -> None:
        """Let others see ``decision``, and no earlier one, if the registry has tags, and that version."""

    def unpinned(self, name: str) -> str | None:
        """The version that an installer takes for the bare ``name``; None without any."""

    def withdrawal(self, name: str, version: str) -> str | None:
        """The text with which the registry marks ``version`` as withdrawn; None if it doesn't."""

    def mark_withdrawn(self, name: str, version: str, text: str | None) -> bool:
        """Mark ``version`` as withdrawn, with a line that installers show; None takes the mark away.

        False if the registry can't do that. Raises UploadRefusedError if it refuses to.
        """


def version_taken(artifact: Artifact, registry: str) -> ImmutableVersionError:
    """What to raise if ``registry`` has this version with other content."""
    return ImmutableVersionError(
        Problem(
            code="version-is-immutable",
            message=f"{artifact.name} {artifact.version} is in {registry} already, with other content",
            fix="publish the change as a new version; if nothing was changed, it is published already, "
            "built by another version of schema-service",
        )
    )


def not_published(name: str, version: str, registry: str) -> ReleaseError:
    """What to raise if a file that should be there isn't."""
    return ReleaseError(
        Problem(
            code="not-published",
            message=f"{registry} doesn't list {name} {version}",
            fix="publish it; if it was uploaded just now, check whether the registry shows it at all",
        )
    )


def digest_mismatch(name: str, version: str, registry: str) -> ReleaseError:
    """What to raise if the registry serves bytes that don't match its own digest."""
    return ReleaseError(
        Problem(
            code="registry-digest-mismatch",
            message=f"{registry} lists another digest for {name} {version} than its file has",
            fix="have the registry's operator restore the file or its metadata; installs of it will fail",
        )
    )
