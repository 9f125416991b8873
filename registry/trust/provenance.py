"""The statement about a release: which files it consists of, and what they were made from, by whom.

Rules: in-toto Statement v1, SLSA provenance v1. It claims SLSA Build L1 and no more: it is made by the
process that builds, on whatever machine that runs. What makes it more than a claim is that anybody can build
the version again and compare the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any

from schemas.workspace.release_lock import ReleaseLock

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
_BUILD_TYPE = "urn:schema-service:build:v1"
_TOOL = "schema-service"


def tool_version() -> str:
    """This tool's own."""
    return installed_version(_TOOL)


def statement(lock: ReleaseLock, schema_name: str, *, built_by: str) -> dict[str, Any]:
    """The statement about the release that ``lock`` seals, built by the version ``built_by`` of this tool."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": artifact.filename, "digest": {"sha256": artifact.sha256}} for artifact in lock.artifacts
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"schema": schema_name, "version": str(lock.version)},
                "internalParameters": {
                    "schemaDigest": lock.schema_digest,
                    "inputDigest": lock.input_digest,
                    "changelogDigest": lock.changelog_digest,
                    "generators": lock.generators,
                    "names": dict(lock.packages),
                    "follows": str(lock.follows) if lock.follows else None,
                    "takes": [str(each) for each in lock.takes],
                    "packages": [
                        {"registry": each.registry, "name": each.name, "version": each.version}
                        for each in lock.artifacts
                    ],
                },
                "resolvedDependencies": [
                    {
                        "name": each.path,
                        "digest": {"sha256": each.sha256},
                        **({"annotations": {"of": each.of}} if each.of else {}),
                    }
                    for each in lock.inputs
                ],
            },
            "runDetails": {
                "builder": {"id": f"urn:schema-service:{built_by}", "version": {_TOOL: built_by}},
                "metadata": {"finishedOn": lock.published_at},
            },
        },
    }


def builder_version(stated: Mapping[str, Any]) -> str | None:
    """The version of this tool that a statement names; None where it names none."""
    try:
        version = stated["predicate"]["runDetails"]["builder"]["version"][_TOOL]
    except (KeyError, TypeError):
        return None
    return version if isinstance(version, str) else None


def stated(payload: bytes) -> dict[str, Any] | None:
    """The statement in a payload; None for anything that isn't one."""
    try:
        value = json.loads(payload)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("_type") == STATEMENT_TYPE else None
