"""Types of changes to one field that holds one value."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypedDict, TypeVar

_T = TypeVar("_T")


class ValueUpdate(TypedDict, Generic[_T]):
    """A new value."""

    set: _T


class AmountUpdate(TypedDict, Generic[_T], total=False):
    """One change to an amount of money, made by the database; see ``NumberUpdate``."""

    set: _T | None
    increment: _T
    decrement: _T


class NumberUpdate(AmountUpdate[_T], Generic[_T], total=False):
    """One change to a number, made by the database: no other change is lost between reading and writing."""

    multiply: _T
    divide: _T


# The names that Prisma Client Python has for some of these.
AtomicIntInput: TypeAlias = NumberUpdate[int]
AtomicBigIntInput: TypeAlias = NumberUpdate[int]
AtomicFloatInput: TypeAlias = NumberUpdate[float]
