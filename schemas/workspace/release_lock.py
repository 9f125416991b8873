"""``release.lock``: what a published version was made from, and its artifacts. It seals the version."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import tomlkit

from ..errors import InvalidVersionError, Problem, WorkspaceError
from ..toml.toml_file import parse_toml, plain_string
from ..versions import SchemaVersion

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedArtifact:
    """One uploaded file."""

    #: ``python``, ``node``, ``typescript`` or ``migrations``.
    language: str
    #: ``pypi`` or ``npm``.
    registry: str
    name: str
    #: As that registry writes it: PEP 440 or semver.
    version: str
    filename: str
    #: Of the file, in hex.
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock:
    """``input_digest`` is the version's :attr:`VersionSource.digest` when it was published, ``schema_digest``
    that of its formatted schema; both sha256, hex. ``published_at`` is RFC 3339 in UTC, and not an input."""

    version: SchemaVersion
    schema_digest: str
    input_digest: str
    artifacts: tuple[LockedArtifact, ...]
    published_at: str | None = None
    #: Whether it waits to be promoted: consumers don't get it unasked.
    is_staged: bool = False

    def describes_the_same(self, other: ReleaseLock) -> bool:
        """Whether both are equal except for the time of publishing, and for having been promoted since."""
        return replace(self, published_at=None, is_staged=False) == replace(
            other, published_at=None, is_staged=False
        )

    def to_toml(self) -> str:
        """The file's text; the same lock gives the same text."""
        document = tomlkit.document()
        document.add(
            tomlkit.comment("Written by `schema-service publish`. This version is sealed: do not edit.")
        )
        document["version"] = str(self.version)
        document["schema_digest"] = self.schema_digest
        document["input_digest"] = self.input_digest
        if self.published_at is not None:
            document["published_at"] = self.published_at
        if self.is_staged:
            document["staged"] = True
        artifacts = tomlkit.aot()
        for artifact in self.artifacts:
            artifacts.append(tomlkit.item(asdict(artifact)))
        document["artifacts"] = artifacts
        return tomlkit.dumps(document)

    @classmethod
    def from_toml(cls, text: str, *, file: str) -> ReleaseLock:
        """Read what :meth:`to_toml` wrote. Raises WorkspaceError if it is damaged."""
        try:
            content = parse_toml(text, file=file)
        except WorkspaceError as error:
            raise WorkspaceError(
                *(_damaged(file, each.line, each.column) for each in error.problems)
            ) from None
        try:
            artifacts = content.get("artifacts", [])
            return cls(
                version=SchemaVersion.parse(plain_string(content["version"])),
                schema_digest=_digest(content["schema_digest"]),
                input_digest=_digest(content["input_digest"]),
                artifacts=tuple(_artifact(entry) for entry in artifacts),
                published_at=plain_string(content["published_at"]) if "published_at" in content else None,
                is_staged=bool(content.get("staged", False)),
            )
        except (KeyError, TypeError, ValueError, InvalidVersionError):
            raise WorkspaceError(_damaged(file)) from None


def _artifact(entry: dict[str, Any]) -> LockedArtifact:
    values = {name: plain_string(value) for name, value in entry.items()}
    _digest(values["sha256"])
    return LockedArtifact(**values)


def _digest(value: object) -> str:
    text = plain_string(value)
    if _SHA256.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _damaged(file: str, line: int | None = None, column: int | None = None) -> Problem:
    return Problem(
        code="damaged-lock",
        message=f"{file} was changed after `publish` wrote it",
        fix="restore it from version control; where two clones published the same, keep either file",
        file=file,
        line=line,
        column=column,
    )
