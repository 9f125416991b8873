"""The corpus of the wire format, as every language's tests read it: ``tests/wire_format.json``.

A case is a type as a schema spells it, with the JSON of values that rows keep, JSON of other forms that are
read as one of these (``read``), JSON of which a row keeps something else (``stored``), and JSON that is
refused. ``{"$number": "NaN"}`` stands for what JSON has no form for, ``{"$levels": 9}`` for as many lists in
each other.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "wire_format.json"
CASES: list[dict[str, Any]] = json.loads(CORPUS.read_text("utf-8"))
_RANDOM = 100
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


#: Fields with defaults, and what each new row has of it; a pattern where that is made anew.
DEFAULTS = {
    'text String @default("it\'s \\"x\\"")': 'it\'s "x"',
    'char String @default("ab") @db.Char(3)': "ab ",
    'bits String @default("101") @db.Bit(3)': "101",
    "flag Boolean @default(true)": True,
    "big BigInt @default(9223372036854775807)": "9223372036854775807",
    "float Float @default(0.30000000000000004)": 0.30000000000000004,
    "real Float @default(0.1) @db.Real": 0.1,
    "digits Decimal @default(1234567890123456789.1234567890123456789)": (
        "1234567890123456789.1234567890123456789"
    ),
    "cents Decimal @default(0.005) @db.Decimal(10, 2)": "0.01",
    "cash Decimal @default(1.5) @db.Money": "1.5",
    'second DateTime @default("1999-03-04T05:06:07.500Z") @db.Timestamp(0)': "1999-03-04T05:06:07.000Z",
    'day DateTime @default("2026-03-04T05:06:07Z") @db.Date': "2026-03-04T00:00:00.000Z",
    'clock DateTime @default("1970-01-01T05:06:07.001Z") @db.Time(6)': "1970-01-01T05:06:07.001Z",
    'json Json @default("{\\"b\\": 9007199254740991, \\"a\\": [1.1, null]}")': {
        "a": [1.1, None],
        "b": 9007199254740991,
    },
    'bytes Bytes @default("AP8=")': "AP8=",
    "kind Kind @default(second)": "second",
    "kinds Kind[] @default([FIRST, Third])": ["FIRST", "Third"],
    "decimals Decimal[] @default([1.5, 0.1])": ["1.5", "0.1"],
    'moments DateTime[] @default(["2026-03-04T05:06:07.123Z"])': ["2026-03-04T05:06:07.123Z"],
    "micro DateTime @default(dbgenerated(\"'2026-01-01 00:00:00.123456Z'\")) @db.Timestamptz(6)": (
        "2026-01-01T00:00:00.123456Z"
    ),
    "cuid String @default(cuid())": re.compile("c[0-9a-z]{24}"),
    "cuid2 String @default(cuid(2))": re.compile("[a-z][0-9a-z]{23}"),
    "uuid String @default(uuid()) @db.Uuid": re.compile(
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ),
    "uuid7 String @default(uuid(7)) @db.Uuid": re.compile(
        "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ),
    "nanoid String @default(nanoid())": re.compile("[A-Za-z0-9_-]{21}"),
    "short String @default(nanoid(5))": re.compile("[A-Za-z0-9_-]{5}"),
    "ulid String @default(ulid())": re.compile("[0-9A-HJKMNP-TV-Z]{26}"),
    "now DateTime @default(now()) @db.Timestamptz(6)": re.compile(r"20\d\d-.*Z"),
    "now3 DateTime @default(now())": re.compile(r"20\d\d-.*\.\d{3}Z"),
    "today DateTime @default(now()) @db.Date": re.compile(r"20\d\d-.*T00:00:00.000Z"),
    "updated DateTime @updatedAt @db.Timestamptz(6)": re.compile(r"20\d\d-.*Z"),
}


def model() -> str:
    """A model ``Sample`` with, for each case, a field ``f0`` and a list ``l0``, its enum, and ``Made``."""
    fields = []
    for number, case in enumerate(CASES):
        type_, _, native = case["type"].partition(" ")
        fields += [f"f{number} {type_}? {native}", f"l{number} {type_}[] {native}"]
    lines = "\n  ".join(["id Int @id", 'note String? @default("by default")', *fields])
    return (
        'enum Kind {\n  FIRST @map("the \\"first\\" value")\n  second @map("the second")\n  Third\n'
        '  @@map("kinds")\n}\n'
        f"model Sample {{\n  {lines}\n}}\n"
        "model Made {\n  id Int @id\n  " + "\n  ".join(DEFAULTS) + "\n}\n"
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
        if given.keys() == {"$levels"}:
            return json.loads("[" * given["$levels"] + "]" * given["$levels"])
        return {key: value_of(item) for key, item in given.items()}
    return [value_of(item) for item in given] if isinstance(given, list) else given
