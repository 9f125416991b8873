"""The SQL between two schemas, both ways, from Prisma's own engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pglast import ast
from pglast.parser import parse_sql

from schemas.model import Schema

from .classify import Classified, classify
from .split import normalised

_UP = (
    "-- From the schema of the version before to this one's. Edit it freely: the rehearsal holds it to\n"
    "-- schema.prisma. BEGIN and COMMIT are the runner's: a script needs none.\n"
)
_DOWN = (
    "-- The way back. It restores the shape of the tables; rows and values that the way up has dropped\n"
    "-- are not in it.\n"
)


class DiffEngine(Protocol):
    """What planning needs of the Prisma bridge (``schemas.prisma.bridge.PrismaBridge``)."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Two scripts. ``is_empty``: the database already is what the second schema asks for."""

    up: str
    down: str
    is_empty: bool


def plan(before: Schema | None, after: Schema, bridge: DiffEngine) -> MigrationPlan:
    """The scripts from ``before`` (None: an empty database) to ``after`` and back.

    Raises what the bridge raises: BridgeError, InvalidSchemaError.
    """
    old, new = before.text if before else None, after.text
    up, down = _without_transactions(bridge.diff(old, new)), _without_transactions(bridge.diff(new, old))
    return MigrationPlan(f"{_UP}\n{up}", f"{_DOWN}\n{down}", is_empty=not parse_sql(up))


def _without_transactions(script: str) -> str:
    """Without the engine's own BEGIN and COMMIT, which would end the runner's transaction half way."""
    text = normalised(script)
    kept: list[str] = []
    position = 0
    for raw in parse_sql(text):
        if not _is_dropped(raw.stmt):
            continue
        start = raw.stmt_location or 0
        end = start + raw.stmt_len if raw.stmt_len else len(text)
        kept.append(text[position:start])
        position = min(end + 1, len(text))  # with its semicolon
        if text[position : position + 1] == "\n":
            position += 1
    kept.append(text[position:])
    return "".join(kept).strip() + "\n"


def _is_dropped(statement: ast.Node | None) -> bool:
    if statement is None:
        return False
    verdict = classify(statement)
    return isinstance(verdict, Classified) and verdict.kind is None
