"""The settings that change what a value means, or how it is written: pinned to fixed values for every step.

Roles and databases can have their own value of each (``ALTER DATABASE … SET timezone = …``). A migration was
rehearsed with the values here, and must have the same effect on a database with others. A script can still
set one itself, as it did when it was rehearsed.
Source: the Postgres manual, "Client Connection Defaults" and "Version and Platform Compatibility".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Values as SET takes them. DateStyle is both how a date is written and which of two numbers is the month.
PINNED_SETTINGS: Final[Mapping[str, str]] = {
    "TimeZone": "'UTC'",
    "DateStyle": "'ISO, MDY'",
    "IntervalStyle": "'postgres'",
    "extra_float_digits": "1",
    "bytea_output": "'hex'",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",  # an index would seem to be another one than was rehearsed
    "transform_null_equals": "off",
    "array_nulls": "on",
}
_UTC: Final = frozenset({"UTC", "UCT", "GMT", "Zulu", "Universal", "Greenwich"})
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_TIME: Final = re.compile(r"\d[-/.:]\d|now|today|tomorrow|yesterday", re.IGNORECASE)
_EITHER_ORDER: Final = re.compile(r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ]\d")


def unpinned(sql: str, time_zone: str, date_style: str) -> str | None:
    """The setting that would make ``sql`` mean something else than when it was rehearsed, in a session with
    these values; None if it depends on none. A guess from what the literals look like."""
    literals = _LITERAL.findall(sql)
    if time_zone.removeprefix("Etc/") not in _UTC and any(map(_TIME.search, literals)):
        return "TimeZone"
    if not date_style.endswith("MDY") and any(map(_EITHER_ORDER.search, literals)):
        return "DateStyle"
    return None
