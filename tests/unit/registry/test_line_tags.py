"""The tags of lines where a package lacks a version, as one that is named otherwise since."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from registry.catalogue import PublishedArtifact
from registry.lifecycle.differences import line_differences
from registry.publishers.npm import NpmPublisher
from schemas.versions import SchemaVersion

from .fake_registry import FakeRegistry

_DIST = {"dist": {"tarball": "x"}}
_V1, _V2 = SchemaVersion(1, 2, 0), SchemaVersion(2, 0, 0)


@pytest.mark.parametrize(("versions", "tags"), [(("2.0.0",), ["v2"]), (("1.2.0", "2.0.0"), ["v1", "v2"])])
def test_a_tag_is_wanted_only_where_the_package_has_its_version(
    registries: Callable[[], FakeRegistry], versions: tuple[str, ...], tags: list[str]
) -> None:
    registry = registries()
    packument = {"versions": dict.fromkeys(versions, _DIST), "dist-tags": {"latest": "2.0.0"}}
    registry.answers["/types"] = (200, {}, json.dumps(packument).encode())
    npm = NpmPublisher(url=registry.url, credentials=None)
    found = list(line_differences(_places(npm), [_packed()], _V2))
    assert [each.text for each in found] == [
        f"types: the tag {tag} is on {at}" for tag, at in (("v1", _V1), ("v2", _V2)) if tag in tags
    ]
    # This registry has no requests for tags, so nothing is corrected, and none is told to be.
    assert not any(each.is_corrected() for each in found)


def _places(npm: NpmPublisher) -> Any:
    nobody = SimpleNamespace(withdrawn=dict, unfinished=tuple)
    catalogue = SimpleNamespace(
        versions=lambda: (_V1, _V2), events=nobody, staged=SimpleNamespace(all=frozenset)
    )
    return SimpleNamespace(catalogue=catalogue, publishers={"npm": npm})


def _packed() -> PublishedArtifact:
    return PublishedArtifact(
        language="typescript", kind="npm", name="types", version="2.0.0", filename="t", sha256="0", size=0
    )
