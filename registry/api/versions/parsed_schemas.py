"""Schemas of published versions as values: read by Prisma's engine, which starts when it is first needed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from schemas.documents.json_model import FORMAT, json_model
from schemas.model import Schema
from schemas.prisma.bridge import DEFAULT_FILE, PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

from ...catalogue import Catalogue
from ...catalogue.lookup import published_version
from ...validation.schema_loading import parsed_schema


class ParsedSchemas:
    """``root`` is the workspace's, if there is one here: a running `up` is asked then."""

    def __init__(self, catalogue: Catalogue, root: Path | None) -> None:
        self._catalogue = catalogue
        self.bridge = PrismaBridge(shared_in=private_folder(root, "local") if root else None)

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Ends the engine with the application."""
        try:
            yield
        finally:
            self.bridge.close()

    def of(self, version: SchemaVersion) -> Schema:
        """Raises NotPublishedError, and what the engine raises: InvalidSchemaError for a schema that today's
        refuses, ToolchainError where it can't be installed, BridgeError."""
        published = published_version(self._catalogue, version)
        return parsed_schema(published.schema_text, DEFAULT_FILE, published.partial_types, self.bridge)

    def json_model(self, version: SchemaVersion) -> str:
        """As JSON: kept once somebody asked for it. Raises as :meth:`of` does."""
        kept = self._catalogue.models.find(version, FORMAT)
        if kept is None:
            kept = json.dumps(json_model(self.of(version)), ensure_ascii=False, separators=(",", ":"))
            self._catalogue.models.keep(version, FORMAT, kept)
        return kept
