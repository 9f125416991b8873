"""Parses TOML; a syntax error is a problem with line and column."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from ..errors import Problem, WorkspaceError

# Until Python 3.14, tomllib gives the location only in its message.
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def parse_toml(text: str, *, file: str) -> dict[str, Any]:
    """Parse ``text``. Raises WorkspaceError naming ``file``, line and column."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is nested too deeply"
        place = _PLACE.search(message)
        line, column = (place["line"], place["column"]) if place else (None, None)
        problem = Problem(
            code="invalid-toml",
            message=f"not valid TOML: {_PLACE.sub('', message)}",
            fix="correct the line; strings need quotes",
            file=file,
            line=int(line) if line else None,
            column=int(column) if column else None,
        )
        raise WorkspaceError(problem) from None


def plain_string(value: object) -> str:
    """``value`` if it is a string. Raises TypeError otherwise."""
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return value
