"""Times that an author writes as constants, for columns that hold no zone.

Postgres reads ``2026-05-06T00:00:00+02:00`` into a timestamp without its offset, and says nothing. Prisma
keeps UTC in such columns: so does what is written here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

from schemas.comparison.native_types import native_type
from schemas.model import Field

_WITHOUT_ZONE: Final = ("Timestamp", "Date", "Time")
#: A time of day and, after it, an offset or the name of a zone.
_WITH_ZONE: Final = re.compile(r":\d\d.*?(?:[-+]\s*\d|[A-Za-z])")


def without_zone(value: str, field: Field) -> str | None:
    """The constant as the field's column keeps it, in UTC; None for a zone that can't be read.

    Anything but a time with a zone is returned as it is.
    """
    native = native_type(field)
    if field.type != "DateTime" or native is None or native.name not in _WITHOUT_ZONE:
        return value
    found = _read(value)
    if found is None or not _WITH_ZONE.search(value):
        return None if found is None and _WITH_ZONE.search(value) else value
    kept = found.replace(tzinfo=None)
    return kept.time().isoformat() if native.name == "Time" else kept.isoformat()


def _read(value: str) -> datetime | None:
    """In UTC; None if it is not in ISO form. A time alone is given a day."""
    text = value.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.combine(date(2001, 1, 1), time.fromisoformat(text))
        except ValueError:
            return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
