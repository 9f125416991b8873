"""Makes the script that Prisma's engine writes parseable for Postgres."""

from __future__ import annotations

import re

_NAMELESS_DROP = re.compile(r'^DROP SEQUENCE "";\n?', re.MULTILINE)


def without_nameless_drops(script: str) -> str:
    """``script`` without the ``DROP SEQUENCE ""`` that the engine writes where autoincrement is removed."""
    return _NAMELESS_DROP.sub("", script)
