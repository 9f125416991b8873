"""SQLAlchemy's models of the schema.

Generated from version 1.2.0-rc.1 of the orders schema.
"""

import datetime as _datetime
import decimal as _decimal
import uuid as _uuid
from typing import Any as _Any

from sqlalchemy import PrimaryKeyConstraint as _PrimaryKeyConstraint
from sqlalchemy.dialects import postgresql as _pg
from sqlalchemy.orm import DeclarativeBase as _DeclarativeBase
from sqlalchemy.orm import Mapped as _Mapped
from sqlalchemy.orm import mapped_column as _column
from sqlalchemy.orm import relationship as _relationship

from . import enums as _enums
from ._runtime import ids as _ids
from ._runtime.public import orm as _orm
from ._runtime.public.fields import JsonValue as _JsonValue

__all__ = [
    "Base",
    "Order",
    "OrderLine",
]


class Base(_DeclarativeBase):
    """What all classes here are made from; ``Base.metadata`` holds their tables."""


_OrderState_ = _orm.enum(_enums.OrderState, Base, "order_state", None, ["open", "sent", "None"])


class Order(Base):
    """A reader's order.
    Second line, with a \\ and a *star*.
    """

    __tablename__ = "orders"
    __table_args__: _Any = (_PrimaryKeyConstraint("id", name="orders_pkey"),)

    id: _Mapped[int] = _column("id", _pg.INTEGER(), primary_key=True, autoincrement=True)
    ref: _Mapped[_uuid.UUID] = _column(
        "ref",
        _pg.UUID(),
        nullable=False,
        default=lambda: _uuid.UUID(_ids.uuid4()),
    )
    state: _Mapped[_enums.OrderState] = _column("state", _OrderState_, nullable=False, server_default="open")
    weight: _Mapped[_decimal.Decimal | None] = _column("weight", _pg.NUMERIC(8, 3), nullable=True)
    from_: _Mapped[str | None] = _column("sent_from", _pg.TEXT(), nullable=True)
    tags: _Mapped[list[str] | None] = _column("tags", _orm.array(_pg.TEXT()), nullable=True)
    extra: _Mapped[_JsonValue | None] = _column("extra", _pg.JSONB(none_as_null=True), nullable=True)
    lines: _Mapped[list["OrderLine"]] = _relationship(
        lambda: OrderLine,
        back_populates="order",
        foreign_keys=lambda: [OrderLine.orderId],
        passive_deletes="all",
    )
    at: _Mapped[_datetime.datetime] = _column(
        "at",
        _orm.UtcDateTime(3),
        nullable=False,
        default=_orm.now,
        onupdate=_orm.now,
    )


class OrderLine(Base):
    """A row of the model ``OrderLine``."""

    __tablename__ = "OrderLine"
    __table_args__: _Any = (_PrimaryKeyConstraint("order_id", "number", name="OrderLine_pkey"),)

    orderId: _Mapped[int] = _column("order_id", _pg.INTEGER(), primary_key=True, autoincrement=False)
    number: _Mapped[int] = _column("number", _pg.INTEGER(), primary_key=True, autoincrement=False)
    order: _Mapped["Order"] = _relationship(
        lambda: Order,
        back_populates="lines",
        foreign_keys=lambda: [OrderLine.orderId],
    )


# Keys and indexes: they refer to the columns of any class.
_orm.index(Order, "orders_ref_key", ("ref",), unique=True)
_orm.foreign_key(
    OrderLine,
    ("order_id",),
    Order,
    ("id",),
    name="OrderLine_order_id_fkey",
    ondelete="RESTRICT",
    onupdate="CASCADE",
)
