"""What ``listen`` returns."""

from __future__ import annotations

from ._runtime.connection.notifications import Notification

__all__ = ["Notification"]
