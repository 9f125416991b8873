"""What a statement does to existing rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..casts.lossless import is_lossless
from .names import Name

EffectKind: TypeAlias = Literal[
    "table", "schema", "column", "columns of type", "attribute", "value", "rows", "type", "null", "new null",
    "code", "unread", "overwritten", "rewritten", "referring",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A DELETE: the table's name in its condition, and the condition; None if only running it can show which
    rows it deletes. ``renamed`` maps columns' names in the condition to those before the scripts."""

    alias: str | None = None
    condition: str | None = None
    renamed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retype:
    """A change of a column's type. Types are as :func:`~migrations.ddl.names.type_text` writes them; the
    ``value`` and what is ``converted`` from it are expressions on the row before the scripts."""

    old: str | None  # by its name before the scripts; None: not known
    new: str
    labels: tuple[str, ...] | None  # the values that a new enum accepts, by their names before; None: no enum
    has_new_names: bool  # the scripts have renamed values of an enum
    is_between_enums: bool
    using: str | None  # as the statement has it
    is_cast: bool  # no USING, or one of casts alone
    is_json_text: bool  # a text becomes a JSON string as a whole, or the other way round
    value: str
    converted: str  # without the last cast; empty: what it reads is new
    stand_in: str | None  # the new type, or its base type if the scripts created it; None: neither existed

    @property
    def keeps_values(self) -> bool:
        """Whether every value of the old type is one of the new."""
        return is_lossless(self.old or "unknown", self.new) and not self.is_json_text

    @property
    def result(self) -> str:
        """The new value with its last cast; empty where it can't be told before the scripts."""
        can_be_told = self.value and self.converted and self.stand_in is not None
        return f"({self.converted})::{self.stand_in}" if can_be_told else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one statement does to existing rows. Names are those from before the scripts. "code" removes
    something; what "unread" code removes is known only by running it; "overwritten" are a column's values,
    and "rewritten" those that new values are made from (without a table: of any)."""

    kind: EffectKind
    table: Name | None = None
    column: str | None = None
    schema: str | None = None
    type_name: Name | None = None
    enum: Name | None = None
    value: str | None = None
    remaining: tuple[str, ...] = ()  # the values that the enum still has
    is_read: bool = False  # an earlier statement may have copied the lost data elsewhere
    is_written: bool = False  # rows of the table were written before, or code ran that may have done so
    was_written: bool = False  # the same, by a script before the statement's own
    is_filled: bool = False  # existing rows were given a value
    is_new: bool = False  # the scripts added the column
    may_be_missing: bool = False  # the statement accepts that the object doesn't exist
    kept: tuple[Name, ...] = ()  # tables that left the schema or the parent before; known referring ones
    told: tuple[tuple[Name, str], ...] = ()  # columns of a dropped type that have effects of their own
    now: tuple[Name, str] | None = None  # table and column by their names when a value is required
    how: str = ""  # the SQL words for it
    detail: str = ""  # for people
    only: bool = False  # ONLY: without the tables that inherit from it
    deletion: Deletion | None = None
    retype: Retype | None = None
