"""Times with microseconds: in JavaScript only Dates that the packages made keep more than milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrations.schema_check.places import Places
from schemas.errors import Problem
from schemas.model import Field, Schema

_TIMES = ("Time", "Timetz", "Timestamp", "Timestamptz")
_DIGITS = 3
_SHOWN = 3


def precision_problems(schema: Schema, file: str, text: str) -> Iterator[Problem]:
    """One warning for all fields that lose digits where JavaScript passes on a row that comes back."""
    fields = [(model, field) for model in schema.models for field in model.fields if _digits(field) > _DIGITS]
    if not fields:
        return
    places = Places(text, file)
    model, first = fields[0]
    block = places.model(model.name)
    names = [f"{owner.name}.{field.name}" for owner, field in fields]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    problem = places.problem(
        "lost-microseconds",
        f"{', '.join(names[:_SHOWN])}{more} can hold microseconds, but in JavaScript copies of a Date, and "
        "what JSON.stringify makes of one, have milliseconds: what is written back from them has lost digits",
        f"write @db.{_name(first)}({_DIGITS}), or make JSON with toJson of the types package, or text with "
        "exactText of the Node client",
        block.statement(first.name) or block,
    )
    yield replace(problem, severity="warning")


def _name(field: Field) -> str:
    return field.native_type.name if field.native_type else ""


def _digits(field: Field) -> int:
    """How many digits of a second the column has: six if it doesn't say."""
    native = field.native_type
    if native is None or native.name not in _TIMES:
        return 0
    return int(native.arguments[0]) if native.arguments else 6
