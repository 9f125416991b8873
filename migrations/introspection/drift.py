"""The differences between a migrated database and what schema.prisma asks for, in both directions.

Only what the Prisma schema language can express is compared. Views, triggers, functions, check and exclusion
constraints, partial and expression indexes, extensions and other kinds of types are hand-written and allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem

from .defaults import canonical_default
from .pg_catalog import Column, DatabaseSchema, Index, Name, Table

# Kept by Prisma Migrate in databases that it has run on.
_FOREIGN_TRACKING = "_prisma_migrations"
_FIX_MISSING = "add it in a migration of this version, or take it out of schema.prisma"
_FIX_EXTRA = "drop it in a migration of this version, or add it to schema.prisma"
_FIX_DIFFERENT = "change it in a migration of this version, or change schema.prisma"


def differences(found: DatabaseSchema, expected: DatabaseSchema) -> list[Problem]:
    """``found`` is what the migrations made, ``expected`` what schema.prisma makes.

    Different names of indexes and foreign keys are warnings, everything else is an error.
    """
    problems = [*_enum_differences(found, expected)]
    for name in sorted(found.tables.keys() | expected.tables.keys()):
        ours, theirs = found.tables.get(name), expected.tables.get(name)
        if theirs is None and name[1] != _FOREIGN_TRACKING:
            problems.append(_drift(f"table {_shown(name)} is not in schema.prisma", _FIX_EXTRA))
        elif ours is None:
            problems.append(_drift(f"table {_shown(name)} is missing", _FIX_MISSING))
        elif theirs is not None:
            problems += _table_differences(_shown(name), ours, theirs)
    return problems


def _enum_differences(found: DatabaseSchema, expected: DatabaseSchema) -> Iterator[Problem]:
    for name in sorted(found.enums.keys() | expected.enums.keys()):
        ours, theirs = found.enums.get(name), expected.enums.get(name)
        if theirs is None:
            yield _drift(f"enum {_shown(name)} is not in schema.prisma", _FIX_EXTRA)
        elif ours is None:
            yield _drift(f"enum {_shown(name)} is missing", _FIX_MISSING)
        else:
            for value in sorted(set(theirs) - set(ours)):
                yield _drift(f"enum {_shown(name)}: value {value!r} is missing", _FIX_MISSING)
            for value in sorted(set(ours) - set(theirs)):
                yield _drift(f"enum {_shown(name)}: value {value!r} is not in schema.prisma", _FIX_EXTRA)


def _table_differences(table: str, ours: Table, theirs: Table) -> Iterator[Problem]:
    for name in sorted(ours.columns.keys() | theirs.columns.keys()):
        yield from _column_differences(
            f'table {table}: column "{name}"', ours.columns.get(name), theirs.columns.get(name)
        )
    if ours.primary_key != theirs.primary_key:
        yield _drift(
            f"table {table}: the primary key is {_key(ours.primary_key)}, "
            f"schema.prisma asks for {_key(theirs.primary_key)}",
            _FIX_DIFFERENT,
        )
    yield from _index_differences(table, ours, theirs)
    yield from _foreign_key_differences(table, ours, theirs)


def _column_differences(column: str, ours: Column | None, theirs: Column | None) -> Iterator[Problem]:
    if ours is None or theirs is None:
        if theirs is not None:
            yield _drift(f"{column} is missing ({_described(theirs)})", _FIX_MISSING)
        else:
            yield _drift(f"{column} is not in schema.prisma", _FIX_EXTRA)
        return
    if ours.type != theirs.type:
        yield _different(column, "type", ours.type, theirs.type)
    # Prisma treats a NULL list and an empty list alike, so it asks for neither NULL nor NOT NULL.
    if ours.is_required != theirs.is_required and not theirs.is_list:
        words = {True: "NOT NULL", False: "nullable"}
        yield _different(column, "nullability", words[ours.is_required], words[theirs.is_required])
    our_default = canonical_default(ours.default, ours.type)
    their_default = canonical_default(theirs.default, theirs.type)
    if our_default != their_default:
        yield _different(column, "default", ours.default or "none", theirs.default or "none")


def _index_differences(table: str, ours: Table, theirs: Table) -> Iterator[Problem]:
    for index, name in sorted(theirs.indexes.items(), key=lambda item: item[1]):
        called = ours.indexes.get(index)
        if called is None:
            yield _drift(f'table {table}: {_index(index)} "{name}" is missing', _FIX_MISSING)
        elif called != name:
            yield _renamed(f"table {table}: {_index(index)}", called, name)
    for index, name in sorted(ours.indexes.items(), key=lambda item: item[1]):
        if index not in theirs.indexes and index.is_plain:
            yield _drift(f'table {table}: {_index(index)} "{name}" is not in schema.prisma', _FIX_EXTRA)


def _foreign_key_differences(table: str, ours: Table, theirs: Table) -> Iterator[Problem]:
    for definition, name in sorted(theirs.foreign_keys.items()):
        called = ours.foreign_keys.get(definition)
        if called is None:
            yield _drift(f'table {table}: foreign key "{name}" is missing: {definition}', _FIX_MISSING)
        elif called != name:
            yield _renamed(f"table {table}: {definition}", called, name)
    for definition, name in sorted(ours.foreign_keys.items()):
        if definition not in theirs.foreign_keys:
            what = f'table {table}: foreign key "{name}" is not in schema.prisma: {definition}'
            yield _drift(what, _FIX_EXTRA)


def _drift(message: str, fix: str) -> Problem:
    return Problem(code="drift", message=f"after all migrations {message}", fix=fix)


def _different(column: str, what: str, found: str, expected: str) -> Problem:
    return _drift(f"{column} has the {what} {found}, schema.prisma asks for {expected}", _FIX_DIFFERENT)


def _renamed(what: str, found: str, expected: str) -> Problem:
    return Problem(
        code="constraint-name",
        message=f'{what} is called "{found}"; Prisma would call it "{expected}"',
        fix=f'nothing depends on it; to follow, rename it in a migration, or write map: "{found}"',
        severity="warning",
    )


def _shown(name: Name) -> str:
    schema, local = name
    return f'"{local}"' if schema == "public" else f'"{schema}"."{local}"'


def _described(column: Column) -> str:
    default = f" DEFAULT {column.default}" if column.default is not None else ""
    return f"{column.type}{' NOT NULL' if column.is_required else ''}{default}"


def _key(columns: tuple[str, ...] | None) -> str:
    return "none" if columns is None else f"({', '.join(columns)})"


def _index(index: Index) -> str:
    method = "" if index.method == "btree" else f" USING {index.method}"
    return f"{'unique index' if index.is_unique else 'index'} on {_key(index.keys)}{method}"
