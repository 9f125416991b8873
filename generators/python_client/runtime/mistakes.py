"""What to say about a wrong argument: where it stands, what is wrong, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .errors import FieldNotFoundError, InputError

if TYPE_CHECKING:
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
