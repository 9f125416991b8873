"""Generated from version 1.2.0-rc.1 of the orders schema."""

import datetime as _datetime
import decimal as _decimal

from pydantic import Field as _Field
from pydantic import JsonValue as _JsonValue

from . import enums as _enums
from ._runtime.model import Row as _Row

__all__ = [
    "Order",
    "OrderLine",
]


class Order(_Row):
    """A reader's order.
    Second line, with a \\ and a *star*.
    """

    id: int
    ref: str
    state: _enums.OrderState
    weight: _decimal.Decimal | None = None
    """What the parcel weighs, in kilograms."""
    from_: str | None = _Field(default=None, alias="from")
    tags: list[str]
    extra: _JsonValue | None = None
    lines: "list[OrderLine] | None" = None
    at: _datetime.datetime


class OrderLine(_Row):
    """A row of the model ``OrderLine``."""

    orderId: int
    number: int
    order: "Order | None" = None
