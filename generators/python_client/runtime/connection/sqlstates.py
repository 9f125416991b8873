"""psycopg's errors as ours, by SQLSTATE (PostgreSQL manual, appendix A)."""

from __future__ import annotations

import psycopg

from ..public.errors import (
    DatabaseConnectionError,
    DataError,
    ForeignKeyViolationError,
    MissingRequiredValueError,
    PrismaError,
    TableNotFoundError,
    TransactionConflictError,
    TransactionError,
    TransactionExpiredError,
    UniqueViolationError,
)

#: What running a statement can raise: psycopg's own errors, and text that can't be encoded for the server.
FAILURES = (psycopg.Error, UnicodeError)

_BY_STATE: dict[str, type[DataError]] = {
    "23505": UniqueViolationError,
    "23503": ForeignKeyViolationError,
    "23001": ForeignKeyViolationError,
    "23502": MissingRequiredValueError,
    "42P01": TableNotFoundError,
    "3F000": TableNotFoundError,
}
#: Prisma's codes for errors that have no class of their own.
#: https://www.prisma.io/docs/orm/reference/error-reference#error-codes
_CODES = {
    "22001": "P2000",  # a value too long for its column
    "23514": "P2004",  # a check constraint
    "22P02": "P2007",  # a text that is not a value of the type
    "22003": "P2020",  # a number out of range
    "42703": "P2022",  # no such column
}
#: No such table, schema, column or type.
_MISSING_STATES = frozenset({"42P01", "3F000", "42703", "42704"})
#: A prepared statement that exists already, or doesn't: another client's, on the same session of the server.
_POOLER_STATES = frozenset({"26000", "42P05"})
_POOLER = "A transaction pooler needs pgbouncer=true in the connection URL"
_MISSING = "Has the database all migrations of this package's version?"
#: Messages begin with the words of Prisma's engine, which people search for.
_BEGINNINGS: dict[type[DataError], str] = {
    UniqueViolationError: "Unique constraint failed: ",
    ForeignKeyViolationError: "Foreign key constraint failed on the field: ",
}
#: "cached plan must not change result type", and a prepared statement that is not there.
_OUTDATED_STATES = frozenset({"0A000", "26000"})
#: Their details repeat values, even of the whole row, and messages are logged and sent to browsers. The
#: details are still in ``__cause__``.
_INTEGRITY = "23"
#: Serialization failure and deadlock: it is safe to retry the transaction.
_CONFLICT_STATES = frozenset({"40001", "40P01"})
_TRANSACTION_STATES = frozenset({"25P02"})
#: The server's own limits: a transaction was idle for too long, or took too long.
_EXPIRED_STATES = frozenset({"25P03", "25P04"})
#: Connection lost or refused, too many connections, shutting down or starting up; the database dropped, the
#: session idle for too long.
_CONNECTION_STATES = frozenset({"53300", "57P01", "57P02", "57P03", "57P04", "57P05"})


def is_outdated(error: Exception) -> bool:
    """Whether the connection's prepared statements no longer fit the database, and never will again.

    A column's type was changed by a migration, or somebody discarded them.
    """
    return isinstance(error, psycopg.Error) and error.sqlstate in _OUTDATED_STATES


def translated(error: Exception) -> PrismaError:
    """The error a user sees for one of :data:`FAILURES`. Raise it from the original."""
    if not isinstance(error, psycopg.Error):
        return DataError(f"a text can't be sent to the database: {error}")
    state = error.sqlstate
    if state in _CONFLICT_STATES:
        return TransactionConflictError(_message(error))
    if state in _TRANSACTION_STATES:
        return TransactionError(_message(error))
    if state in _EXPIRED_STATES:
        return TransactionExpiredError(_message(error))
    if _is_connection_failure(error, state):
        return DatabaseConnectionError(str(error).strip())
    kind = _BY_STATE.get(state or "", DataError)
    code = None if kind is not DataError else _CODES.get(state or "", state)
    refused = kind(_BEGINNINGS.get(kind, "") + _message(error), code=code, meta=_meta(error))
    if state in _MISSING_STATES:
        refused.add_note(_MISSING)
    elif state in _POOLER_STATES:
        refused.add_note(_POOLER)
    return refused


def not_connected(error: Exception) -> DatabaseConnectionError:
    """Why there is no connection. Raise it from the original."""
    message = str(error).strip()
    # PgBouncer's word for the settings that a session begins with.
    hint = f" ({_POOLER})" if "unsupported startup parameter" in message else ""
    return DatabaseConnectionError(message + hint)


def _is_connection_failure(error: psycopg.Error, state: str | None) -> bool:
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state.startswith("08") or state in _CONNECTION_STATES


def _message(error: psycopg.Error) -> str:
    primary, detail = error.diag.message_primary or str(error), error.diag.message_detail
    if detail is None or (error.sqlstate or "").startswith(_INTEGRITY):
        return primary
    return f"{primary}; {detail}"


def _meta(error: psycopg.Error) -> dict[str, str]:
    diag = error.diag
    known = {
        "sqlstate": error.sqlstate,
        "constraint": diag.constraint_name,
        "schema": diag.schema_name,
        "table": diag.table_name,
        "column": diag.column_name,
    }
    return {key: value for key, value in known.items() if value is not None}
