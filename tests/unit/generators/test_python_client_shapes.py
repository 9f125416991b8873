"""A query's shape is the key of its plan: no two that need different SQL may be equal."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from generators.python_client.runtime.sql.order import order_shape
from generators.python_client.runtime.sql.query_shape import shape_of

_CONDITIONS: list[dict[str, Any]] = [
    {},
    {"x": 1},
    {"x": None},
    {"x": {}},
    {"x": {"not": 1}},
    {"x": {"not": None}},
    {"x": {"null": 1}},
    {"x": {"nested": 1}},
    {"AND": [{"x": 1}]},
    {"AND": [{"x": None}]},
    {"AND": [{"x": 1}, {"x": 1}]},
    {"AND": None},
    {"OR": [{"x": 1}]},
    {"mode": "insensitive"},
    {"mode": "default"},
    {"mode": "other"},
    {"mode": None},
    {"mode": {"insensitive": 1}},
    {"insensitive": None},
    {"default": {}},
]
_ORDERS: list[Any] = [
    {"x": "asc"},
    {"x": "desc"},
    {"x": {"sort": "asc", "nulls": "first"}},
    {"x": "upwards"},
    {"x": {"y": "asc"}},
    {"x": {}},
    {"_relevance": {"fields": ["x"], "search": "s", "sort": "asc"}},
    {"_relevance": "asc"},
    [{"x": "asc"}, {"y": "asc"}],
]


@pytest.mark.parametrize("given", list(combinations(_CONDITIONS, 2)), ids=str)
def test_conditions_that_differ_in_more_than_values_have_different_shapes(given: tuple[Any, Any]) -> None:
    one, other = (shape_of(conditions, []) for conditions in given)
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("conditions", _CONDITIONS, ids=str)
def test_the_same_conditions_have_one_shape(conditions: dict[str, Any]) -> None:
    assert {shape_of(conditions, []): 1}[shape_of(dict(conditions), [])] == 1


@pytest.mark.parametrize("given", list(combinations(_ORDERS, 2)), ids=str)
def test_orders_that_differ_have_different_shapes(given: tuple[Any, Any]) -> None:
    one, other = (order_shape(order, []) for order in given)
    assert one != other
