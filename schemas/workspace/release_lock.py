"""``release.lock``: what a published version was made from, and its artifacts. It seals the version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
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
class LockedInput:
    """One file that the packages were made from: sha256 (hex) of its text as it is read, with ``\\n`` as line
    ends. ``of`` names the settings in a file that determines packages by some of its settings only; the
    digest is that of their values then, as JSON."""

    path: str
    sha256: str
    of: str | None = None

    @classmethod
    def of_text(cls, path: str, text: str) -> LockedInput:
        return cls(path=path, sha256=hashlib.sha256(text.encode()).hexdigest())

    @classmethod
    def of_settings(cls, path: str, values: Mapping[str, object]) -> LockedInput:
        text = json.dumps(values, sort_keys=True)
        return cls(path=path, sha256=hashlib.sha256(text.encode()).hexdigest(), of=", ".join(sorted(values)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock:
    """``input_digest`` is the version's :attr:`VersionSource.digest` when it was published, ``schema_digest``
    that of its formatted schema; both sha256, hex. ``published_at`` is RFC 3339 in UTC, and not an input.
    ``inputs`` is empty in the locks of earlier versions of this tool."""

    version: SchemaVersion
    schema_digest: str
    input_digest: str
    artifacts: tuple[LockedArtifact, ...]
    published_at: str | None = None
    #: The revision of the generators that built the packages; None in locks from before it was recorded.
    generators: int | None = None
    #: The digest of CHANGELOG.md, where the packages carry it.
    changelog_digest: str | None = None
    #: The settings [packages] that they were built with, as pairs of a name and its value.
    packages: tuple[tuple[str, str], ...] = ()
    inputs: tuple[LockedInput, ...] = ()
    #: On a maintenance line, the version that it follows; and the versions whose lines it takes over.
    follows: SchemaVersion | None = None
    takes: tuple[SchemaVersion, ...] = ()
    #: Whether it waits to be promoted: consumers don't get it unasked.
    is_staged: bool = False

    def describes_the_same(self, other: ReleaseLock) -> bool:
        """Whether both are equal except for the time of publishing, for having been promoted since, and for
        inputs that only one lists."""
        mine = replace(self, published_at=None, is_staged=False, inputs=self.inputs if other.inputs else ())
        inputs = other.inputs if mine.inputs else ()
        theirs = replace(other, published_at=None, is_staged=False, inputs=inputs)
        return mine == theirs

    def to_toml(self) -> str:
        """The file's text; the same lock gives the same text."""
        document = tomlkit.document()
        document.add(
            tomlkit.comment("Written by `schema-service publish`. This version is sealed: do not edit.")
        )
        document["version"] = str(self.version)
        document["schema_digest"] = self.schema_digest
        document["input_digest"] = self.input_digest
        if self.changelog_digest is not None:
            document["changelog_digest"] = self.changelog_digest
        if self.generators is not None:
            document["generators"] = self.generators
        if self.published_at is not None:
            document["published_at"] = self.published_at
        if self.packages:
            document["packages"] = dict(self.packages)
        if self.follows is not None:
            document["follows"] = str(self.follows)
        if self.takes:
            document["takes"] = [str(each) for each in self.takes]
        if self.is_staged:
            document["staged"] = True
        artifacts = tomlkit.aot()
        for artifact in self.artifacts:
            artifacts.append(tomlkit.item(asdict(artifact)))
        document["artifacts"] = artifacts
        if self.inputs:
            inputs = tomlkit.aot()
            for each in self.inputs:
                inputs.append(tomlkit.item({k: v for k, v in asdict(each).items() if v is not None}))
            document["inputs"] = inputs
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
                generators=_number(content["generators"]) if "generators" in content else None,
                changelog_digest=_digest(content["changelog_digest"])
                if "changelog_digest" in content
                else None,
                packages=tuple(
                    (name, plain_string(value)) for name, value in content.get("packages", {}).items()
                ),
                inputs=tuple(_input(entry) for entry in content.get("inputs", [])),
                follows=SchemaVersion.parse(plain_string(content["follows"]))
                if "follows" in content
                else None,
                takes=tuple(SchemaVersion.parse(plain_string(each)) for each in content.get("takes", [])),
                is_staged=bool(content.get("staged", False)),
            )
        except (AttributeError, KeyError, TypeError, ValueError, InvalidVersionError):
            raise WorkspaceError(_damaged(file)) from None


def _artifact(entry: dict[str, Any]) -> LockedArtifact:
    values = {name: plain_string(value) for name, value in entry.items()}
    _digest(values["sha256"])
    return LockedArtifact(**values)


def _input(entry: dict[str, Any]) -> LockedInput:
    values = {name: plain_string(value) for name, value in entry.items()}
    _digest(values["sha256"])
    return LockedInput(**values)


def _digest(value: object) -> str:
    text = plain_string(value)
    if _SHA256.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(value)
    return int(value)


def _damaged(file: str, line: int | None = None, column: int | None = None) -> Problem:
    return Problem(
        code="damaged-lock",
        message=f"{file} was changed after `publish` wrote it",
        fix="restore it from version control; where two clones published the same, keep either file",
        file=file,
        line=line,
        column=column,
    )
