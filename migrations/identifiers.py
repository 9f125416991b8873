"""Quotes names and strings for SQL, and shortens names to what Postgres allows."""

from __future__ import annotations

import hashlib

#: Postgres' NAMEDATALEN - 1: it truncates longer names silently.
MOST_BYTES = 63


def quoted(*parts: str) -> str:
    """A quoted name, qualified if there are two parts: ``"shop"."users"``."""
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in parts)


def literal(text: str) -> str:
    """A string constant, whatever ``standard_conforming_strings`` is set to."""
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


def fitting(*parts: str) -> str:
    """``parts`` joined by underscores; if that is too long, it is truncated and a digest is added."""
    name = "_".join(parts)
    if len(name.encode()) <= MOST_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    room = MOST_BYTES - len(digest) - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digest}"
