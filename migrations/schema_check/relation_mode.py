"""``relationMode = "prisma"``: no foreign keys, so that what happens to other rows is up to each client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemas.errors import Problem
from schemas.prisma.source import string_value

from .places import Places

_SETTINGS = ("relationMode", "referentialIntegrity")


def relation_mode_problems(places: Places) -> Iterator[Problem]:
    """A warning where the database doesn't keep relations: only the Node client then does."""
    for block in places.blocks:
        for statement in block.statements if block.keyword == "datasource" else ():
            values = [string_value(token) for token in statement.tokens if token.kind == "string"]
            if statement.name in _SETTINGS and values == ["prisma"]:
                problem = places.problem(
                    "relation-mode",
                    f'{statement.name} = "prisma" makes no foreign keys: onDelete and onUpdate are done '
                    "by the Node client only, and rows that the Python client or SQL deletes leave others "
                    "behind that refer to them",
                    'write relationMode = "foreignKeys" (or remove the line), or delete such rows by hand',
                    statement,
                )
                yield replace(problem, severity="warning")
