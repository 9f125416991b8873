"""A script as the statements of its steps, each with what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from pglast import ast
from pglast.parser import scan
from pglast.stream import RawStream

from ..ddl.statements import parse_statement, taken_apart
from ..runner.manifest import Direction
from ..scripts.split import ScriptStep
from .change import Change, Key, UnknownChangeError
from .changes import changes_of
from .current_names import Renaming
from .first_names import FirstNames

_Node: TypeAlias = Any


@dataclass(frozen=True)
class Statement:
    """One statement of a script. ``parts`` are its changes: of each command of an ALTER TABLE, of each name
    of a DROP; None where they can't be told. ``names`` is what was renamed before it, and ``renamings`` what
    it renames."""

    direction: Direction
    step: int
    number: int
    sql: str
    node: _Node
    parts: tuple[tuple[Change, ...], ...] | None
    names: Mapping[Key, Key]
    renamings: tuple[Renaming, ...]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every identifier in it."""
        tokens = scan(self.sql)
        return frozenset(
            self.sql[token.start : token.end + 1].strip('"').replace('""', '"') for token in tokens
        )

    def only(self, parts: Sequence[int]) -> str:
        """Its SQL with these parts alone."""
        if self.parts is None or len(parts) == len(self.parts):
            return self.sql
        node = self.node
        if isinstance(node, ast.AlterTableStmt):
            kept = ast.AlterTableStmt(
                relation=node.relation,
                cmds=tuple((node.cmds or ())[part] for part in parts),
                objtype=node.objtype,
                missing_ok=node.missing_ok,
            )
            return str(RawStream()(kept))
        names = ast.DropStmt(
            objects=tuple(node.objects[part] for part in parts),
            removeType=node.removeType,
            behavior=node.behavior,
            missing_ok=node.missing_ok,
            concurrent=node.concurrent,
        )
        return str(RawStream()(names))


def statements_of(
    direction: Direction, steps: Sequence[ScriptStep], names: FirstNames
) -> list[list[Statement]]:
    """The statements of each step. ``names`` are those before the script, and then those after it."""
    names.begin_script()
    return [
        [_read(direction, number, place, each.sql, names) for place, each in enumerate(step.statements)]
        for number, step in enumerate(steps)
    ]


def _read(direction: Direction, step: int, number: int, sql: str, names: FirstNames) -> Statement:
    node, before = parse_statement(sql), names.current.renamed()
    parts: list[tuple[Change, ...]] | None = []
    renamings: list[Renaming] = []
    for part in taken_apart(node):
        try:
            found = tuple(changes_of(part, names))
            parts = None if parts is None else [*parts, found]
        except UnknownChangeError:
            parts = None
        renamings += names.follow(part, sql)
    told = None if parts is None else tuple(parts)
    return Statement(direction, step, number, sql, node, told, before, tuple(renamings))
