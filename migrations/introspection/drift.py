"""The differences between a migrated database and what schema.prisma asks for, in both directions.

Only what the Prisma schema language can express is compared. Views, triggers, functions, check and exclusion
constraints, partial and expression indexes, generated columns, DEFERRABLE, extensions and other kinds of
types are hand-written and allowed. What it could express and a team keeps in SQL, version.toml names with
the reason (:mod:`schemas.answers`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from schemas.errors import Problem

from .defaults import canonical_default
from .pg_catalog import Column, DatabaseSchema, Index, Name, Table

# Kept by Prisma Migrate in databases that it has run on.
_FOREIGN_TRACKING = "_prisma_migrations"
#: What the message of a difference begins with.
AT_THE_END = "after all migrations "
_MOST_NAMED = 5
#: The columns of a table of pairs, as Postgres writes them.
_PAIR = ('"A"', '"B"')
_FIX_MISSING = "let `migration new` add it, or take it out of schema.prisma"
_FIX_EXTRA = (
    "drop it in a migration of this version, add it to schema.prisma, or keep it in SQL only: "
    '[sql_only]  {key} = "why" in version.toml'
)
_FIX_ABSENT = (
    "let `migration new` add it, take it out of schema.prisma, or leave it to SQL, which does without: "
    '[sql_only]  {key} = "why" in version.toml'
)
# Not to be kept: clients of this version couldn't read the rows that have it.
_FIX_VALUE = "remove it in a migration of this version, or add it to schema.prisma"
_FIX_DIFFERENT = "change it in a migration of this version, or change schema.prisma"


@dataclass(frozen=True, slots=True)
class Extra:
    """What the migrations made and schema.prisma, which could have it, doesn't ask for; with ``is_absent``, a
    foreign key or an index that only schema.prisma has. ``key`` names it in version.toml: its kind, and its
    name with schema and table. ``message`` says so."""

    key: str
    message: str
    is_absent: bool = False

    @property
    def problem(self) -> Problem:
        fix = _FIX_ABSENT if self.is_absent else _FIX_EXTRA
        return _drift(self.message, fix.format(key=_quoted(self.key)))


def differences(
    found: DatabaseSchema,
    expected: DatabaseSchema,
    *,
    sql_only: Collection[str] = (),
    declared: Collection[str] = (),
    file: str = "version.toml",
) -> list[Problem]:
    """``found`` is what the migrations made, ``expected`` what schema.prisma makes.

    Different names of indexes and foreign keys are warnings, everything else is an error. ``sql_only`` are
    the keys of what is kept in SQL only; those that this version's ``file`` ``declared`` have to exist.
    """
    all_found = list(_all_differences(found, expected))
    extras = {each.key: each for each in all_found if isinstance(each, Extra)}
    problems = [
        each if isinstance(each, Problem) else each.problem
        for each in all_found
        if isinstance(each, Problem) or each.key not in sql_only
    ]
    return [*problems, *(_unknown(key, extras, file) for key in sorted(declared) if key not in extras)]


def extras(found: DatabaseSchema, expected: DatabaseSchema) -> list[Extra]:
    """What [sql_only] can name."""
    return [each for each in _all_differences(found, expected) if isinstance(each, Extra)]


def _all_differences(found: DatabaseSchema, expected: DatabaseSchema) -> Iterator[Problem | Extra]:
    yield from _enum_differences(found, expected)
    for name in sorted(found.tables.keys() | expected.tables.keys()):
        ours, theirs = found.tables.get(name), expected.tables.get(name)
        if theirs is None and name[1] != _FOREIGN_TRACKING:
            yield _extra("table", name, f"table {_shown(name)}")
        elif ours is None:
            yield _drift(f"table {_shown(name)} is missing", _FIX_MISSING)
        elif theirs is not None:
            yield from _table_differences(name, ours, theirs)


def _enum_differences(found: DatabaseSchema, expected: DatabaseSchema) -> Iterator[Problem | Extra]:
    for name in sorted(found.enums.keys() | expected.enums.keys()):
        ours, theirs = found.enums.get(name), expected.enums.get(name)
        if theirs is None:
            yield _extra("enum", name, f"enum {_shown(name)}")
        elif ours is None:
            yield _drift(f"enum {_shown(name)} is missing", _FIX_MISSING)
        else:
            for value in sorted(set(theirs) - set(ours)):
                yield _drift(f"enum {_shown(name)}: value {value!r} is missing", _FIX_MISSING)
            for value in sorted(set(ours) - set(theirs)):
                yield _drift(f"enum {_shown(name)}: value {value!r} is not in schema.prisma", _FIX_VALUE)


def _table_differences(name: Name, ours: Table, theirs: Table) -> Iterator[Problem | Extra]:
    table = _shown(name)
    for column in sorted(ours.columns.keys() | theirs.columns.keys()):
        yield from _column_differences((*name, column), ours.columns.get(column), theirs.columns.get(column))
    if ours.primary_key != theirs.primary_key and not _is_older_join_table(name, ours, theirs):
        yield _drift(
            f"table {table}: the primary key is {_listed(ours.primary_key)}, "
            f"schema.prisma asks for {_listed(theirs.primary_key)}",
            _FIX_DIFFERENT,
        )
    yield from _index_differences(name, ours, theirs)
    yield from _foreign_key_differences(name, ours, theirs)


def _column_differences(
    place: tuple[str, str, str], ours: Column | None, theirs: Column | None
) -> Iterator[Problem | Extra]:
    column = f'table {_shown(place[:2])}: column "{place[2]}"'
    if ours is None:
        if theirs is not None:
            yield _drift(f"{column} is missing ({_described(theirs)})", _FIX_MISSING)
        return
    if theirs is None:
        if ours.generated is None:
            yield _extra("column", place, column)
        return
    # A domain is the type that it is made of, with checks, which Prisma has no word for.
    if theirs.type not in (ours.type, ours.base):
        yield _different(column, "type", ours.type, theirs.type)
    # Prisma treats a NULL list and an empty list alike, so it asks for neither NULL nor NOT NULL.
    if ours.is_required != theirs.is_required and not theirs.is_list:
        words = {True: "NOT NULL", False: "nullable"}
        yield _different(column, "nullability", words[ours.is_required], words[theirs.is_required])
    if ours.generated is not None:
        yield from _generated_differences(column, ours, theirs)
        return
    if theirs.generated is not None:
        yield _different(column, "default", ours.default or "none", f"a computed value: {theirs.generated}")
        return
    our_default = canonical_default(ours.default, ours.type)
    their_default = canonical_default(theirs.default, theirs.type)
    if our_default is not None and their_default is None:
        yield Extra(extra_key("default", place), _different_text(column, "default", ours.default, "none"))
    elif our_default != their_default:
        yield _different(column, "default", ours.default or "none", theirs.default or "none")


def _generated_differences(column: str, ours: Column, theirs: Column) -> Iterator[Problem]:
    """Prisma can only say that Postgres computes a column where ``dbgenerated`` quotes the expression."""
    if theirs.default is not None:
        yield _different(column, "computed value", ours.generated or "", f"the default {theirs.default}")
    elif theirs.generated is not None:
        found, expected = (canonical_default(each.generated, each.type) for each in (ours, theirs))
        if found != expected:
            yield _different(column, "computed value", ours.generated or "", theirs.generated)


def _index_differences(place: Name, ours: Table, theirs: Table) -> Iterator[Problem | Extra]:
    table = _shown(place)
    for index, name in sorted(theirs.indexes.items(), key=lambda item: item[1]):
        called = ours.indexes.get(index)
        if called is None:
            message = f'table {table}: {_index(index)} "{name}" is missing'
            if index.is_unique:  # clients rely on it
                yield _drift(message, _FIX_MISSING)
            else:
                yield Extra(extra_key("index", (place[0], name)), message, is_absent=True)
        elif called != name:
            yield _renamed(f"table {table}: {_index(index)}", called, name)
    for index, name in sorted(ours.indexes.items(), key=lambda item: item[1]):
        if index in theirs.indexes or not index.is_plain or _is_on_unsaid(index, ours, theirs):
            continue
        if not (_is_key_of_pairs(index) and _is_older_join_table(place, ours, theirs)):
            yield _extra("index", (place[0], name), f'table {table}: {_index(index)} "{name}"')


def _is_older_join_table(place: Name, ours: Table, theirs: Table) -> bool:
    """Whether a table of pairs, as Prisma makes one for two lists, has the key that it had before Prisma 6: a
    unique index on both columns instead of the primary key."""
    return (
        place[1].startswith("_")
        and ours.primary_key is None
        and theirs.primary_key == _PAIR
        and all(column.is_required for column in ours.columns.values())
        and any(_is_key_of_pairs(index) for index in ours.indexes)
    )


def _is_key_of_pairs(index: Index) -> bool:
    return index.is_unique and index.is_plain and index.keys == _PAIR


def _is_on_unsaid(index: Index, ours: Table, theirs: Table) -> bool:
    """Whether an index covers a column that schema.prisma need not have, so that it can't have the index."""
    return any(name not in theirs.columns and ours.columns[name].generated for name in index.columns)


def _foreign_key_differences(place: Name, ours: Table, theirs: Table) -> Iterator[Problem | Extra]:
    table = _shown(place)
    for definition, name in sorted(theirs.foreign_keys.items()):
        called = ours.foreign_keys.get(definition)
        if called is None:
            message = f'table {table}: foreign key "{name}" is missing: {definition}'
            yield Extra(extra_key("foreign key", (*place, name)), message, is_absent=True)
        elif called != name:
            yield _renamed(f"table {table}: {definition}", called, name)
    for definition, name in sorted(ours.foreign_keys.items()):
        if definition not in theirs.foreign_keys:
            what = f'table {table}: foreign key "{name}" ({definition})'
            yield _extra("foreign key", (*place, name), what)


def extra_key(kind: str, names: Iterable[str]) -> str:
    """How version.toml names what is left to SQL."""
    return f"{kind} {'.'.join(names)}"


def _extra(kind: str, names: Iterable[str], what: str) -> Extra:
    return Extra(extra_key(kind, names), f"{what} is not in schema.prisma")


def _quoted(key: str) -> str:
    """As a key in TOML."""
    return json.dumps(key, ensure_ascii=False)


def _unknown(key: str, extras: Collection[str], file: str) -> Problem:
    known = ", ".join(_quoted(each) for each in sorted(extras)[:_MOST_NAMED])
    return Problem(
        code="sql-only-unknown",
        message=f"[sql_only] names {key!r}, which is no difference between the migrations and schema.prisma",
        fix=f"remove the line, or write one of {known}" if known else "remove the line",
        file=file,
    )


def _drift(message: str, fix: str) -> Problem:
    return Problem(code="drift", message=f"{AT_THE_END}{message}", fix=fix)


def _different(column: str, what: str, found: str, expected: str) -> Problem:
    return _drift(_different_text(column, what, found, expected), _FIX_DIFFERENT)


def _different_text(column: str, what: str, found: str | None, expected: str) -> str:
    return f"{column} has the {what} {found}, schema.prisma asks for {expected}"


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


def _listed(columns: tuple[str, ...] | None) -> str:
    return "none" if columns is None else f"({', '.join(columns)})"


def _index(index: Index) -> str:
    method = "" if index.method == "btree" else f" USING {index.method}"
    condition = f" WHERE {index.predicate}" if index.predicate else ""
    return f"{'unique index' if index.is_unique else 'index'} on {_listed(index.keys)}{method}{condition}"
