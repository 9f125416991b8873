"""Converts values to Postgres and back, by the type of their column.

Datetimes: naive ones mean UTC, output is aware UTC. Decimals are returned without trailing zeros. What has
more digits than its column is rounded by the server, and compared as it is. Casts have no length
(``varchar``, never ``varchar(5)``): an explicit cast to a length would cut a value silently where an
assignment raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from struct import Struct
from typing import Any, TypeAlias

from psycopg.types.json import Json as JsonParameter
from psycopg.types.json import Jsonb

from .public.errors import DataError
from .public.fields import Base64, Json, base64_of
from .public.json_text import given_json
from .rounding import ALL_DIGITS, fitting

Convert: TypeAlias = Callable[[Any], Any]

_UTC = UTC
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=_UTC)
_EPOCH_DAY = date(1970, 1, 1)
_TOO_FINE = re.compile(r"[.,]\d{6,}?0*[1-9]\d*")
_XML_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])(.*?)\1(?:\s+encoding\s*=\s*(["']).*?\3)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(yes|no)\4)?\s*\?>"""
)
_SINGLE = Struct("f")
#: From here on each number of six digits or fewer is one of the type real.
_LEAST_NORMAL = 2.0**-126


@dataclass(frozen=True, slots=True)
class Codec:
    """One Postgres type.

    ``dump`` checks a value and returns what psycopg sends; it raises TypeError with what was expected.
    ``store`` does so for a value that a row gets, and raises ValueError for one that couldn't be read again.
    ``load`` turns what psycopg read into what users see; None if that is the same. ``comparable`` is the
    type to compare as, for types without operators of their own. ``read`` is the type to select as, for types
    that psycopg can't read or reads as something else; results come in Postgres' binary form. ``operators``
    names the filters that make sense. ``holds`` is the type of what users see; ``object`` for JSON.
    """

    type: str
    dump: Convert
    operators: frozenset[str]
    load: Convert | None = None
    comparable: str | None = None
    read: str | None = None
    holds: Any = str
    stored: Convert | None = None

    @property
    def store(self) -> Convert:
        """``dump``, or the same with a check of what becomes of the value in a row."""
        return self.stored or self.dump


class _Members(dict[str, Any]):
    """Enum members by what the database calls them."""

    def __init__(self, type_name: str, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self._type_name = type_name

    def __missing__(self, value: str) -> Any:
        raise DataError(
            f"the database has {value!r} in {self._type_name}, which this schema version does not know"
        )


EQUALITY = frozenset({"equals", "not"})
MEMBERSHIP = EQUALITY | {"in", "not_in"}
ORDERED = MEMBERSHIP | {"lt", "lte", "gt", "gte"}
TEXT = ORDERED | {"contains", "startswith", "endswith"}


def dump_text(value: Any) -> str:
    """A str (an enum member that is one becomes plain)."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError("a str")


def _dump_integer(lowest: int, highest: int) -> Convert:
    """An int in the column's range; a bool is not accepted."""

    def dump(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError("an int")
        if not lowest <= value <= highest:
            raise ValueError(f"needs an int from {lowest} to {highest}")
        return value

    return dump


dump_integer = _dump_integer(-(2**63), 2**63 - 1)


def dump_float(value: Any) -> float:
    """A float or an int."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    raise TypeError("a float")


def dump_decimal(value: Any) -> Decimal:
    """A Decimal, an int or digits; a float would add its rounding error."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{value[:40]!r} is not a decimal number") from None
    raise TypeError("a Decimal")


def dump_boolean(value: Any) -> bool:
    """True or False, not a value that merely equals one."""
    if isinstance(value, bool):
        return value
    raise TypeError("a bool")


def dump_bytes(value: Any) -> bytes:
    """Bytes, a bytearray, or bytes given as base64."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, Base64):
        return value.decode()
    raise TypeError("bytes")


def dump_jsonb(value: Any) -> Jsonb:
    """A value wrapped in Json, or JSON text, for a jsonb column."""
    if isinstance(value, Json | str):
        return Jsonb(given_json(value), dumps=str)  # now, so that the error can name the field
    raise TypeError("a Json(...)")


def dump_json(value: Any) -> JsonParameter:
    """A value wrapped in Json, or JSON text, for a json column."""
    if isinstance(value, Json | str):
        return JsonParameter(given_json(value), dumps=str)
    raise TypeError("a Json(...)")


def in_utc(value: Any) -> datetime:
    """An aware datetime in UTC; a naive one is taken as UTC. ISO 8601 text will do."""
    moment: datetime = value if isinstance(value, datetime) else _from_iso(value)
    return moment.replace(tzinfo=_UTC) if moment.tzinfo is None else moment.astimezone(_UTC)


def _from_iso(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError("a datetime")
    if _TOO_FINE.search(value):
        raise ValueError("has more than six digits after the seconds, which Postgres doesn't keep")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is not a datetime in ISO 8601") from None


def for_enum(type_name: str, members: Mapping[str, Any], stored: Mapping[str, str]) -> Codec:
    """The codec of an enum: clients use the schema's names, the database its own (``@map``)."""
    by_stored = _Members(type_name, {stored[name]: member for name, member in members.items()})

    def dump(value: Any) -> str:
        try:
            return stored[value]
        except (KeyError, TypeError):
            raise TypeError(f"one of {', '.join(members)}") from None

    holds = next(iter(members.values())).__class__
    return Codec(type_name, dump, MEMBERSHIP, load=by_stored.__getitem__, read="text", holds=holds)


@cache
def for_type(name: str) -> Codec:
    """The codec of a built-in type: ``int4``, ``timestamp(3)``, ... as the generated data spells it."""
    base, _, precision = name.rstrip(")").partition("(")
    if base in _TEMPORAL:
        convert, load = _TEMPORAL[base]
        return Codec(
            base,
            lambda value: convert(in_utc(value)),
            ORDERED,
            load=load,
            holds=datetime,
            stored=_stored(base, convert, int(precision or ALL_DIGITS)),
        )
    return _PLAIN[base]


def _stored(base: str, convert: Convert, digits: int) -> Convert | None:
    if base == "date" or digits == ALL_DIGITS:
        return None
    is_clock = base in _CLOCKS
    return lambda value: convert(fitting(in_utc(value), digits, is_clock=is_clock))


def _load_timestamp(value: datetime) -> datetime:
    return _EPOCH_UTC + (value - _EPOCH)  # a tenth of the time that replace(tzinfo=...) takes


def _load_timestamptz(value: datetime) -> datetime:
    # psycopg makes them in UTC, for that is the connection's time zone; a user's SET may have changed it.
    return value if value.tzinfo is _UTC else value.astimezone(_UTC)


def _load_date(value: date) -> datetime:
    return _EPOCH_UTC + timedelta(days=(value - _EPOCH_DAY).days)


def _load_time(value: time) -> datetime:
    return datetime.combine(_EPOCH_DAY, value, tzinfo=_UTC)


def _load_timetz(value: time) -> datetime:
    return datetime.combine(_EPOCH_DAY, value).astimezone(_UTC)


def _load_real(value: float) -> float:
    """The number with the fewest digits that is stored as this one, as all clients read it that read text: a
    column with 0.1 has 0.10000000149011612."""
    stored = _SINGLE.pack(value)
    for digits in range(1 if abs(value) < _LEAST_NORMAL else 6, 9):
        short = float(f"{value:.{digits}g}")
        if _SINGLE.pack(short) == stored:
            return short
    return float(f"{value:.9g}")


def _load_decimal(text: str) -> Decimal:
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _load_money(value: Decimal) -> Decimal:
    return _load_decimal(str(value))


def _load_xml(text: str) -> str:
    # A cast keeps the whole declaration; the type's own output only what is not the default (xml_out).
    found = _XML_DECLARATION.match(text)
    if found is None:
        return text
    version, standalone, rest = found[2], found[5], text[found.end() :]
    if version == "1.0" and standalone is None:
        return rest.removeprefix("\n")
    shown = "" if standalone is None else f' standalone="{standalone}"'
    return f'<?xml version="{version}"{shown}?>{rest}'


def _load_inet(text: str) -> str:
    # A cast shows the mask of a single host, where the type's own output leaves it out.
    return text.removesuffix("/128" if ":" in text else "/32")


_TEMPORAL: dict[str, tuple[Callable[[datetime], Any], Convert]] = {
    "timestamp": (lambda value: _EPOCH + (value - _EPOCH_UTC), _load_timestamp),
    "timestamptz": (lambda value: value, _load_timestamptz),
    "date": (lambda value: value.date(), _load_date),
    "time": (lambda value: value.time(), _load_time),
    "timetz": (lambda value: value.timetz(), _load_timetz),
}
_CLOCKS = ("time", "timetz")
_PLAIN: dict[str, Codec] = {
    "text": Codec("text", dump_text, TEXT),
    "varchar": Codec("varchar", dump_text, TEXT),
    "bpchar": Codec("bpchar", dump_text, TEXT),
    "citext": Codec("citext", dump_text, TEXT, read="text"),
    "uuid": Codec("uuid", dump_text, TEXT, read="text"),
    "inet": Codec("inet", dump_text, TEXT, load=_load_inet, read="text"),
    "xml": Codec("xml", dump_text, TEXT, load=_load_xml, comparable="text", read="text"),
    "varbit": Codec("varbit", dump_text, TEXT, read="text"),
    # As a parameter it would be cut to one bit.
    "bit": Codec("varbit", dump_text, TEXT, comparable="varbit", read="text"),
    "bool": Codec("bool", dump_boolean, EQUALITY, holds=bool),
    "int2": Codec("int2", _dump_integer(-(2**15), 2**15 - 1), ORDERED, holds=int),
    "int4": Codec("int4", _dump_integer(-(2**31), 2**31 - 1), ORDERED, holds=int),
    "int8": Codec("int8", dump_integer, ORDERED, holds=int),
    "oid": Codec("oid", _dump_integer(0, 2**32 - 1), ORDERED, holds=int),
    "float4": Codec("float4", dump_float, ORDERED, load=_load_real, holds=float),
    "float8": Codec("float8", dump_float, ORDERED, holds=float),
    "numeric": Codec("numeric", dump_decimal, ORDERED, load=_load_decimal, read="text", holds=Decimal),
    "money": Codec("money", dump_decimal, ORDERED, load=_load_money, read="numeric", holds=Decimal),
    "jsonb": Codec("jsonb", dump_jsonb, EQUALITY, holds=object),
    "json": Codec("json", dump_json, EQUALITY, comparable="jsonb", holds=object),
    "bytea": Codec("bytea", dump_bytes, MEMBERSHIP, load=base64_of, holds=Base64),
}

#: Loads that a generated hydrator writes out instead of calling: ``{0}`` is the value.
INLINE: dict[Convert, str] = {
    _load_timestamp: "EPOCH_UTC + ({0} - EPOCH)",
    _load_timestamptz: "({0} if {0}.tzinfo is UTC else {0}.astimezone(UTC))",
}
INLINE_NAMES: dict[str, Any] = {"EPOCH": _EPOCH, "EPOCH_UTC": _EPOCH_UTC, "UTC": _UTC}

#: Values of exactly these types are dumped as they are.
EXACT: dict[Convert, type] = {
    dump_text: str,
    dump_float: float,
    dump_boolean: bool,
}
#: The same where numbers are packed into bytes, which refuses those that don't fit.
PACKED: dict[Convert, type] = EXACT | {_PLAIN[name].dump: int for name in ("int2", "int4", "int8", "oid")}


def like(before: str, after: str) -> Convert:
    """From a text to a LIKE pattern for exactly that text, with ``before`` and ``after`` around it."""

    def dump(value: Any) -> str:
        text = dump_text(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{before}{text}{after}"

    return dump
