"""Money as servers of other locales write it: none of them is installed with the embedded Postgres."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from generators.python_client.runtime.connection.adapters import MoneyLoader


@pytest.mark.parametrize(
    ("text", "number"),
    [("$0.00", "0"), ("-$1,234,567.50", "-1234567.5"), ("-£1,234.50", "-1234.5"), ("7.25", "7.25")],
)
def test_what_can_be_read_in_one_way_is_a_number(text: str, number: str) -> None:
    assert _load(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1.234,50 €", "￥1,235", "($5.00)", "1.234", "$", "kr 5.00"])
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(psycopg.DataError, match="two ways"):
        _load(text)


def _load(text: str) -> Decimal:
    return MoneyLoader(790).load(text.encode())
