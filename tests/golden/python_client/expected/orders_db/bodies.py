"""Pydantic models of what requests and responses carry as JSON.

Generated from version 1.2.0-rc.1 of the orders schema.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Annotated as _Annotated

from pydantic import Field as _Field

from . import enums as _enums
from ._runtime.public import json_bodies as _wire

if _TYPE_CHECKING:
    from . import types as _types  # noqa: F401 - classes name it in strings

__all__ = [
    "OrderCreate",
    "OrderUpdate",
    "OrderJson",
    "OrderLineCreate",
    "OrderLineUpdate",
    "OrderLineJson",
]


class OrderCreate(_wire.Body["_types.OrderCreateInput"]):
    """A new ``Order``: its ``model_dump()`` is ``data`` for ``create``."""

    id: _wire.OrLeftOut[_wire.Int] = None
    ref: _wire.OrLeftOut[_wire.Uuid] = None
    state: _wire.OrLeftOut[_enums.OrderState] = None
    weight: _Annotated[_wire.Decimal, _wire.Digits(8, 3)] | None = None
    """What the parcel weighs, in kilograms."""
    from_: _wire.Text | None = _Field(default=None, alias="from")
    tags: _wire.OrLeftOut[list[_wire.Text]] = None
    extra: _wire.JsonInput | None = None
    at: _wire.OrLeftOut[_Annotated[_wire.DateTime, _wire.Kept(3)]] = None


class OrderUpdate(_wire.Body["_types.OrderUpdateInput"]):
    """Changes to a ``Order``: its ``model_dump()`` is ``data`` for ``update``."""

    id: _wire.OrLeftOut[_wire.Int] = None
    ref: _wire.OrLeftOut[_wire.Uuid] = None
    state: _wire.OrLeftOut[_enums.OrderState] = None
    weight: _Annotated[_wire.Decimal, _wire.Digits(8, 3)] | None = None
    """What the parcel weighs, in kilograms."""
    from_: _wire.Text | None = _Field(default=None, alias="from")
    tags: _wire.OrLeftOut[list[_wire.Text]] = None
    extra: _wire.JsonInput | None = None
    at: _wire.OrLeftOut[_Annotated[_wire.DateTime, _wire.Kept(3)]] = None


class OrderJson(_wire.RowBody):
    """A reader's order.
    Second line, with a \\ and a *star*.
    """

    id: _wire.Int
    ref: _wire.Uuid
    state: _enums.OrderState
    weight: _Annotated[_wire.Decimal, _wire.Digits(8, 3)] | None = None
    """What the parcel weighs, in kilograms."""
    from_: _wire.Text | None = _Field(default=None, alias="from")
    tags: list[_wire.Text]
    extra: _wire.JsonRow | None = None
    at: _Annotated[_wire.DateTime, _wire.Kept(3)]


class OrderLineCreate(_wire.Body["_types.OrderLineCreateInput"]):
    """A new ``OrderLine``: its ``model_dump()`` is ``data`` for ``create``."""

    orderId: _wire.Int
    number: _wire.Int


class OrderLineUpdate(_wire.Body["_types.OrderLineUpdateInput"]):
    """Changes to a ``OrderLine``: its ``model_dump()`` is ``data`` for ``update``."""

    orderId: _wire.OrLeftOut[_wire.Int] = None
    number: _wire.OrLeftOut[_wire.Int] = None


class OrderLineJson(_wire.RowBody):
    """A ``OrderLine`` in JSON."""

    orderId: _wire.Int
    number: _wire.Int
