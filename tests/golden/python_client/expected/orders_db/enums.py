"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from enum import StrEnum as _StrEnum

__all__ = [
    "OrderState",
]


class OrderState(_StrEnum):
    """How far an order has come."""

    OPEN = "OPEN"
    SENT = "SENT"
    """On its way: \"\"\"not a quote\"\"\"."""
    None_ = "None"
