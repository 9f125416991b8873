"""What only the author of a change can know, as ``version.toml`` states it.

::

    [renames]                                   # an old name and its new one
    "Review.stars" = "Review.rating"

    [accept_loss]                               # what may be lost, and why
    "Product.price" = "ProductPrice has it now" # a model, a field or an enum value
    "Session.*" = "they expire anyway"          # rows that a script deletes

    [backfill]                                  # the values that existing rows get
    "User.score" = 0                            # a string, number, true, false, a list, an enum value's name
    "User.handle" = { sql = "lower(email)" }    # an expression on the row
    "User.country" = { rows = "none" }          # there are no such rows: refuse to run if there are
    "Role.OWNER" = "ADMIN"                      # for rows with a value that is removed

    [sql_only]                                  # what is left to SQL, which has more than schema.prisma or
                                                # (foreign keys, indexes) does without, and why
    "index public.User_name_trgm" = "searches by parts of names"
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

#: An old name and its new one: ``Model``, ``Model.field``, ``Enum`` or ``Enum.VALUE``.
Rename: TypeAlias = tuple[str, str]
Constant: TypeAlias = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """What existing rows get: a constant, a list of them, an SQL expression, or ``no_rows`` to fill."""

    constant: Constant | None = None
    constants: tuple[Constant, ...] | None = None
    sql: str | None = None
    no_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlOnly:
    """What migrations make and schema.prisma leaves out, though it could have it: by kind and name, as in
    ``index public.User_name_trgm``. ``declared`` by the version itself, in ``file``, or ``inherited`` from
    versions before."""

    declared: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()
    file: str = "version.toml"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """All answers of one version. ``accepted_losses`` pairs what may be lost with the reason, ``sql_only``
    what schema.prisma leaves out."""

    renames: tuple[Rename, ...] = ()
    accepted_losses: tuple[tuple[str, str], ...] = ()
    backfills: tuple[tuple[str, Backfill], ...] = ()
    sql_only: tuple[tuple[str, str], ...] = ()

    def accepts(self, subject: str) -> bool:
        """Whether the author accepts the loss of ``subject``."""
        return any(subject == accepted for accepted, _reason in self.accepted_losses)

    def backfill(self, subject: str) -> Backfill | None:
        """What existing rows get for ``subject``; None where there is no answer."""
        return self._backfills.get(subject)

    @cached_property
    def _backfills(self) -> dict[str, Backfill]:
        return dict(self.backfills)
