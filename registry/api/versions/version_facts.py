"""What is told of a version wherever it is shown."""

from __future__ import annotations

from typing import Any

from ..served.version_index import IndexedVersion, VersionIndex


def version_facts(each: IndexedVersion, index: VersionIndex) -> dict[str, Any]:
    """The fields of a VersionDocument."""
    summary = each.summary
    return {
        "version": str(each.version),
        "description": each.description,
        "corrected": sorted({made.what for made in each.corrections}),
        "author": summary.author,
        "latest": each.version == index.latest,
        "withdrawn": each.withdrawn,
        "staged": each.is_staged,
        "follows": str(each.follows) if each.follows else None,
        "takes": {str(version): dict(answers) for version, answers in each.origin.takes.items()},
        "published_at": summary.published_at,
        "published_by": summary.published_by,
        "schema_digest": summary.schema_digest,
    }
