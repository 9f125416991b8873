"""What a version's number promises to older packages."""

from __future__ import annotations

from migrations.compatibility import compatible_versions
from schemas.versions import SchemaVersion


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
