"""Every error a client raises. The names and codes are those of Prisma Client Python.

::

    PrismaError
    ├── ClientNotRegisteredError         Model.prisma() before register()
    ├── ClientAlreadyRegisteredError     register() a second time
    ├── ClientNotConnectedError          a query before connect(), or after disconnect()
    │   └── HTTPClientClosedError        (for code that catches it; not raised here)
    ├── UnsupportedDatabaseError         (for code that catches it; not raised here)
    ├── EngineError                      (for code that catches it, as are those below but one)
    │   ├── EngineConnectionError
    │   │   └── DatabaseConnectionError      the server can't be reached, refused us or went away
    │   │       └── DatabaseVersionError     this client doesn't work on the database at its version
    │   ├── EngineRequestError, UnprocessableEntityError
    │   └── AlreadyConnectedError, NotConnectedError, BinaryNotFoundError, MismatchedVersionsError
    ├── GeneratorError, UnsupportedListTypeError (for code that catches them)
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
        ├── UnreadableValueError  P2023  a stored value that Python, or this schema version, can't hold
        ├── TableNotFoundError    P2021  the database has no such table: is it migrated?
        └── RecordNotFoundError   P2025
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

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


class EngineError(PrismaError):
    """For code written for Prisma Client Python: there is no engine here, the server is asked directly."""


class EngineConnectionError(EngineError):
    """What Prisma Client Python calls a server, or an engine, that can't be reached."""


class EngineRequestError(EngineError):
    """For code written for Prisma Client Python. Never raised: what a server answers has its own errors."""


class UnprocessableEntityError(EngineRequestError):
    """For code written for Prisma Client Python. Never raised."""


class AlreadyConnectedError(EngineError):
    """For code written for Prisma Client Python. Never raised."""


class NotConnectedError(EngineError):
    """For code written for Prisma Client Python. Never raised: see ClientNotConnectedError."""


class BinaryNotFoundError(EngineError):
    """For code written for Prisma Client Python. Never raised: there are no binaries."""


class MismatchedVersionsError(EngineError):
    """For code written for Prisma Client Python. Never raised."""


class GeneratorError(PrismaError):
    """For code written for Prisma Client Python. Never raised: the package is complete."""


class UnsupportedListTypeError(GeneratorError):
    """For code written for Prisma Client Python. Never raised."""


class PrismaWarning(Warning):
    """For code that filters Prisma Client Python's warnings. There are none here."""


class UnsupportedSubclassWarning(PrismaWarning):
    """For code that filters it. Never given."""


class DatabaseConnectionError(EngineConnectionError):
    """No connection to the database could be opened, or the one in use was lost."""


class DatabaseVersionError(DatabaseConnectionError):
    """The client doesn't work on the database, whose version is too old, too new, or of another line; or that
    can't be known, since the session leads to another Postgres schema or the version can't be read in time.

    ``code`` is ``database-too-old``, ``database-too-new``, ``database-other-line``,
    ``database-other-schema`` or ``database-locked``, ``fix`` what to do; ``database_version`` is None for a
    database that has not reached any version, or whose version isn't known.
    """

    def __init__(
        self, message: str, *, code: str, fix: str, client_version: str, database_version: str | None
    ) -> None:
        super().__init__(f"{message}; {fix}; check_database=False connects without this check")
        self.code = code
        self.fix = fix
        self.client_version = client_version
        self.database_version = database_version


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


class UnreadableCell(NamedTuple):
    """Where an unreadable value is in a result, what else is in its row, and what is wrong with it."""

    row_number: int
    position: int
    row: tuple[Any, ...]
    reason: str


class UnreadableValueError(DataError):
    """The database has a value that Python, or this version of the schema, can't hold.

    ``fields`` names its field and ``key`` its row, as far as they are known. All others can be read: leave
    the field out with ``omit``.
    """

    default_code = "P2023"

    def __init__(
        self, message: str, *, meta: Mapping[str, Any] | None = None, cell: UnreadableCell | None = None
    ) -> None:
        super().__init__(message, meta=meta)
        self.cell: UnreadableCell | None = cell

    @property
    def key(self) -> dict[str, Any] | None:
        """The fields by which its row can be found."""
        key: dict[str, Any] | None = self.meta.get("key")
        return key


def unreadable(error: Exception) -> str:
    """What the database has, by the error of what should have read it. Messages never repeat a value."""
    if isinstance(error, RecursionError):
        return "JSON that is nested more deeply than Python reads"
    if isinstance(error, DataError):
        return str(error).removeprefix("the database has ")
    if isinstance(error, ValueError) and "set_int_max_str_digits" in str(error):
        return "a number of more digits than Python reads (sys.set_int_max_str_digits() sets how many)"
    reason = str(error).partition(":")[0].partition("\n")[0]
    return f"a value that Python can't hold ({type(error).__name__}: {reason})"


class RecordNotFoundError(DataError):
    """A row that had to exist does not."""

    default_code = "P2025"
