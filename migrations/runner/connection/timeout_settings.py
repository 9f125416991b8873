"""Which setting has let Postgres end a statement or a session. Asking needs no driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: By the SQLSTATE with which each ends a statement or a session.
_SETTINGS: Final[Mapping[str, str]] = {
    "57014": "statement_timeout",
    "55P03": "lock_timeout",
    "25P03": "idle_in_transaction_session_timeout",
    "25P04": "transaction_timeout",
    "57P05": "idle_session_timeout",
}


def timeout_of(error: BaseException) -> str | None:
    """The setting by which Postgres may have ended a statement; None where it was for something else."""
    return _SETTINGS.get(getattr(error, "sqlstate", None) or "")
