"""Adds ``-- schema-service: may-refuse`` above a statement that is meant to fail on rows that don't fit."""

from __future__ import annotations

from dataclasses import replace

from ..scripts.directives import MAY_REFUSE
from .script import DraftStatement

_MARK = MAY_REFUSE.removeprefix("-- ")


def marked(statement: DraftStatement) -> DraftStatement:
    """The statement with the mark, above the linter's comment, which has to be in the line before it."""
    lines = statement.heading.splitlines()
    at = next((n for n, line in enumerate(lines) if line.startswith("squawk-ignore")), len(lines))
    return replace(statement, heading="\n".join([*lines[:at], _MARK, *lines[at:]]))
