"""What every kind of channel is asked, and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.errors import Problem

from ..catalogue import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an announcement did not arrive, without any address. ``status`` is what HTTP answered, and
    ``retry_after_seconds`` how long it asks to wait. ``is_of_announcement``: another one may well arrive."""

    why: str
    status: int | None = None
    retry_after_seconds: float = 0.0
    is_of_announcement: bool = False


class UnusableChannelError(Exception):
    """Nothing can be sent to the channel from here. ``problem`` says what is missing, and never a secret."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Channel(Protocol):
    """One receiver."""

    def send(self, delivery: Delivery, at: datetime) -> Failure | None:
        """Deliver; None if it arrived. Raises UnusableChannelError before anything is sent."""

    def require(self) -> None:
        """Raises UnusableChannelError where an address or a secret is missing or can't be one."""
