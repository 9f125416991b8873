"""Who runs this, as what is recorded names them."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """The login name; a container's user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
