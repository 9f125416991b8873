"""Which calculations a write can have the database do, by the column's type: the types of a client and the
checks of its ``data`` both ask here. It imports nothing, since generators import it too."""

from __future__ import annotations

#: The operators of all of them.
OPERATORS = {"increment": "+", "decrement": "-", "multiply": "*", "divide": "/"}
_ALL = frozenset(OPERATORS)
#: Postgres has no product and no quotient of two amounts that is an amount.
_SUMS = frozenset({"increment", "decrement"})
_BY_TYPE = dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), _ALL) | {"money": _SUMS}


def calculations(type_: str) -> frozenset[str]:
    """The words for those of a column; an ``oid`` has none."""
    return _BY_TYPE.get(type_, frozenset())
