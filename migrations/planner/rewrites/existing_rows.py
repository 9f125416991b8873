"""What existing rows get: the author's answer as SQL, or a question."""

from __future__ import annotations

import json

from schemas.answers import Backfill, Constant
from schemas.model import Enum, Field, FunctionDefault, LiteralDefault, Model

from ...identifiers import literal, quoted
from ..context import Context, table_name
from ..questions import Question
from ..time_constants import without_zone
from .expressions import why_no_expression
from .references import any_referred, points_at_nothing, points_elsewhere

#: What a row gets in a downgrade where the upgrade dropped the value: just a value of the right type.
_PLACEHOLDERS = {
    "Boolean": "false",
    "Int": "0",
    "BigInt": "0",
    "Float": "0",
    "Decimal": "0",
    "DateTime": "CURRENT_TIMESTAMP",
    "Json": "'{}'",
    "Bytes": "'\\x'",
}
_EXAMPLES = {
    "String": '"text"',
    "Boolean": "false",
    "Int": "0",
    "BigInt": "0",
    "Float": "0",
    "Decimal": "0",
    "DateTime": '{ sql = "CURRENT_TIMESTAMP" }',
    "Json": '"{}"',
    "Bytes": "{ sql = \"decode('00', 'hex')\" }",
}
#: The types that hold every value of an integer one.
_AS_WIDE = {"Int": ("Int", "BigInt", "Float", "Decimal"), "BigInt": ("BigInt",)}
_TEXTS = ("Text", "VarChar", "Char", "Citext")


def answered(model: Model, field: Field, context: Context) -> str | None:
    """The SQL of the author's answer for a field; None if there is no answer, or no row to fill."""
    answer = context.answers.backfill(subject(model, field))
    if answer is None or answer.no_rows:
        return None
    return _sql(answer, model, field, context)


def has_no_rows(model: Model, field: Field, context: Context) -> bool:
    """Whether the author said that every existing row has a value."""
    answer = context.answers.backfill(subject(model, field))
    return answer is not None and answer.no_rows


def ask(model: Model, field: Field, text: str, context: Context) -> None:
    """Add a question about what existing rows get."""
    is_key = is_unique(model, field)
    example = _distinct_example(model, field, context) if is_key else _example(model, field, context)
    context.questions.append(
        Question(
            kind="backfill", subject=subject(model, field), text=text, example=example, is_for_each_row=is_key
        )
    )


def is_unique(model: Model, field: Field) -> bool:
    """Whether no two rows can have the same value of the field."""
    keys = (*model.uniques, *model.partial_uniques, model.primary_key)
    return field.is_id or any(key.fields == (field.name,) for key in keys if key)


def subject(model: Model, field: Field) -> str:
    """The field's key in version.toml."""
    return f"{model.name}.{field.name}"


def placeholder(model: Model, field: Field, context: Context) -> str | None:
    """A value of the field's type that every row can have; None if no such value is known."""
    if field.is_list:
        return "'{}'"
    is_key = is_unique(model, field)
    if points_elsewhere(model, field):
        return None if is_key else any_referred(model, field, context)
    if (enum := context.enum_of(context.after, field)) is not None:
        return None if is_key else literal(enum.values[0].database_name)
    if field.type == "String":
        return _text_placeholder(field, is_key=is_key)
    return None if is_key else _PLACEHOLDERS.get(field.type)


def _text_placeholder(field: Field, *, is_key: bool) -> str | None:
    native = field.native_type.name if field.native_type else "Text"
    if native == "Uuid":
        return "gen_random_uuid()"
    if is_key:
        return "gen_random_uuid()::text" if native == "Text" else None
    return "''" if native in _TEXTS else None


def _sql(answer: Backfill, model: Model, field: Field, context: Context) -> str | None:
    if answer.sql is not None:
        return expression(answer.sql, subject(model, field), context)
    if is_unique(model, field):
        text = f"the [backfill] for {subject(model, field)} is one value for all rows, and no two can have it"
        ask(model, field, text, context)
        return None
    enum = context.enum_of(context.after, field)
    if answer.constants is not None:
        items = [_constant(item, enum, field) for item in answer.constants]
        listed = ", ".join(item for item in items if item is not None)
        sql = None if None in items else f"ARRAY[{listed}]" if listed else "'{}'"
    else:
        assert answer.constant is not None  # an answer is one of the four
        sql = _constant(answer.constant, enum, field)
    if sql is None and enum is not None:
        known = ", ".join(value.name for value in enum.values)
        name = subject(model, field)
        ask(model, field, f"the [backfill] for {name} is not a value of {enum.name}: {known}", context)
    elif sql is None:
        form = "write it with an offset, as 2026-05-06T07:00:00+02:00"
        ask(
            model,
            field,
            f"the [backfill] for {subject(model, field)} is in a zone that can't be read: {form}",
            context,
        )
    return sql


def _constant(value: Constant, enum: Enum | None, field: Field) -> str | None:
    """The value as SQL; None if it is not a value of ``enum``, or a time in a zone that can't be read."""
    if enum is not None:
        names = {each.name: each.database_name for each in enum.values}
        return literal(names[value]) if isinstance(value, str) and value in names else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    kept = without_zone(value, field)
    return literal(kept) if kept is not None else None


def _example(model: Model, field: Field, context: Context) -> str:
    if field.is_list:
        return "[]"
    if points_elsewhere(model, field):
        return _reference_example(model, field, context)
    if (enum := context.enum_of(context.after, field)) is not None:
        return f'"{enum.values[0].name}"'
    is_uuid = isinstance(field.default, FunctionDefault) and field.default.name == "uuid"
    if is_uuid or (field.native_type is not None and field.native_type.name == "Uuid"):
        return '{ sql = "gen_random_uuid()" }'
    if isinstance(field.default, LiteralDefault) and isinstance(field.default.value, bool | int):
        return str(field.default.value).lower()
    return _EXAMPLES.get(field.type, '{ sql = "…" }')


def _distinct_example(model: Model, field: Field, context: Context) -> str:
    """An expression that gives every row another value; empty where none is known."""
    if field.is_list or points_elsewhere(model, field):
        return ""
    if field.type == "String" and (made := _text_placeholder(field, is_key=True)) is not None:
        return f'{{ sql = "{made}" }}'
    key = model.primary_key.fields if model.primary_key else ()
    counted = model.field(key[0]) if len(key) == 1 else None
    if counted is None or counted.name == field.name or field.type not in _AS_WIDE.get(counted.type, ()):
        return ""
    if context.old_column(table_name(model), counted.column) is None:
        return ""
    return f"{{ sql = {json.dumps(quoted(counted.column), ensure_ascii=False)} }}"


def _reference_example(model: Model, field: Field, context: Context) -> str:
    """An example for a foreign key; empty where the other table has no rows yet."""
    referred = any_referred(model, field, context)
    if referred is not None:
        return f"{{ sql = {json.dumps(referred, ensure_ascii=False)} }}"
    return "" if points_at_nothing(model, field, context) else _EXAMPLES.get(field.type, '{ sql = "…" }')


def expression(sql: str, name: str, context: Context) -> str | None:
    """``sql`` if it is a single expression; else None, and a question is added."""
    reason = why_no_expression(sql)
    if reason is None:
        return sql
    text = f"the [backfill] for {name} is not an SQL expression: {reason}"
    context.questions.append(Question(kind="backfill", subject=name, text=text, example='{ sql = "…" }'))
    return None


def is_null(column: str) -> str:
    """The condition for rows without a value."""
    return f"{quoted(column)} IS NULL"
