"""Every error a client raises. The names and codes are those of Prisma Client Python.

::

    PrismaError
    ├── ClientNotConnectedError          a query before connect(), or after disconnect()
    ├── DatabaseConnectionError          the server can't be reached, refused us or went away
    ├── TransactionError          P2028  a transaction can't go on
    │   └── TransactionExpiredError      it has already ended
    └── DataError                        the arguments or the database refused this query
        ├── UniqueViolationError  P2002
        ├── ForeignKeyViolationError P2003
        ├── FieldNotFoundError    P2009  an argument names a field that the model has not
        ├── MissingRequiredValueError P2012
        ├── InputError            P2019  a value or an operator that the field can't take
        ├── TableNotFoundError    P2021  the database has no such table: is it migrated?
        └── RecordNotFoundError   P2025
"""

from __future__ import annotations

from collections.abc import Mapping


class PrismaError(Exception):
    """Base of everything a client raises on purpose."""


class ClientNotConnectedError(PrismaError):
    """The client has no open connection pool; call ``connect()`` or use it as a context manager."""


class DatabaseConnectionError(PrismaError):
    """No connection to the database could be had, or the one in use was lost."""


class TransactionError(PrismaError):
    """The transaction can't go on; nothing in it has been saved."""

    code = "P2028"


class TransactionExpiredError(TransactionError):
    """The transaction has ended; its client can't be used any more."""


class DataError(PrismaError):
    """A query was refused.

    ``code`` is Prisma's code where it has one, otherwise the SQLSTATE. ``meta`` says what is known:
    ``constraint``, ``table``, ``column``, ``sqlstate``.
    """

    default_code = "P2000"

    def __init__(
        self, message: str, *, code: str | None = None, meta: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code: str = code or self.default_code
        self.meta: dict[str, str] = dict(meta or {})

    @property
    def data(self) -> dict[str, object]:
        """Code, message and meta in one dict, as Prisma Client Python gives them."""
        return {"error_code": self.code, "message": str(self), "meta": self.meta}


class UniqueViolationError(DataError):
    """A row with the same unique value exists."""

    default_code = "P2002"


class ForeignKeyViolationError(DataError):
    """The row points at one that does not exist, or others still point at it."""

    default_code = "P2003"


class FieldNotFoundError(DataError):
    """An argument names a field that the model has not. Raised before any SQL is sent."""

    default_code = "P2009"


class MissingRequiredValueError(DataError):
    """A required field got no value."""

    default_code = "P2012"


class InputError(DataError):
    """An argument has a value or an operator that the field can't take. Raised before any SQL is sent."""

    default_code = "P2019"


class TableNotFoundError(DataError):
    """The database has no such table."""

    default_code = "P2021"


class RecordNotFoundError(DataError):
    """A row that had to exist does not."""

    default_code = "P2025"
