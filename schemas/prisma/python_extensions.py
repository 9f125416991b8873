"""``/// @Python(...)``: what a schema says to its Python client alone, as Prisma Client Python reads it."""

from __future__ import annotations

import re

_EXTENSION = re.compile(r"^[ \t]*@Python\((?P<arguments>[^\n]*)\)[ \t]*$", re.MULTILINE)
_INSTANCE_NAME = re.compile(r'\binstance_name\s*:\s*"(?P<name>[^"\n]*)"')


def instance_name(documentation: str | None) -> str | None:
    """The name that a model is to have on the client; None if it is told none."""
    extension = _EXTENSION.search(documentation or "")
    found = _INSTANCE_NAME.search(extension["arguments"]) if extension else None
    return found["name"] if found else None


def without_extensions(documentation: str | None) -> str | None:
    """What is left for people to read; None if that is nothing."""
    return _EXTENSION.sub("", documentation or "").strip() or None
