"""CHANGELOG.md as it is drafted."""

from __future__ import annotations

from schemas.comparison.change import Change
from schemas.comparison.changelog import changelog, escape_markdown
from schemas.versions import SchemaVersion

V1, V2 = SchemaVersion.parse("1.0.0"), SchemaVersion.parse("2.0.0")


def test_changes_are_grouped_by_what_happened() -> None:
    changes = [
        Change("documented", "model", "A", "internal", "the description of A changed"),
        Change("added", "model", "B", "additive", "B is new"),
        Change("removed", "field", "A.snake_case", "breaking", "A.snake_case is removed"),
    ]
    assert changelog(V2, V1, changes, "Prices & *more*.") == (
        "# 2.0.0\n\n"
        "Prices \\& \\*more\\*.\n\n"
        "## Added since 1.0.0\n\n- B is new\n\n"
        "## Changed since 1.0.0\n\n- the description of A changed\n\n"
        "## Removed since 1.0.0\n\n- **Breaking:** A.snake\\_case is removed\n"
    )


def test_no_change_is_said_too() -> None:
    assert changelog(V2, V1, []) == "# 2.0.0\n\nNothing changed in the schema since 1.0.0.\n"
    assert changelog(V1, None, []) == "# 1.0.0\n\nThe first version.\n"


def test_untrusted_text_is_only_text() -> None:
    nasty = "# <script>\n[x](javascript:1)\u2028`code` \u202e--- | ![i](u) \x1b[31m"
    escaped = escape_markdown(nasty)
    assert "\n" not in escaped
    assert escaped.isprintable()
    for character in "#<>[]()`|!":
        assert escaped.count(character) == escaped.count(f"\\{character}")
    assert escape_markdown("- item") == "\\- item"
    assert escape_markdown("1. item") == "1\\. item"
    assert escape_markdown("===") == "\\==="
