"""Schema versions: semver for people and npm, PEP 440 for Python, with the same order in both.

Rules: https://semver.org (2.0.0) and PEP 440. Only versions that both can express, in the same order, are
accepted: releases and ``-alpha.N``, ``-beta.N``, ``-rc.N`` pre-releases. Build metadata (``+x``) is refused:
npm ignores it, so two different packages would have the same version.

The packages of a draft are numbered ``-dev.N`` (``.devN`` in Python). No version of a schema is called that,
so :meth:`SchemaVersion.parse` refuses it unless it is asked for drafts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Literal

import semver

from .errors import InvalidVersionError, Problem

_PRERELEASE = re.compile(r"(alpha|beta|rc|dev)\.(0|[1-9][0-9]*)")
_DRAFT = "dev"
_PYTHON_LETTER = {_DRAFT: ".dev", "alpha": "a", "beta": "b", "rc": "rc"}
_MAX_NUMBER = 2**53 - 1  # node-semver refuses larger parts (Number.MAX_SAFE_INTEGER)

Bump = Literal["major", "minor", "patch"]


@total_ordering
@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """A version such as ``2.0.0`` or ``2.1.0-rc.1``; build one with :meth:`parse`."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, int] | None = None

    @classmethod
    def parse(cls, text: str, *, drafts: bool = False) -> SchemaVersion:
        """Read a semver, or with ``drafts`` also the number of a draft's packages. Raises InvalidVersionError
        with what to write instead."""
        try:
            parsed = semver.Version.parse(text)
        except (ValueError, TypeError):
            raise _refused(text, "is not a semantic version", "write three numbers, like 2.0.0") from None
        if parsed.build is not None:
            raise _refused(text, "has build metadata, which npm ignores", "leave out the part after '+'")
        if max(parsed.major, parsed.minor, parsed.patch) > _MAX_NUMBER:
            raise _refused(text, "has a number that npm can't read", f"use numbers up to {_MAX_NUMBER}")
        version = cls(parsed.major, parsed.minor, parsed.patch, _parse_prerelease(text, parsed.prerelease))
        if version.is_draft and not drafts:
            raise _refused(text, "is the number of a draft's packages", f"name the version: {version.final}")
        return version

    def __str__(self) -> str:
        base = f"{self.major}.{self.minor}.{self.patch}"
        return f"{base}-{self.prerelease[0]}.{self.prerelease[1]}" if self.prerelease else base

    @property
    def pep440(self) -> str:
        """The same version as Python writes it: ``2.1.0-rc.1`` is ``2.1.0rc1``."""
        base = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease is None:
            return base
        return f"{base}{_PYTHON_LETTER[self.prerelease[0]]}{self.prerelease[1]}"

    @property
    def is_prerelease(self) -> bool:
        return self.prerelease is not None

    @property
    def is_draft(self) -> bool:
        """Whether this is the number of a draft's packages."""
        return self.prerelease is not None and self.prerelease[0] == _DRAFT

    @property
    def final(self) -> SchemaVersion:
        """The release that this is a pre-release or a draft of; itself if it is one."""
        return SchemaVersion(self.major, self.minor, self.patch)

    def as_draft(self, number: int) -> SchemaVersion:
        """The number of a draft's packages: ``2.1.0-dev.3``, and ``2.1.0.dev3`` in Python."""
        return SchemaVersion(self.major, self.minor, self.patch, (_DRAFT, number))

    def bumped(self, bump: Bump) -> SchemaVersion:
        """The next release after this one for a change of the given size."""
        if bump == "major":
            return SchemaVersion(self.major + 1, 0, 0)
        if bump == "minor":
            return SchemaVersion(self.major, self.minor + 1, 0)
        return SchemaVersion(self.major, self.minor, self.patch + 1)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, SchemaVersion):
            return NotImplemented
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int, int, tuple[int, str, int]]:
        # A pre-release sorts before its release; alpha < beta < rc is also the order of their letters. Drafts
        # come before all of them, as in Python.
        if self.prerelease is None:
            tail = (1, "", 0)
        else:
            tail = (0, "" if self.is_draft else self.prerelease[0], self.prerelease[1])
        return (self.major, self.minor, self.patch, tail)


def _parse_prerelease(text: str, prerelease: str | None) -> tuple[str, int] | None:
    if prerelease is None:
        return None
    match = _PRERELEASE.fullmatch(prerelease)
    if match is None or int(match[2]) > _MAX_NUMBER:
        raise _refused(
            text,
            "has a pre-release part that Python versions can't express",
            "use -alpha.N, -beta.N or -rc.N, like 2.0.0-rc.1",
        )
    return (match[1], int(match[2]))


def _refused(text: str, why: str, fix: str) -> InvalidVersionError:
    return InvalidVersionError(Problem(code="invalid-version", message=f"{text[:80]!r} {why}", fix=fix))
