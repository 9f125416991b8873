"""The types and functions that ``tables.py`` adds to SQLAlchemy's: the one module here that imports it.

Values are those of the clients: datetimes are aware UTC (a naive one is taken as UTC), ``inet`` is text,
``money`` a Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    UnaryExpression,
    event,
    literal_column,
)
from sqlalchemy import Sequence as DatabaseSequence
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.types import TypeDecorator, UserDefinedType

from .fields import Base64


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamp`` or ``timestamptz`` as the clients see it: UTC, whatever the session's time zone is."""

    impl = postgresql.TIMESTAMP
    cache_ok = True

    def __init__(self, precision: int | None = None, *, timezone: bool = False) -> None:
        super().__init__(timezone=timezone, precision=precision)
        self._has_zone = timezone
        self.precision = precision

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the column's form: naive, or aware if it has a zone."""
        if value is None:
            return None
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment if self._has_zone else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Bytes(TypeDecorator[bytes]):
    """``bytea``: bytes, and on the way in Base64 as well, which rows and bodies of the clients hold."""

    impl = postgresql.BYTEA
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """To bytes."""
        return value.decode() if isinstance(value, Base64) else value


class InetText(TypeDecorator[str]):
    """``inet`` as text, whatever the driver's type for it is."""

    impl = postgresql.INET
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """An address without the mask of a single host."""
        if value is None:
            return None
        text = str(value)
        return text.removesuffix("/128" if ":" in text else "/32")


class Money(TypeDecorator[Decimal]):
    """``money`` as a number: its own text depends on the server's locale."""

    impl = postgresql.MONEY
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        """Numbers are cast to money."""
        return sql_cast(sql_cast(bindparam, Numeric), postgresql.MONEY)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Money is read as a number."""
        return sql_cast(column, Numeric)


class DatabaseType(UserDefinedType[str]):
    """A type that SQLAlchemy doesn't know (``xml``, ``point``), by its name in Postgres; values are text."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """The name, for CREATE TABLE."""
        return self.name


def now() -> datetime:
    """The present, for ``@updatedAt``."""
    return datetime.now(UTC)


def sql(text: str) -> ColumnElement[Any]:
    """A default that is SQL."""
    return literal_column(text)


def serial(base: type[DeclarativeBase], name: str, schema: str | None) -> ColumnElement[Any]:
    """The default of an autoincrement column that is not the primary key."""
    return DatabaseSequence(name, metadata=base.metadata, schema=schema).next_value()


def made_by_database() -> FetchedValue:
    """The server gives the column its value, and how is not known here; writes leave it out."""
    return FetchedValue()


def array(item: Any) -> postgresql.ARRAY[Any]:
    """A list; checkers don't know the items of every type."""
    return postgresql.ARRAY(item)


def enum(
    values: type[Enum], base: type[DeclarativeBase], name: str, schema: str | None, labels: list[str]
) -> postgresql.ENUM:
    """The type of an enum; ``labels`` are the database's names of its values, in their order."""

    def listed(_values: type[Enum]) -> list[str]:
        return labels

    return postgresql.ENUM(values, name=name, schema=schema, metadata=base.metadata, values_callable=listed)


def index(
    model: type[DeclarativeBase] | Table,
    name: str,
    columns: Sequence[str],
    *,
    unique: bool = False,
    descending: Sequence[str] = (),
    using: str | None = None,
    operators: Mapping[str, str] | None = None,
    where: str | None = None,
) -> None:
    """Add an index to a model's table."""
    table = table_of(model)
    options: dict[str, Any] = {
        "postgresql_using": using,
        "postgresql_ops": {key: each for key, each in (operators or {}).items() if key not in descending},
        "postgresql_where": None if where is None else literal_column(where),
    }
    Index(
        name,
        *(
            _descending(table.c[column], (operators or {}).get(column))
            if column in descending
            else table.c[column]
            for column in columns
        ),
        unique=unique,
        **{key: value for key, value in options.items() if value is not None},
    )


def _descending(column: ColumnElement[Any], operators: str | None) -> ColumnElement[Any]:
    """In falling order: Postgres wants the operator class before DESC, SQLAlchemy writes it after."""
    if operators is None:
        return column.desc()
    operator: custom_op[Any] = custom_op(operators, precedence=100)
    expression: UnaryExpression[Any] = UnaryExpression(column, modifier=operator)
    return expression.desc()


def foreign_key(
    model: type[DeclarativeBase] | Table,
    columns: Sequence[str],
    target: type[DeclarativeBase] | Table,
    references: Sequence[str],
    *,
    name: str,
    ondelete: str,
    onupdate: str,
) -> None:
    """Add a foreign key by the columns themselves: in text, a dot would separate schema and table."""
    own, theirs = table_of(model), table_of(target)
    own.append_constraint(
        ForeignKeyConstraint(
            [own.c[column] for column in columns],
            [theirs.c[column] for column in references],
            name=name,
            ondelete=ondelete,
            onupdate=onupdate,
        )
    )


def join_table(
    base: type[DeclarativeBase],
    name: str,
    schema: str | None,
    sides: Mapping[str, tuple[type[DeclarativeBase], str]],
    *,
    constrained: bool = True,
) -> None:
    """Prisma's own table for a relation of many to many: columns ``A`` and ``B``, each a key of one side."""
    referred = {column: table_of(model).c[key] for column, (model, key) in sides.items()}
    Table(
        name,
        base.metadata,
        *(Column(column, key.type, nullable=False) for column, key in referred.items()),
        PrimaryKeyConstraint("A", "B", name=f"{name}_AB_pkey"),
        *(
            ForeignKeyConstraint(
                [column], [key], name=f"{name}_{column}_fkey", ondelete="CASCADE", onupdate="CASCADE"
            )
            for column, key in referred.items()
            if constrained
        ),
        Index(f"{name}_B_index", "B"),
        schema=schema,
    )


def table_of(model: type[DeclarativeBase] | Table) -> Table:
    """The table of a model; one without a key is its table."""
    return model if isinstance(model, Table) else cast(Table, model.__table__)


def read_only(model: type[DeclarativeBase]) -> None:
    """Refuse to write rows of a view."""
    for change in ("before_insert", "before_update", "before_delete"):
        event.listen(model, change, _refuse)


def _refuse(_mapper: Any, _connection: Any, row: object) -> None:
    raise TypeError(f"{type(row).__name__} is a view: its rows are read-only")
