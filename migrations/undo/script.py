"""A script as the statements of its steps, each with what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from pglast import ast
from pglast.parser import scan
from pglast.stream import RawStream

from ..ddl.statements import parse_statement
from ..runner.manifest import Direction
from ..scripts.split import ScriptStep
from .changes import Change, Key, UnknownChangeError, changes_of
from .current_names import CurrentNames

_Node: TypeAlias = Any


@dataclass(frozen=True)
class Statement:
    """One statement of a script. ``parts`` are its changes: of each command of an ALTER TABLE, of each name
    of a DROP; None where they can't be told. ``names`` is what was renamed before it."""

    direction: Direction
    step: int
    number: int
    sql: str
    node: _Node
    parts: tuple[tuple[Change, ...], ...] | None
    names: Mapping[Key, str]

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
    direction: Direction, steps: Sequence[ScriptStep], names: CurrentNames
) -> list[list[Statement]]:
    """The statements of each step. ``names`` are those before the script, and then those after it."""
    found: list[list[Statement]] = []
    for number, step in enumerate(steps):
        found.append([])
        for place, statement in enumerate(step.statements):
            node = parse_statement(statement.sql)
            found[-1].append(
                Statement(direction, number, place, statement.sql, node, _parts(node, names), names.renamed())
            )
            names.apply(node)
    return found


def _parts(node: _Node, names: CurrentNames) -> tuple[tuple[Change, ...], ...] | None:
    try:
        return tuple(tuple(changes_of(part, names)) for part in _split(node))
    except UnknownChangeError:
        return None


def _split(node: _Node) -> list[_Node]:
    if isinstance(node, ast.AlterTableStmt) and len(node.cmds or ()) > 1:
        return [
            ast.AlterTableStmt(relation=node.relation, cmds=(each,), objtype=node.objtype)
            for each in node.cmds or ()
        ]
    if isinstance(node, ast.DropStmt) and len(node.objects or ()) > 1:
        return [
            ast.DropStmt(objects=(each,), removeType=node.removeType, behavior=node.behavior)
            for each in node.objects or ()
        ]
    return [node]
