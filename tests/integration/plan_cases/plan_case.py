"""A change between two schemas, with rows that are in its way."""

from __future__ import annotations

from dataclasses import dataclass

#: A query and the rows that it has to give.
Check = tuple[str, list[tuple[object, ...]]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """``before`` and ``after`` are schemas without a datasource; a model ``T`` is made of ``fields``.

    ``made`` is SQL of the first migration that somebody wrote by hand. ``rows`` are statements that run
    before the change, ``toml`` holds the author's answers, ``asked`` are the subjects of the questions that
    there are without it. ``up`` and ``down`` are checked after each way.
    """

    name: str
    before: str
    after: str
    made: str = ""
    rows: tuple[str, ...] = ()
    toml: str = ""
    asked: tuple[str, ...] = ()
    up: tuple[Check, ...] = ()
    down: tuple[Check, ...] = ()
    head: tuple[str, str] = ("", "")
    is_empty: bool = False  # neither a question nor a statement
    keeps_order: bool = False  # of an enum's values, which neither Prisma nor the drift check minds


def t(fields: str, extra: str = "") -> str:
    """A schema with one model."""
    return f"model T {{\n  id Int @id\n{fields}\n}}\n{extra}"


def u(fields: str) -> str:
    """A second model."""
    return f"model U {{\n  id Int @id\n{fields}\n}}\n"
