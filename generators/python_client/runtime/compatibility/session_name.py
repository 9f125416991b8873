"""What a client's sessions are called in ``pg_stat_activity``: the client says it, the runner reads it.

The Python client's runtime has a copy of this file, which `make blocking` writes, and the Node client the
same rule in ``database_version.cjs``; ``tests/database_versions.json`` holds all three to one meaning.
"""

from __future__ import annotations

#: In bytes: NAMEDATALEN - 1. The server cuts longer names.
LONGEST_NAME = 63
_DIGITS = 8


def session_name(packaged: str) -> str:
    """``package/version``; where that is too long, the package's beginning and a hash of its whole name,
    since packages for several languages often end alike."""
    if len(packaged.encode()) <= LONGEST_NAME:
        return packaged
    from hashlib import sha256  # noqa: PLC0415 - for the few with such names

    package, _, version = packaged.rpartition("/")
    ending = f"~{sha256(package.encode()).hexdigest()[:_DIGITS]}/{version}"
    return cut(package, LONGEST_NAME - len(ending)) + ending


def cut(text: str, most: int) -> str:
    """The beginning of a text, in whole characters."""
    return text.encode()[: max(most, 0)].decode(errors="ignore")
