"""Which of users' functions can be called to see whether they work.

Nearly all that a function does is undone with the transaction. What ends sessions, reaches other servers or
writes files is not: a function that names something of that kind is not called, nor one that calls it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_REACHES_OUTSIDE: Final = re.compile(
    r"\b(pg_(terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_(create|drop)_\w*slot"
    r"|dblink\w*|lo_export|copy\b[^;]*\bto|https?_\w+|aws_(s3|lambda)\w*)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\w+")


class Function(NamedTuple):
    """A function or procedure; ``types`` are its arguments', ``definition`` the statement that creates it."""

    oid: int
    signature: str
    language: str
    kind: str
    schema: str
    name: str
    types: list[str]
    definition: str


def safe_to_call(functions: Sequence[Function]) -> list[Function]:
    """Those whose effects are undone with the transaction. One in SQL is read, and not called."""
    unsafe = {function.name for function in functions if _REACHES_OUTSIDE.search(function.definition)}
    words = {function.oid: set(_WORD.findall(function.definition)) for function in functions}
    while True:
        callers = {function.name for function in functions if words[function.oid] & unsafe}
        if callers <= unsafe:
            return [each for each in functions if each.language == "sql" or each.name not in unsafe]
        unsafe |= callers
