"""Rows as PostgreSQL's binary COPY reads them: checked, completed with defaults, one bytes object a row.

For each set of fields a function is generated, in whose loop a value of its field's own Python type costs one
comparison and a share of a ``struct.pack``. What it can't write (a list, a type without a simple binary
form, a number too large for its column) it refuses, and the rows are sent as JSON: see :mod:`records`.

Source of the forms: the manual's page on COPY, and the ``*_recv`` functions of PostgreSQL's types.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Generator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.generators import copy_end, copy_to, execute, fetch_many
from psycopg.pq import ConnStatus, ExecStatus

from ..codecs import PACKED
from ..columns import Column
from ..connection.pool import AnyConnection
from ..sql.plans import Result, Statement

#: ``encode(rows, now)``: each row, as COPY reads it. Raises one of :data:`UNFIT`, also for rows with
#: different fields.
EncodeRows: TypeAlias = Callable[[Sequence[dict[str, Any]], datetime], list[bytes]]

#: What an encoder raises for a value that it can't write.
UNFIT = (TypeError, ValueError, OverflowError, struct.error, KeyError)

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no header extension
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
#: Rows of a chunk, which is some 50 KB: the server begins with the first while the next is on its way.
_CHUNK = 256


class _Form(NamedTuple):
    """How values of a type are written: by ``struct``, or as bytes after their length if ``code`` is empty.
    ``convert`` returns what is packed, or the bytes."""

    code: str
    convert: Callable[[Any], Any] | None = None


def copy_chunks(rows: Sequence[bytes]) -> tuple[bytes, ...]:
    """The rows in the chunks that are sent."""
    pieces = [b"".join(rows[first : first + _CHUNK]) for first in range(0, len(rows), _CHUNK)]
    return (_SIGNATURE, *pieces, _TRAILER)


def copy_encoder(columns: Sequence[Column], given: frozenset[str]) -> EncodeRows | None:
    """The encoder of rows that have the fields ``given``, for these columns; None if one has no form."""
    if not columns:
        return None
    writing = _Writing(len(columns), len(given))
    for index, column in enumerate(columns):
        form = _form(column)
        if column.name not in given and column.default is None:
            writing.add_bytes("NULL")
        elif form is None:
            return None
        elif column.name not in given:
            writing.add_default(index, column, form)
        else:
            writing.add_given(index, column, form)
    # What is run are the names of the generated package's own fields, as literals, around this text.
    exec(writing.source(), writing.names)  # noqa: S102
    encode: EncodeRows = writing.names["encode"]
    return encode


class _Writing:
    """The function that is being generated. Adjacent values of fixed length are packed at once."""

    def __init__(self, width: int, field_count: int) -> None:
        self.names: dict[str, Any] = {"join": b"".join, "NULL": _NULL, "refuse": _refuse}
        self._once: list[str] = []
        # A row with that many keys, and every field among them, has no other.
        self._lines = [f"if row.__class__ is not dict or len(row) != {field_count}: refuse()"]
        self._pieces: list[str] = []
        self._codes, self._packed = "h", [str(width)]

    def add_given(self, index: int, column: Column, form: _Form) -> None:
        """A value of the row's, checked."""
        value = f"v{index}"
        self.names[f"dump{index}"] = column.dump
        self._lines.append(f"{value} = row[{column.name!r}]")
        exact = PACKED.get(column.codec.dump)
        self.names[f"type{index}"] = exact
        unless = "" if exact is None else f"if {value}.__class__ is not type{index}: "
        self._lines.append(f"{unless}{value} = dump{index}({value})")
        if column.is_optional:
            written = self._alone(index, form)
            self._lines.append(f"b{index} = NULL if {value} is None else {written}")
            self.add_bytes(f"b{index}")
        elif form.code:
            self._add_packed(form, self._converted(index, form))
        else:
            self._lines.append(f"b{index} = {self._converted(index, form)}")
            self._codes += "i"
            self._packed.append(f"len(b{index})")
            self.add_bytes(f"b{index}")

    def add_default(self, index: int, column: Column, form: _Form) -> None:
        """A value that the client makes: a clock's once for all rows, others for each."""
        self.names[f"default{index}"] = column.default
        lines = self._once if column.is_clock else self._lines
        lines.append(f"v{index} = default{index}(now)")
        lines.append(f"b{index} = {self._alone(index, form)}")
        self.add_bytes(f"b{index}")

    def add_bytes(self, name: str) -> None:
        """Bytes that need no conversion."""
        if self._codes:
            pack = f"pack_{len(self._pieces)}"
            self.names[pack] = struct.Struct(">" + self._codes).pack
            self._pieces.append(f"{pack}({', '.join(self._packed)})")
        self._codes, self._packed = "", []
        self._pieces.append(name)

    def source(self) -> str:
        """``def encode(rows, now)``."""
        self.add_bytes("END")
        self.names["END"] = b""
        lines = [*self._lines, f"add(join(({', '.join(self._pieces)},)))"]
        once = ["written = []", "add = written.append", *self._once]
        return (
            "def encode(rows, now):\n    "
            + "\n    ".join([*once, "for row in rows:"])
            + "\n        "
            + "\n        ".join(lines)
            + "\n    return written\n"
        )

    def _add_packed(self, form: _Form, value: str) -> None:
        self._codes += "i" + form.code
        self._packed += [str(struct.calcsize(">" + form.code)), value]

    def _alone(self, index: int, form: _Form) -> str:
        """The expression for a value and its length, as bytes."""
        value = self._converted(index, form)
        if not form.code:
            self.names["length"] = struct.Struct(">i").pack
            return f"length(len(raw := {value})) + raw"
        self.names[f"pack{index}"] = struct.Struct(">i" + form.code).pack
        return f"pack{index}({struct.calcsize('>' + form.code)}, {value})"

    def _converted(self, index: int, form: _Form) -> str:
        self.names[f"convert{index}"] = form.convert
        return f"v{index}" if form.convert is None else f"convert{index}(v{index})"


def _refuse() -> None:
    raise TypeError("a dict with the same fields as the first")


def _form(column: Column) -> _Form | None:
    if column.is_list:
        return None
    return _TEXT if column.is_enum else _FORMS.get(column.codec.type)


_EPOCH = datetime(2000, 1, 1)
_EPOCH_DAY = date(2000, 1, 1)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_POSITIVE, _NEGATIVE = 0x0000, 0x4000
#: Digits before or after the point; longer numbers are left to the server.
_MOST_DIGITS = 1000


def _microseconds(value: datetime) -> int:
    since = value.replace(tzinfo=None) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _days(value: date) -> int:
    return (value - _EPOCH_DAY).days


def _uuid(value: str) -> bytes:
    if _UUID.fullmatch(value) is None:
        raise ValueError("a UUID in another form")
    return bytes.fromhex(value.replace("-", ""))


def _numeric(value: Decimal) -> bytes:
    """Groups of four digits, the first of which counts ten thousands to the power of ``weight``."""
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("a number that is not written here")
    whole, _, fraction = format(value.copy_abs(), "f").partition(".")
    scale = len(fraction)
    whole = "0" * (-len(whole) % 4) + whole
    digits = whole + fraction + "0" * (-scale % 4)
    groups = [int(digits[place : place + 4]) for place in range(0, len(digits), 4)]
    weight = len(whole) // 4 - 1
    while groups and groups[0] == 0:
        del groups[0]
        weight -= 1
    while groups and groups[-1] == 0:
        del groups[-1]
    sign = _NEGATIVE if value.is_signed() and groups else _POSITIVE
    head = (len(groups), weight if groups else 0, sign, scale)
    return struct.pack(f">HhHH{len(groups)}H", *head, *groups)


def _json(value: Any) -> bytes:
    text: str = value.obj
    return text.encode()


def _jsonb(value: Any) -> bytes:
    return b"\x01" + _json(value)


_TEXT = _Form("", str.encode)
_FORMS = {
    **dict.fromkeys(("text", "varchar", "bpchar", "citext"), _TEXT),
    "bool": _Form("?"),
    "int2": _Form("h"),
    "int4": _Form("i"),
    "int8": _Form("q"),
    "oid": _Form("I"),
    "float4": _Form("f"),
    "float8": _Form("d"),
    "timestamp": _Form("q", _microseconds),
    "timestamptz": _Form("q", _microseconds),
    "date": _Form("i", _days),
    "uuid": _Form("", _uuid),
    "numeric": _Form("", _numeric),
    "json": _Form("", _json),
    "jsonb": _Form("", _jsonb),
    "bytea": _Form("", bytes),
}


def copied(connection: AnyConnection, statement: Statement) -> Generator[Any, Any, Result]:
    """Send a COPY and its rows, for a connection's ``wait()``; how many rows were stored.

    All rows are stored or none: the server completes the COPY only when it has received the end marker.
    """
    pgconn = connection.pgconn
    pgconn.send_query(statement.sql)
    begun = (yield from execute(pgconn))[-1]
    if begun.status != ExecStatus.COPY_IN:
        raise error_from_result(begun)
    try:
        for chunk in statement.copied:
            yield from copy_to(pgconn, chunk)
        ended = yield from copy_end(pgconn, None)
    except OperationalError:
        if pgconn.status == ConnStatus.BAD:
            raise
        # The server has refused a row while later ones were on their way.
        raise error_from_result((yield from fetch_many(pgconn))[-1]) from None
    return Result([], ended.command_tuples or 0)
