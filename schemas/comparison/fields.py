"""The changes of a field, and what they break."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..model import Default, Field, FunctionDefault, LiteralDefault, Model, NativeType
from .change import Change, Compatibility, Subject
from .native_types import is_wider, native_type
from .renames import Renames

#: Functions that Prisma's clients call themselves, so that the column has no default in the database.
_CLIENT_FUNCTIONS = {"uuid", "cuid", "nanoid", "ulid"}
_LONGEST = 60


def added_field(model: Model, field: Field) -> Change:
    """A new column or relation of ``model``. It breaks earlier clients only if they would have to fill it."""
    name = f"{model.name}.{field.name}"
    if field.is_relation:
        return Change("added", "relation", name, "additive", f"{name} is a new relation to {field.type}")
    if is_filled_by_database(field):
        rule = "" if field.is_column else "unsupported-added"
        return Change("added", "field", name, "additive", f"{name} is new", rule)
    text = f"{name} is new, required, and has no default in the database: earlier clients can't create "
    rule = "field-added-filled-by-clients" if field.is_optional_on_create else "field-added-required"
    return Change("added", "field", name, "breaking", f"{text}{model.name}", rule)


def removed_field(owner: str, field: Field) -> Change:
    name = f"{owner}.{field.name}"
    rule = "" if is_filled_by_database(field) or field.is_relation else "field-removed-required"
    rule = rule if field.kind != "unsupported" else "unsupported-removed"
    return Change("removed", _subject(field), name, "breaking", f"{name} is removed", rule)


def field_changes(owner: str, before: Field, after: Field, renames: Renames) -> Iterator[Change]:
    """The changes of one field, which may have been renamed. ``owner`` is its model's new name."""
    name = f"{owner}.{after.name}"
    subject = _subject(after)

    if before.name != after.name:
        text = f"{owner}.{before.name} is now called {after.name}"
        yield Change("renamed", subject, name, "breaking", text)
    if before.documentation != after.documentation:
        yield Change("documented", subject, name, "internal", f"the description of {name} changed")
    differences = _relation_differences if after.is_relation else _column_differences
    for rule, compatibility, text in differences(name, before, after, renames):
        yield Change("changed", subject, name, compatibility, text, rule)


def is_filled_by_database(field: Field) -> bool:
    """Whether a row can be inserted without a value for this column."""
    if not field.is_required or field.is_list:  # Prisma's list columns are never NOT NULL
        return True
    return field.default is not None and not _is_called_by_client(field.default)


_Differences = Iterator[tuple[str, Compatibility, str]]


def _subject(field: Field) -> Subject:
    return "relation" if field.is_relation else "field"


def _relation_differences(name: str, before: Field, after: Field, renames: Renames) -> _Differences:
    if not _same_type(before, after, renames):
        yield "type", "breaking", f"{name} was {_type_words(before)} and is {_type_words(after)}"


def _column_differences(name: str, before: Field, after: Field, renames: Renames) -> _Differences:
    if not _same_type(before, after, renames):
        yield "type", "breaking", f"{name} was {_type_words(before)} and is {_type_words(after)}"
        return
    if before.column != after.column:
        yield (
            "column-name",
            "breaking",
            f"the column of {name} has another name, and earlier clients use the old one",
        )
    if before.is_required and not after.is_required:
        yield "optional", "breaking", f"{name} became optional: code that reads it may now get no value"
    if after.is_required and not before.is_required:
        yield "required", "breaking", f"{name} became required: code that leaves it out fails"
    yield from _native_differences(name, before, after)
    yield from _default_differences(name, before, after)


def _native_differences(name: str, before: Field, after: Field) -> _Differences:
    old, new = native_type(before), native_type(after)
    if old is None or new is None or old == new:
        return
    words = f"{_native_words(old)} and is {_native_words(new)} in the database"
    if is_wider(old, new):
        yield "wider", "additive", f"{name} was {words}, which holds more"
    else:
        yield "narrower", "breaking", f"{name} was {words}, which may refuse or change stored values"


def _default_differences(name: str, before: Field, after: Field) -> _Differences:
    if before.is_required and after.is_required:
        if before.is_optional_on_create and not after.is_optional_on_create:
            yield (
                "default-removed",
                "breaking",
                f"{name} no longer has a default: code that leaves it out fails",
            )
            return
        if is_filled_by_database(before) and not is_filled_by_database(after):
            text = f"the database no longer fills {name}, and earlier clients leave it out"
            yield "default-moved", "breaking", text
            return
    if before.default != after.default:
        words = f"{_default_words(before)} and is {_default_words(after)}"
        yield "default", "additive", f"the default of {name} was {words}"
    if before.is_updated_at != after.is_updated_at:
        does = "is now" if after.is_updated_at else "is no longer"
        yield "updated-at", "additive", f"{name} {does} set to the time of every update"


def _same_type(before: Field, after: Field, renames: Renames) -> bool:
    old_type = before.type if before.kind == "unsupported" else renames.top(before.type)
    return (before.kind, old_type, before.is_list) == (after.kind, after.type, after.is_list)


def _default_words(field: Field) -> str:
    match field.default:
        case None:
            return "none"
        case FunctionDefault(name, arguments):
            return f"{name}({', '.join(map(_short, arguments))})"
        case LiteralDefault(value):
            return _short(value)


def _type_words(field: Field) -> str:
    if field.kind == "unsupported":
        return f"of the database type {_short(field.type)}"
    return f"{field.type}[]" if field.is_list else field.type


def _native_words(native: NativeType) -> str:
    return f"{native.name}({', '.join(native.arguments)})" if native.arguments else native.name


def _is_called_by_client(default: Default) -> bool:
    return isinstance(default, FunctionDefault) and default.name in _CLIENT_FUNCTIONS


def _short(value: object) -> str:
    """A literal of the schema on one line, in ASCII, not too long."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
