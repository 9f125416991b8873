"""Types as Postgres' parser prints them, read into one form. Source: the Postgres manual, chapter 8."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FORM = re.compile(
    r"(?P<name>[^(\[]+?)\s*(\((?P<numbers>[\d,\s]+)\))?(?P<zone> with(out)? time zone)?(?P<lists>(\[\])*)"
)
_SAME = {
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "int8": "bigint",
    "bigserial": "bigint",
    "int2": "smallint",
    "smallserial": "smallint",
    "float8": "double precision",
    "float4": "real",
    "bool": "boolean",
    "decimal": "numeric",
    "varchar": "character varying",
    "char": "character",
    "varbit": "bit varying",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}
INTEGERS = ("smallint", "integer", "bigint")
FLOATS = ("real", "double precision")
NUMBERS = (*INTEGERS, *FLOATS, "numeric", "money", "oid")
TEXTS = ("text", "character varying", "character", "citext", "name")
BITS = ("bit", "bit varying")
JSONS = ("json", "jsonb")
DAYS = ("date", "timestamp", "timestamptz")
TIMES = ("time", "timetz")


@dataclass(frozen=True, slots=True)
class SqlType:
    """``numeric(8,2)[]`` is ``numeric``, (8, 2) and 1."""

    name: str
    numbers: tuple[int, ...] = ()
    lists: int = 0


@lru_cache(maxsize=1024)
def read_type(text: str) -> SqlType:
    """A type by its usual name, without the schema of Postgres' own types."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return SqlType(text)
    name = (match["name"].strip().removeprefix("pg_catalog.") + (match["zone"] or "")).strip()
    numbers = tuple(int(number) for number in (match["numbers"] or "").split(",") if number.strip())
    return SqlType(_SAME.get(name, name), numbers, match["lists"].count("["))
