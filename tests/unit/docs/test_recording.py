"""The picture of the demo in the README."""

from __future__ import annotations

import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

_RECORD = Path(__file__).parents[3] / "docs" / "recording" / "record.py"
_TEXT = "{http://www.w3.org/2000/svg}text"


def _record() -> dict[str, Any]:
    return runpy.run_path(str(_RECORD))


def test_whatever_is_printed_is_text_and_the_last_line_ends_at_the_bottom() -> None:
    record = _record()
    printed = ["$ make demo", "", "  ✓ check </text><script>", *(f"  line {row}" for row in range(60))]
    lines = [record["Line"](text, at / 10) for at, text in enumerate(printed)]
    svg = record["drawn"](lines)
    texts = ["".join(each.itertext()) for each in ET.fromstring(svg).iter(_TEXT)]
    assert texts == [text for text in printed if text]
    assert f"translateY({(record['ROWS'] - len(printed)) * record['LINE']}px)" in svg


def test_a_long_line_is_broken_between_words_below_its_own_indent() -> None:
    record = _record()
    word = "x" * (record["COLUMNS"] // 2)
    assert record["wrapped"](f"  ✓ {word} {word}") == [f"  ✓ {word}", f"      {word}"]
    assert record["wrapped"]("") == [""]


def test_pauses_are_shortened_and_nothing_else() -> None:
    record = _record()
    lines = [record["Line"](text, at) for text, at in (("a", 0.0), ("b", 0.25), ("c", 60.25), ("d", 60.5))]
    shown = record["hastened"](lines)
    assert [line.text for line in shown] == ["a", "b", "c", "d"]
    assert [line.at for line in shown] == [0.0, 0.25, 0.25 + record["STEP"], 0.5 + record["STEP"]]


def test_the_picture_is_small_and_names_nothing_of_the_machine_that_drew_it() -> None:
    text = _record()["PICTURE"].read_text("utf-8")
    assert len(text) < 200_000
    assert set(re.findall(r"https?://([^/:]+)", text)) == {"127.0.0.1", "www.w3.org"}
    assert re.findall(r"/(?:root|home|tmp|work|Users|opt|var)/", text) == []
