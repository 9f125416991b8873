"""What a version's number promises to older packages."""

from __future__ import annotations

from migrations.package.compatibility import compatible_on_lines, compatible_versions
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin, lines_of


def test_what_does_not_break_is_compatible() -> None:
    texts = (
        "0.1.0",
        "0.1.2",
        "0.2.0",
        "1.0.0-rc.1",
        "1.0.0",
        "1.1.0",
        "1.1.1-beta.1",
        "1.2.0",
        "2.0.0",
        "2.0.1",
    )
    found = compatible_versions(map(SchemaVersion.parse, reversed(texts)))
    assert {str(newer): str(older) for newer, older in found.items()} == {
        "0.1.2": "0.1.0",
        "1.1.0": "1.0.0",
        "1.2.0": "1.0.0",
        "2.0.1": "2.0.0",
    }


def test_what_is_declared_counts_instead() -> None:
    versions = {
        text: SchemaVersion.parse(text) for text in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0", "2.1.0")
    }
    declared = {"1.2.0": "1.2.0", "2.0.0": "1.3.0"}
    found = compatible_versions(
        versions.values(), {versions[newer]: versions[older] for newer, older in declared.items()}
    )
    assert {str(newer): str(older) for newer, older in found.items()} == {
        "1.1.0": "1.0.0",
        "1.3.0": "1.2.0",  # it contains what 1.2.0 breaks
        "2.0.0": "1.3.0",
        "2.1.0": "2.0.0",
    }


def test_a_version_is_compatible_with_what_it_contains() -> None:
    """1.0.1 is a maintenance version that 1.1.0 doesn't contain, and 1.1.1 does; its packages work on nothing
    before it."""
    texts = ("1.0.0", "1.0.1", "1.1.0", "1.1.1")
    first, branch, second, merged = map(SchemaVersion.parse, texts)
    origins = {
        first: Origin(),
        branch: Origin(from_=first),
        second: Origin(),
        merged: Origin(takes={branch: {}}),
    }
    lines = lines_of((first, branch, second, merged), origins, {each: [] for each in origins})
    found = compatible_on_lines(list(origins), list(lines.values()), {branch: branch})
    assert found == {second: first, merged: branch}
