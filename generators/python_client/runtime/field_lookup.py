"""Fields by their names, and the errors for unknown names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .columns import Column
from .input_errors import meant
from .public.errors import FieldNotFoundError, InputError, UnknownRelationalFieldError
from .tables import Relation, Table


def column_of(table: Table[Any], field: object, path: str) -> Column:
    """The column of a field. Raises FieldNotFoundError, with the nearest name, if there is none."""
    column = table.columns.get(field) if isinstance(field, str) else None
    if column is None:
        problem = f"{table.name} has no field {field!r}{meant(field, table.columns)}"
        if field in table.relations:
            problem = f"{field!r} is a relation, and only a field of {table.name} itself can stand here"
        raise FieldNotFoundError(
            f"{path}: {problem}",
            meta={"model": table.name, "field": str(field)},
        )
    return column


def field_of(table: Table[Any], field: object, path: str, words: Iterable[str] = ()) -> Column | Relation:
    """The column or relation of a field. Raises FieldNotFoundError, with the nearest name, for none.

    ``words`` are what can stand there besides.
    """
    found = (table.columns.get(field) or table.relations.get(field)) if isinstance(field, str) else None
    if found is None:
        known = [*table.columns, *table.relations, *words]
        raise FieldNotFoundError(
            f"{path}: {table.name} has no field {field!r}{meant(field, known)}",
            meta={"model": table.name, "field": str(field)},
        )
    return found


def relation_of(table: Table[Any], field: object, path: str, words: Iterable[str] = ()) -> Relation:
    """The relation of a field. Raises FieldNotFoundError, with the nearest name, if there is none.

    ``words`` are what can stand there besides.
    """
    relation = table.relations.get(field) if isinstance(field, str) else None
    if relation is None:
        raise UnknownRelationalFieldError(
            f"{path}: {table.name} has no relation {field!r}{meant(field, [*table.relations, *words])}",
            meta={"model": table.name, "field": str(field)},
        )
    return relation


def unknown_operator(column: Column, operator: object, known: Iterable[str], path: str) -> InputError:
    """The error for an operator that the field's type does not have."""
    listed = sorted(known)
    hint = meant(operator, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path}: a {column.type} field has no operator {operator!r}{hint}")


def not_unique(table: Table[Any], given: Iterable[object], path: str) -> InputError:
    """The error for a ``where`` that does not address a single row."""
    keys = list(given)
    listed = ", ".join(map(str, keys)) or "nothing"
    hint = meant(keys[0], table.keys) if len(keys) == 1 else ""
    needed = f"exactly one of {', '.join(table.keys)} to find one {table.name}"
    return InputError(f"{path}: needs {needed}, but got {listed}{hint}")
