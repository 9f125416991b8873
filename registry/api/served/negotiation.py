"""Which of several forms of a document a request prefers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException


def preferred(request: Request, offered: Sequence[str]) -> str:
    """The media type of ``offered``, the default one first. Raises HTTPException (406) where none will do."""
    asked = request.headers.get("Accept", "").strip()
    if not asked or asked == "*/*":
        return offered[0]
    ranges = [_range(part) for part in asked.split(",")]
    weights = [(_weight(each, ranges), -place, each) for place, each in enumerate(offered)]
    weight, _, best = max(weights)
    if weight <= 0:
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, headers={"Accept": ", ".join(offered)})
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip() for each in part.lower().split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, min(max(float(value), 0.0), 1.0)
            except ValueError:
                return name, 0.0
    return name, 1.0


def _weight(offered: str, ranges: Sequence[tuple[str, float]]) -> float:
    """That of the most exact range which has ``offered``; 0 without any."""
    kind = f"{offered.partition('/')[0]}/*"
    for name in (offered, kind, "*/*"):
        found = [weight for each, weight in ranges if each == name]
        if found:
            return max(found)
    return 0.0
