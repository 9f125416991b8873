"""What the Schema API answers besides lists of versions, as OpenAPI shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from generators.target import Kind, Language

from ..documents import VersionDocument


class PackageSummary(BaseModel):
    language: Language
    kind: Kind
    name: str = Field(examples=["schema-client"])
    package_version: str
    filename: str
    sha256: str
    size_bytes: int
    details: str = Field(description="where this API tells more", examples=["/client/2.0.0/python"])


class MetadataDocument(VersionDocument):
    """A version without its schema's text."""

    notes: str | None
    input_digest: str = Field(description="sha256 of all that decides what its packages contain")
    generators: int = Field(description="the revision of the generators that made its packages")
    migrations: list[str] = Field(description="those that it adds", examples=[["005_materialized_views"]])
    rehearsed_ms: dict[str, float] = Field(description="how long each of them took in the rehearsal")
    renames: list[tuple[str, str]] = Field(description="names in the version before, and in this one")
    inputs: dict[str, str] = Field(description="sha256 of each file that it was made from, where recorded")
    packages: list[PackageSummary]
    attestation: str | None = Field(description="where its signed statement is; null if it isn't signed")
    schema_forms: dict[str, str] = Field(description="addresses of its schema, by media type")


class ChangelogEntry(BaseModel):
    version: str
    published_at: datetime
    withdrawn: str | None
    changelog: str = Field(description="Markdown, with the last correction of it")


class ChangelogList(BaseModel):
    schema_name: str
    total: int = Field(description="how many there are on all pages")
    changelogs: list[ChangelogEntry] = Field(description="newest first")


class DiffDocument(BaseModel):
    """As `schema-service diff --json` prints it."""

    from_: str | None = Field(alias="from")
    to: str
    direction: str = Field(examples=["forward", "back", "other-line"])
    both_in: str | None = Field(description="the lowest version that contains both, if on different lines")
    smallest_version: str | None = Field(description="the lowest number that may have these changes")
    asks: list[dict[str, Any]]
    consumers: dict[str, dict[str, int]]
    changes: list[dict[str, Any]]
    migrations: list[dict[str, Any]]


class CompatibleClients(BaseModel):
    database: str = Field(description="the version that a database is at", examples=["2.1.0"])
    oldest_client: str = Field(description="the oldest version whose packages work on it", examples=["2.0.0"])
    npm_range: str = Field(examples=[">=2.0.0 <=2.1.0"])
    python_specifier: str = Field(examples=[">=2.0.0,<=2.1.0"])
    excluded: list[str] = Field(
        description="published versions between the two, of other lines, that promise nothing"
    )


class CompatibleDatabases(BaseModel):
    client: str = Field(examples=["2.0.0"])
    databases: list[str] = Field(description="the versions at which a database serves it, oldest first")


class CompatibilityDocument(BaseModel):
    schema_name: str
    databases: list[CompatibleClients] = Field(description="newest first")
    clients: list[CompatibleDatabases] = Field(description="of the client asked for; else empty")
