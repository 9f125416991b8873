"""Every error a client raises. They form one tree below ``PrismaError``."""

from __future__ import annotations

from ._runtime.errors import (
    ClientNotConnectedError,
    DatabaseConnectionError,
    DataError,
    FieldNotFoundError,
    ForeignKeyViolationError,
    InputError,
    MissingRequiredValueError,
    PrismaError,
    RecordNotFoundError,
    TableNotFoundError,
    TransactionError,
    TransactionExpiredError,
    UniqueViolationError,
)

__all__ = [
    "ClientNotConnectedError",
    "DatabaseConnectionError",
    "DataError",
    "FieldNotFoundError",
    "ForeignKeyViolationError",
    "InputError",
    "MissingRequiredValueError",
    "PrismaError",
    "RecordNotFoundError",
    "TableNotFoundError",
    "TransactionError",
    "TransactionExpiredError",
    "UniqueViolationError",
]
