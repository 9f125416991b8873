"""Types of orders, and of what is counted or taken with a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, NotRequired, TypeAlias, TypedDict, TypeVar

_T = TypeVar("_T")

#: The direction of one key of an ``order``.
SortOrder: TypeAlias = Literal["asc", "desc"]
#: What nested writes take: one, or some.
OneOrMore: TypeAlias = _T | Sequence[_T]


class SortNulls(TypedDict):
    """A direction, and where rows without a value are placed."""

    sort: SortOrder
    nulls: NotRequired[Literal["first", "last"]]


class CountOrder(TypedDict):
    """An order by the number of related rows."""

    _count: SortOrder


class CountWhere(TypedDict, Generic[_T]):
    """Which related rows to count."""

    where: _T
