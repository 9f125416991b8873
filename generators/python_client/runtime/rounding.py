"""Moments that the server would round to what clients don't read: the year 10000, and 24:00.

Of a value with more digits of a second than its column the server stores the nearest that the column keeps,
of two the one farther from the year 2000 (``AdjustTimestampForTypmod``, ``AdjustTimeForTypmod``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: Digits of a second that Postgres keeps, unless a column keeps fewer.
ALL_DIGITS = 6
_LAST = datetime.max.replace(tzinfo=UTC)
#: For each number of digits, from when on a moment of the last second is rounded upwards.
_ROUNDED = [_LAST - timedelta(microseconds=10 ** (6 - digits) // 2 - 1) for digits in range(ALL_DIGITS)]


def fitting(value: datetime, digits: int, *, is_clock: bool) -> datetime:
    """A moment in UTC, or a time of day (``is_clock``), if a column with ``digits`` keeps it readable.

    Raises ValueError if not.
    """
    last = datetime.combine(_LAST, value.timetz()) if is_clock else value
    if last >= _ROUNDED[digits]:
        rounded = "24:00" if is_clock else "the year 10000"
        raise ValueError(f"would be rounded to {rounded}: the column keeps {digits} digits after the seconds")
    return value
