"""Classes with some of a model's fields.

Generated from version 1.2.0-rc.1 of the orders schema.
"""

import datetime as _datetime
import decimal as _decimal

from pydantic import Field as _Field

from . import bases as _bases
from . import enums as _enums
from ._runtime.public.fields import JsonValue as _JsonValue

__all__ = [
    "LineNumber",
    "OrderPublic",
    "OrderBare",
    "LineOfOrder",
    "order",
    "order_",
]


class LineNumber(_bases.BaseOrderLine):
    """Some fields of ``OrderLine``."""

    number: int


class OrderPublic(_bases.BaseOrder):
    """Some fields of ``Order``."""

    id: int
    ref: str
    state: _enums.OrderState | None = None
    weight: _decimal.Decimal
    """What the parcel weighs, in kilograms."""
    from_: str | None = _Field(default=None, alias="from")
    lines: "list[LineNumber] | None" = None


class OrderBare(_bases.BaseOrder):
    """Some fields of ``Order``."""

    id: int
    ref: str
    state: _enums.OrderState
    weight: _decimal.Decimal | None = None
    """What the parcel weighs, in kilograms."""
    from_: str | None = _Field(default=None, alias="from")
    tags: list[str]
    extra: _JsonValue | None = None
    at: _datetime.datetime


class LineOfOrder(_bases.BaseOrderLine):
    """All fields of ``OrderLine``."""

    orderId: int
    number: int
    order: "OrderBare"


class order(_bases.BaseOrderLine):
    """All fields of ``OrderLine``."""

    orderId: int
    number: int
    order: "order_ | None" = None


class order_(_bases.BaseOrder):
    """Some fields of ``Order``."""

    from_: str | None = _Field(default=None, alias="from")
    lines: "list[order] | None" = None
