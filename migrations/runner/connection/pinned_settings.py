"""The settings that change what a value means, or how it is written: the same for every step, everywhere.

Roles and databases can have values of their own for each of them (``ALTER DATABASE … SET timezone = …``). A
migration was rehearsed with these, and must do the same to a database that has others. A script that sets one
itself still has its say, as it had when it was rehearsed.
Source: the Postgres manual, "Client Connection Defaults" and "Version and Platform Compatibility".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Values as SET takes them. DateStyle is both: how a date is written, and which of two numbers is the month.
PINNED_SETTINGS: Final[Mapping[str, str]] = {
    "TimeZone": "'UTC'",
    "DateStyle": "'ISO, MDY'",
    "IntervalStyle": "'postgres'",
    "extra_float_digits": "1",
    "bytea_output": "'hex'",
    "standard_conforming_strings": "on",
}
_UTC: Final = frozenset({"UTC", "UCT", "GMT", "Zulu", "Universal", "Greenwich"})
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_TIME: Final = re.compile(r"\d[-/.:]\d|now|today|tomorrow|yesterday", re.IGNORECASE)
_EITHER_ORDER: Final = re.compile(r"(?<!\d)\d{1,2}[-/. ]\d{1,2}[-/. ]\d")


def unpinned(sql: str, time_zone: str, date_style: str) -> str | None:
    """The setting by which ``sql`` would be read differently from its rehearsal, in a session that has these
    values; None where nothing in it depends on one. It judges the literals by how they look."""
    literals = _LITERAL.findall(sql)
    if time_zone.removeprefix("Etc/") not in _UTC and any(map(_TIME.search, literals)):
        return "TimeZone"
    if not date_style.endswith("MDY") and any(map(_EITHER_ORDER.search, literals)):
        return "DateStyle"
    return None
