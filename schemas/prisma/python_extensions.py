"""``/// @Python(...)``: settings in a schema for its Python client, as Prisma Client Python reads them."""

from __future__ import annotations

import re

_EXTENSION = re.compile(r"^[ \t]*@Python\((?P<arguments>[^\n]*)\)[ \t]*$", re.MULTILINE)
_INSTANCE_NAME = re.compile(r'\binstance_name\s*:\s*"(?P<name>[^"\n]*)"')


def instance_name(documentation: str | None) -> str | None:
    """The name that a model should have on the client; None if there is no such setting."""
    extension = _EXTENSION.search(documentation or "")
    found = _INSTANCE_NAME.search(extension["arguments"]) if extension else None
    return found["name"] if found else None


def without_extensions(documentation: str | None) -> str | None:
    """The documentation for people; None if nothing is left."""
    return _EXTENSION.sub("", documentation or "").strip() or None
