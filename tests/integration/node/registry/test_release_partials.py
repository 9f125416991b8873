"""What a release makes of partial types: they are checked, and compared with what was published before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.catalogue import Catalogue, PublishedVersion
from registry.config.settings import load_settings
from registry.errors import CheckFailedError
from registry.release.context import ReleaseContext
from registry.release.snapshots.snapshot import Snapshot
from registry.release.snapshots.workspace_snapshot import take_snapshot
from registry.release.steps import check, compare
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

V2, V201 = SchemaVersion.parse("2.0.0"), SchemaVersion.parse("2.0.1")
_PARTIALS = (
    "from schema_client.models import User\n\nUser.create_partial('UserName', include={'displayName'})\n"
)

Taken = Callable[[str, str], tuple[ReleaseContext, Snapshot]]


@pytest.fixture
def taken(tmp_path: Path, bridge: PrismaBridge) -> Iterator[Taken]:
    """``taken(before, now)``: a release of 2.0.1 after 2.0.0, with these partial types.

    The workspace has lost what 2.0.0 declared: the catalogue remembers.
    """
    workspace = create_workspace(tmp_path, name="shop", sample=True)
    settings = load_settings(tmp_path)
    catalogue = Catalogue.open(settings.state.url, root=tmp_path, schema_name="shop")

    def begun(before: str, now: str) -> tuple[ReleaseContext, Snapshot]:
        old = workspace.load(V2)
        for source in (workspace.load(version) for version in workspace.versions()):
            published = PublishedVersion(
                version=source.version,
                description="",
                author=None,
                schema_text=source.schema_text,
                schema_digest="0" * 64,
                input_digest="0" * 64,
                changelog="",
                published_at=datetime(2026, 1, 1, tzinfo=UTC),
                published_by="somebody",
                migrations=source.migrations,
                artifacts=(),
                partial_types=before if source.version == V2 else "",
            )
            catalogue.record(published, latest=source.version)
        new = replace(workspace.create_version(V201), partial_types=now)
        assert old.partial_types == ""
        snapshot = take_snapshot(workspace, new, settings, catalogue, bridge)
        context = ReleaseContext(
            root=tmp_path,
            settings=settings,
            catalogue=catalogue,
            bridge=bridge,
            publishers={},
            rehearsal_url=None,
        )
        return context, snapshot

    yield begun
    catalogue.close()


def test_a_release_says_what_is_wrong_with_them(taken: Taken) -> None:
    context, snapshot = taken("", _PARTIALS.replace("displayName", "name"))
    with pytest.raises(CheckFailedError) as caught:
        check.run(context, snapshot, {})
    assert [(each.file, each.line, each.code) for each in caught.value.problems] == [
        ("schemas/2.0.1/partial_types.py", 3, "unknown-field")
    ]


def test_a_schema_that_is_not_valid_hides_nothing_of_them(taken: Taken) -> None:
    context, snapshot = taken("", "print()\n")
    with pytest.raises(CheckFailedError) as caught:
        check.run(context, replace(snapshot, schema_text=f"{snapshot.schema_text}\nmodel {{\n"), {})
    assert caught.value.problems[-1].code == "partial-types-not-literal"
    assert len(caught.value.problems) > 1


@pytest.mark.parametrize(
    ("before", "now", "fix"),
    [
        (_PARTIALS, "", "publish this as 3.0.0, or undo these changes"),
        ("", _PARTIALS, "publish this as 2.1.0, or undo these changes"),
    ],
)
def test_a_release_that_is_too_small_a_step_is_refused(taken: Taken, before: str, now: str, fix: str) -> None:
    context, snapshot = taken(before, now)
    with pytest.raises(CheckFailedError) as caught:
        check.run(context, snapshot, {})
    assert [each.fix for each in caught.value.problems] == [fix]


def test_the_same_partial_types_are_no_change(taken: Taken) -> None:
    context, snapshot = taken(_PARTIALS, _PARTIALS)
    assert compare.run(context, snapshot, {})["summary"] == "nothing changed since 2.0.0"
    assert [each.name for each in context.schema(snapshot).partials] == ["UserName"]
