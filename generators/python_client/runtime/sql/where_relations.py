# ruff: noqa: S608, PLR0917 - identifiers are quoted from the generated data, values are parameters
"""Conditions on related rows: ``is``, ``is_not``, ``some``, ``none``, ``every``.

They are written as (NOT) IN and a subselect that names no table outside itself. As anti-joins, PostgreSQL
would return the rows of a query without ORDER BY in the order of a hash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..columns import Column
from ..input_errors import unknown_word
from ..public.errors import InputError
from ..tables import Relation
from .plans import Binder
from .query_shape import Entry, Nested, Null, Shape, key_of, operator_of
from .scope import Scope, nested

_Condition: TypeAlias = Callable[[Scope, Shape, Binder, str], str]

_TO_ONE = ("is", "is_not")
_TO_MANY = ("some", "none", "every")


def relation_condition(
    scope: Scope, relation: Relation, asked: Entry, binder: Binder, path: str, condition: _Condition
) -> str:
    """The SQL for a relation in a ``where``; ``condition`` writes the SQL for the other row."""
    known = _TO_MANY if relation.is_list else _TO_ONE
    if isinstance(asked, Null) and not relation.is_list:
        return _absent(scope, relation, binder)
    if not isinstance(asked, Nested):
        raise InputError(f"{path}: needs a dict of {', '.join(known)}")
    parts: list[str] = []
    for entry in map(operator_of, asked.shape):
        operator = key_of(entry)
        if operator not in known:
            raise unknown_word(operator, known, f"{path}: the relation {relation.name!r}")
        if isinstance(entry, Null) and not relation.is_list:
            negation = "NOT " if operator == "is_not" else ""
            parts.append(f"{negation}({_absent(scope, relation, binder)})")
        elif isinstance(entry, Nested):
            place = f"{path}.{operator}"
            parts.append(_operator(scope, relation, operator, entry.shape, binder, place, condition))
        else:
            raise InputError(f"{path}.{operator}: needs a dict of conditions")
    return " AND ".join(parts) or "TRUE"


def row(prefix: str, columns: tuple[Column, ...]) -> str:
    """Columns as one SQL value."""
    names = [prefix + column.sql for column in columns]
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def related(relation: Relation, binder: Binder, wanted: Callable[[Scope], str]) -> str:
    """A SELECT of the ``own`` values of all rows that have a related one of which ``wanted`` is true."""
    other = nested(relation.target, binder)
    join = relation.join
    if join is None:
        keys = ", ".join(other.prefix + column.sql for column in relation.theirs)
        present = _present(other.prefix, relation.theirs)
        return f"SELECT {keys} FROM {other.source} WHERE {_all(wanted(other), *present)}"
    between = binder.alias()
    key = other.prefix + relation.theirs[0].sql
    source = f"{join.sql} AS {between} JOIN {other.source} ON {key} = {between}.{join.other}"
    return f"SELECT {between}.{join.own} FROM {source} WHERE {wanted(other)}"


def _operator(
    scope: Scope,
    relation: Relation,
    operator: str,
    inner: Shape,
    binder: Binder,
    path: str,
    condition: _Condition,
) -> str:
    def wanted(other: Scope) -> str:
        sql = condition(other, inner, binder, path)
        return f"NOT ({sql})" if operator == "every" else sql

    own = row(scope.prefix, relation.own)
    keys = related(relation, binder, wanted)
    if operator in ("is", "some"):
        # False, and not unknown, for a row without a key: it has no related row, and NOT has to find it.
        return f"({_all(*_present(scope.prefix, relation.own), f'{own} IN ({keys})')})"
    keyless = [f"{scope.prefix}{column.sql} IS NULL" for column in relation.own if column.is_optional]
    return f"({' OR '.join([*keyless, f'{own} NOT IN ({keys})'])})"


def _absent(scope: Scope, relation: Relation, binder: Binder) -> str:
    keyless = [f"{scope.prefix}{column.sql} IS NULL" for column in relation.own if column.is_optional]
    if relation.has_key:
        return f"({' OR '.join(keyless)})" if keyless else "FALSE"
    keys = related(relation, binder, lambda _: "TRUE")
    return f"({' OR '.join([*keyless, f'{row(scope.prefix, relation.own)} NOT IN ({keys})'])})"


def _present(prefix: str, columns: tuple[Column, ...]) -> list[str]:
    return [f"{prefix}{column.sql} IS NOT NULL" for column in columns if column.is_optional]


def _all(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions)
