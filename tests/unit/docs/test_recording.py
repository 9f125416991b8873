"""The picture of the demo in the README."""

from __future__ import annotations

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


def test_a_long_line_is_broken_as_a_terminal_does() -> None:
    record = _record()
    assert record["wrapped"]("x" * (record["COLUMNS"] + 1)) == ["x" * record["COLUMNS"], "x"]
    assert record["wrapped"]("") == [""]
