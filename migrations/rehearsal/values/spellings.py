"""JSON that means the same: ``json`` keeps the spaces and the order of a text, ``jsonb`` doesn't."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Context, Decimal

from ..snapshots.data_snapshot import Row


def without_spelling(row: Row, types: Sequence[str]) -> Row:
    """The row, each JSON value in it as ``jsonb`` would compare it."""
    return tuple(
        value if value is None or not kind.startswith("json") else _meaning(value)
        for value, kind in zip(row, types, strict=True)
    )


def _meaning(value: str) -> str:
    read = json.loads(value, parse_float=_number, parse_int=_number)
    return json.dumps(read, sort_keys=True)


def _number(text: str) -> dict[str, str]:
    """As no JSON text is read: with all its digits, and ``1.50`` as ``1.5``."""
    return {"": str(Decimal(text).normalize(Context(prec=len(text))))}
