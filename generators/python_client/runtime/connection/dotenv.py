"""``DATABASE_URL`` from a ``.env`` file beside the program, where the environment has none."""

from __future__ import annotations

import os
import re
from pathlib import Path

_LINE = re.compile(r"""\s*(?:export\s+)?DATABASE_URL\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#\s]*))""")


def database_url() -> str | None:
    """The URL, the environment's first. None if neither has one."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    try:
        lines = Path(".env").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in reversed(lines):
        match = _LINE.match(line)
        if match is not None:
            return next((group for group in match.groups() if group), None)
    return None
