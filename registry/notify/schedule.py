"""When a failed announcement is tried again: after growing pauses, for a day."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

#: After the first attempt, the second, and so on: a day in all.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 3_600, 7_200, 14_400, 21_600, 37_500)
)
_MOST_LONGER = 0.1


def next_attempt(
    delivery_id: str, attempts: int, at: datetime, *, no_sooner_seconds: float
) -> datetime | None:
    """When to try again after ``attempts``, the last one at ``at``; None if that was the last one.

    Each pause is up to a tenth longer, so that what failed at one moment isn't tried at one moment.
    """
    if attempts > len(PAUSES):
        return None
    share = zlib.crc32(f"{delivery_id} {attempts}".encode()) / 2**32
    pause = PAUSES[attempts - 1] * (1 + _MOST_LONGER * share)
    return at + max(pause, timedelta(seconds=no_sooner_seconds))
