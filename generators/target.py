"""The interface of every target: a request in, a package out.

A target is a pure function of its request. No network, no clock, no file system beyond its own templates
and runtime; the only thing it may call is the Prisma bridge, which is pure too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from migrations.package.release_state import ReleaseState
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.lines import VersionLine
from schemas.workspace.migration import Migration

from .bundled import BundledComponent
from .file_tree import FileTree

Language = Literal["python", "node", "typescript", "migrations"]
#: Every language, in the order in which packages are shown.
LANGUAGES: tuple[Language, ...] = ("python", "node", "typescript", "migrations")
Kind = Literal["wheel", "npm"]
Interface = Literal["asyncio", "sync"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNames:
    """``[packages]`` of schema-service.toml, checked."""

    python_client: str = "schema-client"
    python_import: str = "schema_client"
    python_interface: Interface = "asyncio"
    python_migrations: str = "schema-migrations"
    python_migrations_import: str = "schema_migrations"
    node_client: str = "@org/schema-client"
    typescript_types: str = "@org/schema-types"

    def of_kind(self, kind: Kind) -> tuple[str, str]:
        """The names of the two packages that one kind of registry gets."""
        if kind == "wheel":
            return self.python_client, self.python_migrations
        return self.node_client, self.typescript_types


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """Everything a target may know. ``migrations`` are all that ``version`` contains, ``lines`` those of the
    versions that it contains, where these are not one line.

    ``history`` is what the rehearsal found at every version up to and including this one, oldest first; it
    is empty where nothing was rehearsed. ``compatible_from`` is what authors declare of versions up to this
    one: the oldest version whose packages work on a database at the key (the key itself: no other's).
    ``changelog`` is Markdown; empty for versions from before packages carried it.

    ``schema_name`` is the workspace's name (``schema-service.toml``: ``name``); ``description`` and
    ``author`` are from version.toml and are untrusted text, like every comment in the schema.
    """

    schema_name: str
    version: SchemaVersion
    description: str
    author: str | None
    schema: Schema
    migrations: tuple[Migration, ...]
    names: PackageNames
    history: tuple[ReleaseState, ...] = ()
    compatible_from: Mapping[SchemaVersion, SchemaVersion] = field(default_factory=dict)
    changelog: str = ""
    lines: tuple[VersionLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A generated package: the sources that ``generate`` writes out and that a packer packs.

    For a wheel ``files`` holds pyproject.toml (hatchling), README.md and the import package; for npm it
    holds package.json and everything the tarball ships. ``name`` is the distribution's name and
    ``version`` is written as that registry spells it. ``bundled`` is what it carries of others' work.
    """

    language: Language
    kind: Kind
    name: str
    version: str
    files: FileTree
    bundled: tuple[BundledComponent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One built file, ready to upload."""

    language: Language
    kind: Kind
    name: str
    version: str
    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


class Target(Protocol):
    """A kind of package. ``generate`` gives the same package for the same request, on any machine."""

    @property
    def language(self) -> Language: ...

    def generate(self, request: GenerationRequest) -> Package: ...
