"""The corpus of the wire format, as every language's tests read it: ``tests/wire_format.json``.

A case is a type as a schema spells it, with the JSON of values that rows keep, JSON of other forms that are
read as one of these (``read``), and JSON that is refused. ``{"$number": "NaN"}`` stands for what JSON has no
form for.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "wire_format.json"
CASES: list[dict[str, Any]] = json.loads(CORPUS.read_text("utf-8"))
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def model() -> str:
    """A model ``Sample`` with, for each case, a field ``f0`` and a list ``l0``, and its enum."""
    fields = []
    for number, case in enumerate(CASES):
        type_, _, native = case["type"].partition(" ")
        fields += [f"f{number} {type_}? {native}", f"l{number} {type_}[] {native}"]
    lines = "\n  ".join(["id Int @id", 'note String? @default("by default")', *fields])
    return (
        'enum Kind {\n  FIRST @map("the \\"first\\" value")\n  second @map("the second")\n  Third\n'
        '  @@map("kinds")\n}\n'
        f"model Sample {{\n  {lines}\n}}\n"
    )


def rows() -> list[dict[str, Any]]:
    """The JSON of rows that have all values, in fields and in lists, and of one that has none."""
    most = max(len(case["kept"]) for case in CASES)
    made = [
        {"id": number + 1, "note": None}
        | {f"f{at}": case["kept"][number % len(case["kept"])] for at, case in enumerate(CASES)}
        | {f"l{at}": case["kept"][: number + 1] for at, case in enumerate(CASES)}
        for number in range(most)
    ]
    empty = {f"f{at}": None for at in range(len(CASES))} | {f"l{at}": [] for at in range(len(CASES))}
    return [*made, {"id": most + 1, "note": None} | empty]


def value_of(given: Any) -> Any:
    """A value of the corpus with the numbers that JSON has no form for."""
    if isinstance(given, dict):
        if given.keys() == {"$number"}:
            return _NUMBERS[given["$number"]]
        return {key: value_of(item) for key, item in given.items()}
    return [value_of(item) for item in given] if isinstance(given, list) else given
