"""Rows for ``json_to_recordset``: checked, completed with defaults, and written as one JSON text.

For each set of fields a function is generated, in whose loop a value of its field's own Python type costs one
comparison; anything else goes through the field's ``dump``. The JSON is written by pydantic's own serializer.
1000 rows of 8 fields take 1.5 ms; a call for each value and the standard library's ``json`` took 17.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from psycopg.types.json import Json as JsonParameter
from psycopg.types.json import Jsonb
from pydantic_core import to_json

from ..codecs import EXACT
from ..coerce import as_list
from ..columns import Column
from ..tables import Table
from .copy_rows import EncodeRows, copy_encoder

Record: TypeAlias = dict[str, Any]


class RecordEncoder(NamedTuple):
    """``encode(rows, now)`` returns records of ``columns``; it raises what a ``dump`` raises. ``copied``
    returns the same rows for COPY, if their columns have a form for that."""

    columns: tuple[Column, ...]
    encode: Callable[[Sequence[dict[str, Any]], datetime], list[Record]]
    copied: EncodeRows | None


def record_encoder(table: Table[Any], given: frozenset[str]) -> RecordEncoder:
    """The encoder of rows that have exactly the fields ``given``: all the columns that are not left to the
    database's defaults, in the table's order."""
    columns = tuple(
        column
        for column in table.columns.values()
        if column.name in given or column.default is not None or not column.has_database_default
    )
    names: dict[str, Any] = {}
    values = [_value(index, column, given, names) for index, column in enumerate(columns)]
    entries = ", ".join(f'"f{index}": {value}' for index, value in enumerate(values))
    # A clock's default is the same for all rows; the others are made for each.
    once = "".join(
        f"    once{index} = default{index}(now)\n"
        for index, column in enumerate(columns)
        if column.is_clock and column.name not in given
    )
    source = f"def encode(rows, now):\n{once}    return [{{{entries}}} for row in rows]\n"
    # What is run are the names of the generated package's own fields, as literals, around this text.
    exec(source, names)  # noqa: S102
    return RecordEncoder(columns, names["encode"], copy_encoder(columns, given))


def as_json(records: Sequence[Record]) -> str:
    """The records as JSON text."""
    try:
        return to_json(records, inf_nan_mode="strings").decode()
    except ValueError:  # text that is not valid Unicode: the server reports it
        return json.dumps(records, default=str)


def travels_as(column: Column) -> str:
    """The type of a column inside the record, where the type's own text form would be misread there."""
    return _TRAVELS_AS.get(column.codec.type, column.codec.type) + "[]" * column.is_list


#: JSON's null is not SQL's NULL, and the text form of money depends on the server's locale.
_TRAVELS_AS = {"jsonb": "text", "json": "text", "money": "numeric"}


def _value(index: int, column: Column, given: frozenset[str], names: dict[str, Any]) -> str:
    """The expression for one column; what it needs is put into ``names``."""
    if column.name not in given:
        default = column.default
        if default is None:
            return "None"
        names[f"default{index}"] = _encoding(default)
        return f"once{index}" if column.is_clock else f"default{index}(now)"
    names[f"dump{index}"] = _encoding(column.dump)
    value = f"row[{column.name!r}]"
    exact = None if column.is_list else EXACT.get(column.codec.dump)
    if exact is None:
        return f"dump{index}({value})"
    names[f"type{index}"] = exact
    return f"v if (v := {value}).__class__ is type{index} else dump{index}(v)"


def _encoding(dump: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: _encoded(dump(value))


def _encoded(value: Any) -> Any:
    """A value for psycopg as one for JSON; datetimes and the like are the serializer's."""
    items = as_list(value)
    if items is not None:
        return [_encoded(item) for item in items]
    if isinstance(value, JsonParameter | Jsonb):
        return value.obj
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Decimal):
        return str(value)
    return value
