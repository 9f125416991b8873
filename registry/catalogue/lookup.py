"""Finding a version that has to be published."""

from __future__ import annotations

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..errors import NotPublishedError
from .catalogue import Catalogue
from .records import PublishedVersion


def published_version(catalogue: Catalogue, version: SchemaVersion) -> PublishedVersion:
    """Everything about ``version``. Raises NotPublishedError, and CatalogueError."""
    published = catalogue.find(version)
    if published is None:
        raise NotPublishedError(
            Problem(
                code="not-published",
                message=f"{version} is not published, as far as this machine's state database knows",
                fix="schema-service versions lists what is; schema-service repair takes over what was "
                "published elsewhere",
            )
        )
    return published
