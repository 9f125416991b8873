"""The API's answers, as OpenAPI shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from generators.target import Kind, Language


class VersionDocument(BaseModel):
    version: str = Field(examples=["2.0.0"])
    description: str
    author: str | None
    latest: bool
    staged: bool = Field(description="whether it waits to be promoted: nobody gets it unasked")
    published_at: datetime
    published_by: str
    schema_digest: str = Field(description="sha256 of the formatted schema, as every package carries it")


class Entry(BaseModel):
    """Where to start."""

    schema_name: str
    latest: str | None
    links: dict[str, str] = Field(description="what this API answers, by what it is")


class DraftDocument(BaseModel):
    """Packages of a draft, which may still change."""

    version: str = Field(description="the version that it is a draft of", examples=["2.1.0"])
    draft: str = Field(description="the number of its packages", examples=["2.1.0-dev.3"])
    published_at: datetime
    published_by: str


class VersionList(BaseModel):
    schema_name: str
    latest: str | None
    versions: list[VersionDocument] = Field(description="newest first")
    drafts: list[DraftDocument] = Field(description="newest first; empty unless asked for")


class SchemaDocument(VersionDocument):
    schema_text: str = Field(description="schema.prisma as it was published")
    partial_types: str = Field(description="partial_types.py as it was published; empty without one")
    changelog: str


class ClientDocument(BaseModel):
    version: str
    language: Language
    name: str = Field(examples=["@org/schema-client"])
    package_version: str = Field(description="the version as its registry spells it", examples=["2.0.0"])
    kind: Kind
    filename: str
    sha256: str
    size_bytes: int
    registry: str | None = Field(description="the index or registry that package managers read")
    install: list[str] = Field(description="shell lines, any one of which installs it")
    download: str = Field(description="where this API serves the file")


class MigrationDocument(BaseModel):
    id: str = Field(examples=["005_materialized_views"])
    number: int
    name: str
    version: str
    up: str
    down: str | None


class MigrationList(BaseModel):
    version: str
    migrations: list[MigrationDocument] = Field(description="all up to this version, in order")


class Health(BaseModel):
    status: str = Field(examples=["ok"])
    latest: str | None


class ProblemItem(BaseModel):
    code: str
    message: str
    fix: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details; ``problems`` lists every one, with its fix."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    problems: list[ProblemItem]
