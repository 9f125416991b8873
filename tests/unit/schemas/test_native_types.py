"""Which column types hold everything that another does."""

from __future__ import annotations

import pytest

from schemas.comparison.native_types import is_wider
from schemas.model import NativeType


def _native(text: str) -> NativeType:
    name, _, arguments = text.rstrip(")").partition("(")
    return NativeType(name, tuple(part.strip() for part in arguments.split(",") if part))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("VarChar(10)", "VarChar(20)", True),
        ("VarChar(20)", "VarChar(10)", False),
        ("VarChar(20)", "VarChar", True),
        ("VarChar", "VarChar(20)", False),
        ("VarChar(20)", "Text", True),
        ("Text", "VarChar(20)", False),
        ("Char(3)", "Char(4)", False),
        ("SmallInt", "Integer", True),
        ("Integer", "SmallInt", False),
        ("Real", "DoublePrecision", True),
        ("Decimal(10, 2)", "Decimal(11, 3)", True),
        ("Decimal(10, 2)", "Decimal(10, 3)", False),
        ("Decimal(10, 2)", "Decimal(9, 2)", False),
        ("Decimal(10)", "Decimal(10, 0)", True),
        ("Decimal(10, 2)", "Decimal", True),
        ("Decimal", "Decimal(10, 2)", False),
        ("Timestamp(3)", "Timestamp(6)", True),
        ("Timestamp(6)", "Timestamp(3)", False),
        ("Timestamp(3)", "Timestamptz(3)", False),
        ("Bit(3)", "Bit(4)", False),
        ("Uuid", "Uuid", True),
        ("Json", "JsonB", False),
    ],
)
def test_wider_or_not(before: str, after: str, expected: bool) -> None:
    assert is_wider(_native(before), _native(after)) is expected
