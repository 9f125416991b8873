"""What to say about a wrong argument: where it stands, what is wrong, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .public.errors import FieldNotFoundError, InputError, UnknownRelationalFieldError

if TYPE_CHECKING:
    from .relations import Relation
    from .schema import Column, Table


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


def unknown_word(given: object, known: Iterable[str], path: str) -> InputError:
    """For a key that is none of the few that can stand there."""
    listed = list(known)
    hint = meant(given, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path} has no {given!r}{hint}")


def unknown_operator(column: Column, operator: object, known: Iterable[str], path: str) -> InputError:
    """For an operator that the field's type has not."""
    listed = sorted(known)
    hint = meant(operator, listed) or f"; it has {', '.join(listed)}"
    return InputError(f"{path}: a {column.type} field has no operator {operator!r}{hint}")


def not_unique(table: Table[Any], given: Iterable[object], path: str) -> InputError:
    """For a ``where`` that addresses no single row."""
    keys = list(given)
    listed = ", ".join(map(str, keys)) or "nothing"
    hint = meant(keys[0], table.keys) if len(keys) == 1 else ""
    needed = f"exactly one of {', '.join(table.keys)} to find one {table.name}"
    return InputError(f"{path}: needs {needed}, but got {listed}{hint}")


def shown(value: object, needed: str) -> str:
    """A value that was refused: its type, or where a few words are ``needed``, which one it was."""
    if not (isinstance(value, str) and needed.startswith("one of ")):
        return type(value).__name__
    return f"{value!r:.60}{meant(value, needed.removeprefix('one of ').split(', '))}"


def meant(name: object, known: Iterable[str]) -> str:
    """The nearest of the known names, as the end of a sentence; nothing if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only ever needed on the way to an error

    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(str(name)[:100].casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""
