"""Names in statements: one form for all spellings.

A name is a schema and a name in it. What a statement leaves to the search path is in ``public``: that stands
for the schema that the search path has first, which can be another when a package is installed, and is never
written.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from pglast import ast
from pglast.stream import RawStream

from ..identifiers import quoted

#: A schema and a name.
Name: TypeAlias = tuple[str, str]

PUBLIC = "public"
#: Where temporary tables are: looked in before any other schema.
TEMPORARY = "pg_temp"


def name_of(relation: ast.RangeVar | None) -> Name:
    """The table, view, index or sequence that a statement names."""
    assert relation is not None
    return relation.schemaname or PUBLIC, relation.relname or ""


def path_of(parts: Iterable[object] | None) -> Name:
    """The name that a statement gives as a list: of a type, or of a dropped object."""
    names = [part.sval or "" for part in parts or () if isinstance(part, ast.String)]
    return (names[-2] if len(names) > 1 else PUBLIC), names[-1]


def dropped(node: ast.DropStmt) -> list[Name]:
    """The names that a DROP statement lists."""
    return [_dropped_name(found) for found in node.objects or ()]


def sql_name(name: Name) -> str:
    """The name as SQL: quoted, without ``public``."""
    return quoted(*(name if name[0] != PUBLIC else name[1:]))


def as_spelled(relation: ast.RangeVar | None) -> str:
    """The name as SQL, with the schema if the statement gives it: for SQL that runs next to the statement."""
    assert relation is not None
    return quoted(*(part for part in (relation.schemaname, relation.relname) if part))


def type_text(type_name: ast.TypeName) -> str:
    """A type as pglast prints it (``character varying(5)[]``), without ``public``."""
    names = tuple(part.sval or "" for part in type_name.names or ())
    modifiers = tuple(getattr(getattr(each, "val", None), "ival", None) for each in type_name.typmods or ())
    if None in modifiers:
        return str(RawStream()(type_name))
    return _type_text(names, modifiers, len(type_name.arrayBounds or ()))


def type_text_of(name: Name) -> str:
    """The same for a type of that name."""
    return _type_text(name, (), 0)


@lru_cache(maxsize=4096)
def _type_text(names: tuple[str, ...], modifiers: tuple[int, ...], lists: int) -> str:
    """The printed form, cached: printing takes longer than everything else done with a column."""
    parts = names[1:] if len(names) > 1 and names[-2] == PUBLIC else names
    type_name = ast.TypeName(
        names=tuple(ast.String(sval=part) for part in parts),
        typmods=tuple(ast.A_Const(isnull=False, val=ast.Integer(ival=each)) for each in modifiers) or None,
        typemod=-1,
        arrayBounds=tuple(ast.Integer(ival=-1) for _ in range(lists)) or None,
    )
    return str(RawStream()(type_name)).removeprefix("pg_catalog.")


def _dropped_name(found: object) -> Name:
    if isinstance(found, ast.TypeName):
        return path_of(found.names)
    return path_of(found if isinstance(found, tuple) else (found,))
