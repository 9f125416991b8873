"""What the API answers of one schema's published versions and packages, to who only reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter

from generators.target import Kind

from ..artifacts.store import open_store
from ..catalogue import Catalogue
from ..config.settings import Settings
from ..publishers.published_bytes import PublishedBytes
from ..publishers.publisher import Publisher
from .feed_routes import feed_routes
from .packages.client_routes import client_routes
from .packages.described import DescribedPackages
from .packages.npm_manifests import NpmManifests
from .packages.npm_registry import npm_registry
from .packages.simple_index import simple_index
from .served.kept_documents import KeptDocuments
from .versions.changelog_routes import changelog_routes
from .versions.client_compatibility import OldestClients
from .versions.comparison_routes import comparison_routes
from .versions.migration_routes import migration_routes
from .versions.parsed_schemas import ParsedSchemas
from .versions.schema_routes import schema_routes
from .versions.version_routes import version_routes


def reading_routes(
    catalogue: Catalogue,
    settings: Settings,
    publishers: Mapping[Kind, Publisher],
    root: Path | None,
    kept: KeptDocuments,
) -> tuple[APIRouter, ...]:
    """The routers. ``root`` is the workspace's, if there is one here: files that releases left in it needn't
    come from a registry."""
    schemas = ParsedSchemas(catalogue, root)
    store = open_store(settings.artifacts, root) if root else None
    files = PublishedBytes(publishers, store)
    described = DescribedPackages(catalogue, files)
    names, oldest = settings.packages.names(), OldestClients(catalogue, files)
    return (
        version_routes(catalogue, kept),
        schema_routes(catalogue, kept, schemas),
        changelog_routes(catalogue, kept),
        comparison_routes(catalogue, kept, schemas, names, oldest),
        client_routes(catalogue, settings, kept, described, files),
        migration_routes(catalogue, kept),
        feed_routes(catalogue),
        simple_index(catalogue, settings, kept, described, files),
        npm_registry(catalogue, settings, kept, described, NpmManifests(publishers)),
    )
