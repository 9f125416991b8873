"""The corpus of the wire format, as every language's tests read it: ``tests/wire_format.json``.

A case is a type as a schema spells it, with the JSON of values that rows keep, JSON of other forms that are
read as one of these (``read``), JSON of which a row keeps something else (``stored``), and JSON that is
refused. ``{"$number": "NaN"}`` stands for what JSON has no form for.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "wire_format.json"
CASES: list[dict[str, Any]] = json.loads(CORPUS.read_text("utf-8"))
_RANDOM = 150
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


#: In place of the extension, for servers that lack it.
CITEXT = "CREATE DOMAIN citext AS text"


def rows(*, has_xml: bool = False) -> list[dict[str, Any]]:
    """The JSON of rows that have all values, in fields and in lists, and of one that has none.

    Servers without libxml have no values of ``xml``.
    """
    without = {} if has_xml else _none(at for at, case in enumerate(CASES) if "Xml" in case["type"])
    most = max(len(case["kept"]) for case in CASES)
    made = [
        {"id": number + 1, "note": None}
        | {f"f{at}": case["kept"][number % len(case["kept"])] for at, case in enumerate(CASES)}
        | {f"l{at}": case["kept"][: number + 1] for at, case in enumerate(CASES)}
        | without
        for number in range(most)
    ]
    return [*made, {"id": most + 1, "note": None} | _none(range(len(CASES)))]


def _none(numbers: Iterable[int]) -> dict[str, Any]:
    """Fields and lists of some cases without values."""
    return {f"{letter}{at}": none for at in numbers for letter, none in (("f", None), ("l", []))}


def given_rows(*, has_xml: bool) -> list[dict[str, Any]]:
    """The JSON of rows whose columns keep something else, and of such with random moments."""
    cases = [(f"f{at}", case) for at, case in enumerate(CASES) if has_xml or "Xml" not in case["type"]]
    most = max(len(case.get("stored", ())) for case in CASES)
    rows = [
        {field: case["stored"][number][0] for field, case in cases if number < len(case.get("stored", ()))}
        for number in range(most)
    ]
    chosen = random.Random(12)
    moments = [field for field, case in cases if case["type"].startswith("DateTime")]
    return rows + [{field: _moment(chosen) for field in moments} for _ in range(_RANDOM)]


def stored_rows(*, has_xml: bool) -> list[dict[str, Any]]:
    """What the first of these rows have."""
    most = max(len(case.get("stored", ())) for case in CASES)
    return [
        {
            f"f{at}": case["stored"][number][1]
            for at, case in enumerate(CASES)
            if number < len(case.get("stored", ())) and (has_xml or "Xml" not in case["type"])
        }
        for number in range(most)
    ]


def _moment(chosen: random.Random) -> str:
    """A moment, in half of all cases the middle between two that a column keeps, or just beside it."""
    year = chosen.choice((1, 1969, 1999, 2000, 2026, 9998))
    moment = datetime(year, 1, 1, tzinfo=UTC) + timedelta(
        days=chosen.randrange(365), seconds=chosen.randrange(86399), microseconds=chosen.randrange(10**6)
    )
    if chosen.random() < 1 / 2:
        step = 10 ** chosen.randint(1, 6)
        near = moment.microsecond // step * step + step // 2 + chosen.choice((-1, 0, 1))
        moment = moment.replace(microsecond=near % 10**6)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27)


def is_time_of_day(field: str) -> bool:
    """Whether a field's column is one of times without a date."""
    type_ = "" if field == "id" else CASES[int(field[1:])]["type"]
    return type_.startswith(("DateTime @db.Time(", "DateTime @db.Timetz("))


def value_of(given: Any) -> Any:
    """A value of the corpus with the numbers that JSON has no form for."""
    if isinstance(given, dict):
        if given.keys() == {"$number"}:
            return _NUMBERS[given["$number"]]
        return {key: value_of(item) for key, item in given.items()}
    return [value_of(item) for item in given] if isinstance(given, list) else given
