"""What to say about a wrong argument: where it stands, what is wrong, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .errors import FieldNotFoundError, InputError, UnknownRelationalFieldError

if TYPE_CHECKING:
    from .relations import Relation
    from .schema import Column, Table


def column_of(table: Table[Any], field: object, path: str) -> Column:
    """The column of a field. Raises FieldNotFoundError, with the nearest name, if there is none."""
    column = table.columns.get(field) if isinstance(field, str) else None
    if column is None:
        raise FieldNotFoundError(
            f"{path}: {table.name} has no field {field!r}{_meant(field, table.columns)}",
            meta={"model": table.name, "field": str(field)},
        )
    return column


def field_of(table: Table[Any], field: object, path: str) -> Column | Relation:
    """The column or relation of a field. Raises FieldNotFoundError, with the nearest name, for none."""
    found = (table.columns.get(field) or table.relations.get(field)) if isinstance(field, str) else None
    if found is None:
        known = [*table.columns, *table.relations]
        raise FieldNotFoundError(
            f"{path}: {table.name} has no field {field!r}{_meant(field, known)}",
            meta={"model": table.name, "field": str(field)},
        )
    return found


def relation_of(table: Table[Any], field: object, path: str) -> Relation:
    """The relation of a field. Raises FieldNotFoundError, with the nearest name, if there is none."""
    relation = table.relations.get(field) if isinstance(field, str) else None
    if relation is None:
        raise UnknownRelationalFieldError(
            f"{path}: {table.name} has no relation {field!r}{_meant(field, table.relations)}",
            meta={"model": table.name, "field": str(field)},
        )
    return relation


def unknown_word(given: object, known: Iterable[str], path: str) -> InputError:
    """For a key that is none of the few that can stand there."""
    listed = list(known)
    hint = _meant(given, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path} has no {given!r}{hint}")


def unknown_operator(column: Column, operator: object, known: Iterable[str], path: str) -> InputError:
    """For an operator that the field's type has not."""
    listed = sorted(known)
    hint = _meant(operator, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path}: a {column.type} field has no operator {operator!r}{hint}")


def not_unique(table: Table[Any], given: Iterable[object], path: str) -> InputError:
    """For a ``where`` that addresses no single row."""
    listed = ", ".join(str(key) for key in given) or "nothing"
    return InputError(
        f"{path}: needs exactly one of {', '.join(table.keys)} to find one {table.name}, but got {listed}"
    )


def _meant(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only ever needed on the way to an error

    close = get_close_matches(str(name)[:100], known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
