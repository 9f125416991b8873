"""Reading schema.prisma as text: tokens, blocks, places, and taking the authors' comments out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.source import blocks, character_offset, position, tokens, without_comments

TRICKY = """\
// model Ghost {
/* model Other { */
datasource db {
  provider = "postgresql" // url = "postgres://user:secret@host"
}

/// Doc with // slashes and "quotes"
model A { // trailing
  id   Int    @id /* block
  over lines */
  url  String @default("https://x // not a comment") // yes, a comment
  text String @default("\\"{ /* no */ }")
  list Int[]  @default([1, 2])

  @@map("a { b")
}

enum E {
  X @map("}") // x
}
"""


def test_blocks_and_statements_are_what_they_seem() -> None:
    found = blocks(TRICKY)
    assert [(block.keyword, block.name) for block in found] == [
        ("datasource", "db"),
        ("model", "A"),
        ("enum", "E"),
    ]
    assert [statement.name for statement in found[1].statements] == ["id", "url", "text", "list", "@@map"]
    assert [statement.name for statement in found[2].statements] == ["X"]
    line, column = position(TRICKY, found[1].offset)
    assert TRICKY.splitlines()[line - 1][column - 1 :].startswith("A {")


def test_comments_go_and_documentation_stays(bridge: PrismaBridge) -> None:
    clean = without_comments(TRICKY)
    for gone in ("Ghost", "secret", "trailing", "yes, a comment", "// x"):
        assert gone not in clean
    for kept in (
        "/// Doc with // slashes",
        "https://x // not a comment",
        "{ /* no */ }",
        '@map("}")',
        "over lines",
    ):
        assert kept in clean
    assert bridge.parse(clean).models == bridge.parse(TRICKY).models
    assert without_comments(clean) == clean


@given(st.text())
def test_any_text_comes_apart_and_nothing_is_lost(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text
    blocks(text)
    without_comments(text)


@given(st.text(st.characters(codec="utf-8")), st.data())
def test_offsets_in_utf16_become_offsets_in_characters(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    assert character_offset(text, len(text[:offset].encode("utf-16-le")) // 2) == offset


@given(st.text("aé😀\n"), st.data())
def test_positions_count_from_one(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    line, column = position(text, offset)
    lines = text.split("\n")
    assert sum(len(before) + 1 for before in lines[: line - 1]) + column - 1 == offset
