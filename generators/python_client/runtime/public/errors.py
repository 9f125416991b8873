"""Every error a client raises. The names and codes are those of Prisma Client Python.

::

    PrismaError
    ├── ClientNotRegisteredError         Model.prisma() before register()
    ├── ClientAlreadyRegisteredError     register() a second time
    ├── ClientNotConnectedError          a query before connect(), or after disconnect()
    │   └── HTTPClientClosedError        (for code that catches it; not raised here)
    ├── UnsupportedDatabaseError         (for code that catches it; not raised here)
    ├── DatabaseConnectionError          the server can't be reached, refused us or went away
    ├── TransactionError          P2028  a transaction can't go on
    │   ├── TransactionExpiredError      it has already ended, or taken longer than it may
    │   ├── TransactionNotStartedError   it is used before start() or its block
    │   └── TransactionConflictError P2034 it conflicted with another one: retry it
    ├── BuilderError                     a query that can't be built
    │   ├── InvalidModelError            a class that belongs to no model
    │   ├── UnknownModelError            a model that is not in the schema
    │   └── UnknownRelationalFieldError  an include of what is not a relation (a FieldNotFoundError too)
    └── DataError                        the arguments or the database refused this query
        ├── UniqueViolationError  P2002
        ├── ForeignKeyViolationError P2003
        ├── FieldNotFoundError    P2009  an argument names a field that the model does not have
        ├── RawQueryError         P2010  the database refused a raw query
        ├── MissingRequiredValueError P2012
        ├── InputError            P2019  a value or an operator that the field can't take
        ├── TableNotFoundError    P2021  the database has no such table: is it migrated?
        └── RecordNotFoundError   P2025
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..call_site import callers_place


class PrismaError(Exception):
    """Base of everything a client raises on purpose.

    ``place`` is the query's place in the caller's code, if that is known: ``file:line in function``.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        # Every error is created during the call, so the stack still shows the caller.
        self.place: str | None = callers_place()
        if self.place is not None:
            self.add_note(f"The query is at {self.place}")


class ClientNotRegisteredError(PrismaError):
    """No client has been registered; call ``register(client)`` or make one with ``auto_register=True``."""


class ClientAlreadyRegisteredError(PrismaError):
    """A client has been registered already; there can be one in a process."""


class ClientNotConnectedError(PrismaError):
    """The client has no open connection pool; call ``connect()`` or use it as a context manager."""


class HTTPClientClosedError(ClientNotConnectedError):
    """For code written for Prisma Client Python. There is no HTTP here, so it is never raised."""


class UnsupportedDatabaseError(PrismaError):
    """For code written for Prisma Client Python. Only Postgres is supported, so it is never raised."""


class DatabaseConnectionError(PrismaError):
    """No connection to the database could be opened, or the one in use was lost."""


class TransactionError(PrismaError):
    """The transaction can't go on; nothing in it has been saved."""

    code = "P2028"


class TransactionExpiredError(TransactionError):
    """The transaction has ended or taken longer than it may; its client can't be used any more."""


class TransactionNotStartedError(TransactionError):
    """The transaction has not begun: use it in a ``with`` block, or call ``start()``."""


class TransactionConflictError(TransactionError):
    """A conflict with another transaction (serialization failure or deadlock). It is safe to retry."""

    code = "P2034"


class BuilderError(PrismaError):
    """A query can't be built. Raised before any SQL is sent."""


class InvalidModelError(BuilderError):
    """The class is not a model of this schema."""


class UnknownModelError(BuilderError):
    """The schema has no such model."""


class DataError(PrismaError):
    """A query was refused.

    ``code`` is Prisma's code if it has one, otherwise the SQLSTATE. ``meta`` has what is known:
    ``model``, ``fields``, ``constraint``, ``table``, ``column``, ``sqlstate``.
    """

    default_code = "P2000"

    def __init__(
        self, message: str, *, code: str | None = None, meta: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code: str = code or self.default_code
        self.meta: dict[str, Any] = dict(meta or {})

    @property
    def constraint(self) -> str | None:
        """The database's name of the violated constraint, if any."""
        name: str | None = self.meta.get("constraint")
        return name

    @property
    def fields(self) -> tuple[str, ...]:
        """The schema's names of the fields concerned, as far as they are known."""
        return tuple(self.meta.get("fields", ()))

    @property
    def data(self) -> dict[str, Any]:
        """Code, message and meta in one dict, as Prisma Client Python gives them."""
        shown = {"error_code": self.code, "message": str(self), "meta": self.meta}
        return {**shown, "user_facing_error": shown}


class UniqueViolationError(DataError):
    """A row with the same unique value exists."""

    default_code = "P2002"


class ForeignKeyViolationError(DataError):
    """The row points at one that does not exist, or others still point at it."""

    default_code = "P2003"


class FieldNotFoundError(DataError):
    """An argument names a field that the model does not have. Raised before any SQL is sent."""

    default_code = "P2009"


class UnknownRelationalFieldError(FieldNotFoundError, BuilderError):
    """An ``include`` names a field that is not a relation. Raised before any SQL is sent."""


class RawQueryError(DataError):
    """The database refused a raw query."""

    default_code = "P2010"


class MissingRequiredValueError(DataError):
    """A required field got no value."""

    default_code = "P2012"


class InputError(DataError):
    """An argument has a value or an operator that the field can't take. Raised before any SQL is sent."""

    default_code = "P2019"


class TableNotFoundError(DataError):
    """The database has no such table."""

    default_code = "P2021"

    @property
    def table(self) -> str | None:
        """Its name, as far as it is known."""
        name: str | None = self.meta.get("table")
        return name


class RecordNotFoundError(DataError):
    """A row that had to exist does not."""

    default_code = "P2025"
