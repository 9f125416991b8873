"""What a token of the API, or a CI system that is trusted, may do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

#: Publishing doesn't permit migrating, nor the other way round.
Scope = Literal["read", "publish", "migrate", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


def permits(given: Collection[Scope], wanted: Scope) -> bool:
    """Whether ``given`` include what ``wanted`` permits: `admin` has all, and each has `read`."""
    return wanted in given or "admin" in given or (wanted == "read" and bool(given))
