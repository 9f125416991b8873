"""Values that plain Python types can't say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

#: Anything that JSON can hold; plain dicts, lists, numbers, strings, booleans and None.
JsonInput: TypeAlias = "str | int | float | bool | Sequence[JsonInput] | Mapping[str, JsonInput] | None"
#: What a Decimal field takes: whatever is exact. A float is not.
DecimalInput: TypeAlias = "Decimal | int | str"


class Json:
    """A value for a ``Json`` field: ``data={"settings": Json({"theme": "dark"})}``.

    The wrapper tells a JSON object from a dict of operators, and JSON's ``null`` (``Json(None)``) from a
    missing value (``None``). Both are read back as ``None``.
    """

    __slots__ = ("data",)

    def __init__(self, data: JsonInput) -> None:
        self.data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and self.data == other.data

    __hash__ = None  # type: ignore[assignment]  # what it holds can change

    def __repr__(self) -> str:
        return f"Json({self.data!r})"
