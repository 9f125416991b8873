"""``/schema``: a version's schema in several forms, by what a request accepts or by the address's suffix."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from schemas.documents.json_schema import json_schema
from schemas.versions import SchemaVersion

from ...catalogue import Catalogue, VersionTexts
from ...catalogue.lookup import published_version
from ...versions.amend import corrected
from ..documents import SchemaDocument
from ..served.document import IMMUTABLE, JSON, REVALIDATED, Document, base_path
from ..served.gathering import Gathering
from ..served.kept_documents import Kept, KeptDocuments
from ..served.negotiation import preferred
from ..served.version_index import VersionIndex
from .documents import MetadataDocument, PackageSummary
from .parsed_schemas import ParsedSchemas
from .version_facts import version_facts
from .version_routes import VersionPath

PRISMA: Final = "text/plain"
MODEL: Final = "application/vnd.schema-service.model+json"
JSON_SCHEMA: Final = "application/schema+json"
SQL: Final = "application/sql"
#: What an address may end with; the longer ones first.
SUFFIXES: Mapping[str, str] = {".schema.json": JSON_SCHEMA, ".prisma": PRISMA, ".json": MODEL, ".sql": SQL}
_OFFERED = (JSON, PRISMA, MODEL, JSON_SCHEMA, SQL)
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {"schema": {"type": "string"}} for kind in (PRISMA, SQL)}
        | {kind: {"schema": {"type": "object"}} for kind in (MODEL, JSON_SCHEMA)}
    }
}


def schema_routes(catalogue: Catalogue, kept: KeptDocuments, schemas: ParsedSchemas) -> APIRouter:
    router = APIRouter(tags=["versions"], lifespan=schemas.lifespan)
    views = _Views(catalogue, kept, schemas)
    router.get("/schema/{version}", response_model=SchemaDocument, responses=_CONTENT)(views.schema)
    router.get("/schema/{version}/metadata", response_model=MetadataDocument)(views.metadata)
    return router


class _Views:
    def __init__(self, catalogue: Catalogue, kept: KeptDocuments, schemas: ParsedSchemas) -> None:
        self._catalogue = catalogue
        self._kept = kept
        self._schemas = schemas
        self._texts: Gathering[SchemaVersion, VersionTexts] = Gathering(catalogue.texts)
        self._makers: dict[str, Callable[[SchemaVersion], str]] = {
            PRISMA: self._prisma,
            MODEL: schemas.json_model,
            JSON_SCHEMA: self._json_schema,
            SQL: self._sql,
        }

    async def schema(self, request: Request, version: VersionPath) -> Response:
        """The schema of a version as it was published.

        The default is JSON with what is told of the version. With the suffix `.prisma` (or `Accept:
        text/plain`) it is the schema's text, with `.json` its models and enums as JSON, with `.schema.json` a
        JSON Schema (2020-12) of its rows, with `.sql` all migrations that make its database from nothing: for
        psql, as some of their statements can't be in a transaction.
        """
        suffix = next((each for each in SUFFIXES if version.endswith(each)), "")
        form = SUFFIXES[suffix] if suffix else preferred(request, _OFFERED)
        now = await self._kept.now()
        found = now.index.resolve(version.removesuffix(suffix))
        if form == JSON:

            async def made() -> Document:
                return self._document(now.index, found.version, await self._texts.get(found.version))

            document = await now.document(("schema", found.version), made)
        else:
            document = await self._form(now, found.version, form)
        exact = f"{base_path(request)}/schema/{found.version}{suffix}"
        is_fixed = found.is_exact and form != JSON
        answer = now.respond(
            request,
            document,
            caching=IMMUTABLE if is_fixed else REVALIDATED,
            location=None if found.is_exact else exact,
        )
        if not suffix:
            answer.headers["Vary"] = "Accept"
        return answer

    async def metadata(self, request: Request, version: VersionPath) -> Response:
        """What is known of a version besides the text of its schema: packages, migrations, what it was made
        from."""
        now = await self._kept.now()
        found, base = now.index.resolve(version), base_path(request)
        document = await now.document(
            ("metadata", found.version, base), lambda: self._metadata(now.index, found.version, base)
        )
        location = None if found.is_exact else f"{base}/schema/{found.version}/metadata"
        return now.respond(request, document, location=location)

    async def _form(self, now: Kept, version: SchemaVersion, form: str) -> Document:
        make = self._makers[form]
        return await now.document((form, version), lambda: Document(make(version).encode(), form))

    def _document(self, index: VersionIndex, version: SchemaVersion, texts: VersionTexts | None) -> Document:
        each = index.versions[version]
        if texts is None:
            raise AssertionError(f"{version} is in the index and not in the catalogue")
        corrected_to = {made.what: made.text for made in each.corrections}  # the last one of each counts
        return Document.of(
            SchemaDocument(
                **version_facts(each, index),
                schema_text=texts.schema_text,
                partial_types=texts.partial_types,
                changelog=corrected_to.get("changelog", texts.changelog),
                notes=corrected_to.get("notes", texts.notes),
            )
        )

    def _metadata(self, index: VersionIndex, version: SchemaVersion, base: str) -> Document:
        published = published_version(self._catalogue, version)
        each = index.versions[version]
        packages = [
            PackageSummary(
                language=artifact.language,
                kind=artifact.kind,
                name=artifact.name,
                package_version=artifact.version,
                filename=artifact.filename,
                sha256=artifact.sha256,
                size_bytes=artifact.size,
                details=f"{base}/client/{version}/{artifact.language}",
            )
            for artifact in published.artifacts
        ]
        return Document.of(
            MetadataDocument(
                **version_facts(each, index),
                notes=corrected(published, each.corrections).published.notes,
                input_digest=published.input_digest,
                generators=published.generators,
                migrations=[migration.id for migration in published.migrations],
                rehearsed_ms=dict(published.rehearsed_ms),
                renames=[(was, now) for was, now in published.renames],
                inputs={each.path: each.sha256 for each in published.inputs},
                packages=packages,
                attestation=f"{base}/versions/{version}/attestation" if each.is_signed else None,
                schema_forms={kind: f"{base}/schema/{version}{suffix}" for suffix, kind in SUFFIXES.items()},
            )
        )

    def _prisma(self, version: SchemaVersion) -> str:
        return published_version(self._catalogue, version).schema_text

    def _json_schema(self, version: SchemaVersion) -> str:
        made = json_schema(self._schemas.of(version), self._catalogue.schema_name, version)
        return json.dumps(made, ensure_ascii=False, indent=1)

    def _sql(self, version: SchemaVersion) -> str:
        """Each script as it is; the lines between them are ours."""
        scripts = (
            f"-- {each.id} (of {each.version})\n{each.up.rstrip()}\n"
            for each in self._catalogue.migrations_up_to(version)
        )
        return "\n".join(scripts)
