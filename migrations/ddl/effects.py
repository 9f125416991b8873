"""What a statement does to rows that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .lossless import is_lossless
from .names import Name

EffectKind: TypeAlias = Literal[
    "table", "schema", "column", "columns of type", "attribute", "value", "rows", "type", "null", "new null",
    "code", "unread", "overwritten", "referring",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A DELETE: what its condition calls the table, and the condition; None where only running it can tell
    which rows it is about. ``renamed`` are columns by the names in the condition, with those before."""

    alias: str | None = None
    condition: str | None = None
    renamed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retype:
    """A change of a column's type. Types are as :func:`~migrations.ddl.names.type_text` writes them, ``old``
    is None where nobody told it.

    ``labels`` are the values that the new type, an enum, has a place for, by their names before; None for all
    other types. ``is_between_enums``: the old type is one too. ``is_plain_cast``: Postgres, or a diff, would
    convert so by itself. ``stand_in`` is the new type, or what it consists of where the scripts made it; None
    where there is no such type before.
    """

    old: str | None
    new: str
    labels: tuple[str, ...] | None
    is_between_enums: bool
    is_plain_cast: bool
    stand_in: str | None

    @property
    def keeps_values(self) -> bool:
        """Whether every value of the old type is one of the new."""
        return is_lossless(self.old or "unknown", self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Names are those from before the scripts. ``how`` are the SQL words for it, ``detail`` is for people.

    ``remaining`` are the values that an enum still has. ``is_read``: a statement before may have put what
    goes somewhere else. ``is_written``: rows of the table were written before, or code ran that may have;
    ``was_written``: by a script before the statement's own. ``is_filled``: the rows were given a value.
    ``now`` is the table and column by their names when a value is demanded; ``is_new``: the scripts made the
    column. ``may_be_missing``: the statement accepts that there is no such thing. ``kept`` are tables that
    have left the schema that goes, ``told`` the columns of a type that goes which have effects of their own.
    ``only``: it is about the table without what inherits from it. Of a table that goes, ``kept`` are the
    children that it had before and that stay; of "referring", those tables that are told one by one.
    "code" takes something away, of "unread" code only running it tells; "overwritten" are a column's values.
    """

    kind: EffectKind
    table: Name | None = None
    column: str | None = None
    schema: str | None = None
    type_name: Name | None = None
    enum: Name | None = None
    value: str | None = None
    remaining: tuple[str, ...] = ()
    is_read: bool = False
    is_written: bool = False
    was_written: bool = False
    is_filled: bool = False
    is_new: bool = False
    may_be_missing: bool = False
    kept: tuple[Name, ...] = ()
    told: tuple[tuple[Name, str], ...] = ()
    now: tuple[Name, str] | None = None
    how: str = ""
    detail: str = ""
    only: bool = False
    deletion: Deletion | None = None
    retype: Retype | None = None
