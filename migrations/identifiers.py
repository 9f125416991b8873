"""Names as SQL and as Postgres would shorten them."""

from __future__ import annotations

import hashlib

#: Postgres' NAMEDATALEN - 1: longer names are cut, silently.
MOST_BYTES = 63


def quoted(*parts: str) -> str:
    """A name, with its schema before it if there are two parts: ``"shop"."users"``."""
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts)


def literal(text: str) -> str:
    """A string constant, whatever ``standard_conforming_strings`` says."""
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


def fitting(*parts: str) -> str:
    """``parts`` joined by underscores; where that is too long, cut and told apart by a digest."""
    name = "_".join(parts)
    if len(name.encode()) <= MOST_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    room = MOST_BYTES - len(digest) - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digest}"
