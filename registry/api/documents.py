"""The API's answers, as OpenAPI shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from generators.target import Kind, Language


def _whole(value: object) -> object:
    """In JSON 1.0 is a whole number, as in JSON Schema: some languages write them so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[int, BeforeValidator(_whole)]


class RequestBody(BaseModel):
    """What a request sends: nothing unknown, and each value of its own type. Who sends `"yes"` or `"5"` may
    well mean something else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class VersionDocument(BaseModel):
    version: str = Field(examples=["2.0.0"])
    description: str
    author: str | None
    latest: bool
    withdrawn: str | None = Field(description="why nobody should use it; null unless it is withdrawn")
    staged: bool = Field(description="whether it waits to be promoted: nobody gets it unasked")
    follows: str | None = Field(
        description="the version whose migrations come before its own; null for the first", examples=["1.1.0"]
    )
    takes: dict[str, dict[str, str]] = Field(
        description="the versions whose maintenance lines it takes over, each with an answer for each of its "
        "migrations: `run`, `contained`, or the migration in its place",
        examples=[{"1.1.1": {"004_note_index": "run"}}],
    )
    published_at: datetime
    published_by: str
    schema_digest: str = Field(description="sha256 of the formatted schema, as every package carries it")
    corrected: list[str] = Field(
        description="which texts were corrected since; packages carry the original", examples=[["changelog"]]
    )


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
    total: int = Field(description="how many there are on all pages")
    versions: list[VersionDocument] = Field(description="newest first")
    drafts: list[DraftDocument] = Field(description="newest first; empty unless asked for")


class SchemaDocument(VersionDocument):
    schema_text: str = Field(description="schema.prisma as it was published")
    partial_types: str = Field(description="partial_types.py as it was published; empty without one")
    changelog: str
    notes: str | None


class CorrectionDocument(BaseModel):
    what: str = Field(examples=["description", "notes", "changelog"])
    text: str
    at: datetime
    by: str


class LockDocument(BaseModel):
    table: str
    mode: str = Field(examples=["ACCESS EXCLUSIVE"])
    waiting: str = Field(description="who waits for it to end", examples=["writes"])
    works: list[str] = Field(description="what is done meanwhile that takes longer with more rows")


class MigrationLocksDocument(BaseModel):
    id: str
    rehearsed_ms: float | None = Field(
        description="how long it took in the rehearsal, which has a few rows a table: yours may have more"
    )
    locks: list[LockDocument]


class ChangelogDocument(BaseModel):
    version: str
    changelog: str = Field(description="Markdown, with the last correction of it")
    original: str = Field(description="as all four packages carry it")
    corrections: list[CorrectionDocument] = Field(description="of any text of the version, oldest first")
    migrations: list[MigrationLocksDocument]


class SignatureDocument(BaseModel):
    keyid: str
    sig: str = Field(description="base64, over the statement (DSSE)")
    statement: str = Field(description="where the whole signed statement is")


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
    requires: dict[str, str] | None = Field(
        description="what runs it; null where its file can't be read now", examples=[{"python": ">=3.11"}]
    )
    dependencies: dict[str, str] | None = Field(
        description="the packages that it needs; null where its file can't be read now",
        examples=[{"psycopg": ">=3.2,<4"}],
    )
    signatures: list[SignatureDocument] = Field(
        description="those of the signed statement about its release; empty if that isn't signed"
    )
    install: list[str] = Field(description="shell lines, any one of which installs it")
    install_with: dict[str, str] = Field(
        description="a shell line for each tool: pip, uv, poetry, or npm, pnpm, yarn"
    )
    withdrawn: str | None = Field(description="why nobody should use it; null unless it is withdrawn")
    download: str = Field(description="where this API serves the file")
    install_files: str = Field(description="where this API has ready files that pin it")


class InstallDocument(BaseModel):
    version: str
    language: Language
    commands: dict[str, str] = Field(description="a shell line for each tool")
    files: dict[str, str] = Field(
        description="ready files, by name; `?file=NAME` answers one of them as it is",
        examples=[{"requirements.txt": "schema-client==2.0.0 --hash=sha256:…", "pip.conf": "[global]\n…"}],
    )


class FindingDocument(BaseModel):
    """Code, text and fix of a finding, and its place in the script."""

    code: str
    message: str
    fix: str
    file: str | None
    line: int | None
    column: int | None


class MigrationDocument(BaseModel):
    id: str = Field(examples=["005_materialized_views"])
    number: int
    name: str
    version: str
    up: str
    down: str | None
    findings: list[FindingDocument] | None = Field(
        description="what the linter finds in both scripts; null for migrations of other versions"
    )
    rehearsed_ms: float | None = Field(
        description="how long it took in the rehearsal; null for migrations of other versions"
    )


class MigrationList(BaseModel):
    version: str
    migrations: list[MigrationDocument] = Field(description="all up to this version, in order")


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class ProblemItem(BaseModel):
    code: str
    message: str
    fix: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details; ``problems`` lists every one, with its fix."""

    type: str = Field(
        description="the page that explains the first one", examples=["/problems/not-published"]
    )
    title: str
    status: int
    detail: str
    problems: list[ProblemItem]
