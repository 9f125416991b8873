"""Partitioned tables: an index over all partitions is neither made nor dropped CONCURRENTLY."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pglast import ast, enums
from pglast.parser import ParseError

from schemas.errors import Problem
from schemas.workspace.migration import Migration

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.names import Name, dropped, name_of
from ..ddl.statements import ParsedScript, line_and_column, normalised, parse_script

_PARTITIONED = re.compile(r"\bpartition\s+by\b", re.IGNORECASE)
_FIX_CREATE = (
    "leave out CONCURRENTLY (writers wait until it is built); or, for a big table, CREATE INDEX … ON ONLY "
    "the table, CREATE INDEX CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION for each"
)
_FIX_DROP = "leave out CONCURRENTLY: it goes from all partitions at once"


def partitioned_names(scripts: Iterable[str]) -> frozenset[Name]:
    """The partitioned tables that ``scripts``, from an empty database on, ever have, and their indexes."""
    texts = list(scripts)
    if not any(map(_PARTITIONED.search, texts)):
        return frozenset()
    interpreter = DdlInterpreter(Database(is_complete=True))
    found: set[Name] = set()
    for statements in map(_parsed, texts):
        for _ in interpreter.apply_script(statements):
            pass  # what they do to rows is asked elsewhere
        found |= {name for name in interpreter.database.relations if _is_partitioned(interpreter, name)}
    return frozenset(found)


def concurrency_problems(history: Sequence[Migration]) -> list[Problem]:
    """Every statement of ``history``, the migrations from the first on, that Postgres refuses since its table
    is partitioned."""
    if not any(_PARTITIONED.search(migration.up) for migration in history):
        return []
    interpreter = DdlInterpreter(Database(is_complete=True))
    problems: list[Problem] = []
    for migration in history:
        problems += _refused(interpreter, migration.up, migration.script_path("up"))
        if migration.down is not None:
            after = DdlInterpreter(interpreter.database.settled())
            problems += _refused(after, migration.down, migration.script_path("down"))
    return problems


def _parsed(script: str) -> ParsedScript:
    try:
        return parse_script(script)
    except ParseError:  # told by whoever splits it
        return ()


def _refused(interpreter: DdlInterpreter, script: str, file: str) -> Iterator[Problem]:
    """Apply a script, and tell what in it can't run."""
    text = normalised(script)
    for statement in _parsed(script):
        fix = _fix(interpreter, statement.node)
        if fix is not None:
            line, column = line_and_column(text, statement.offset)
            yield Problem(
                code="concurrently-on-partitions",
                message="Postgres refuses CONCURRENTLY for an index over all partitions of a table",
                fix=fix,
                file=file,
                line=line,
                column=column,
            )
        for _ in interpreter.apply_script([statement]):
            pass


def _fix(interpreter: DdlInterpreter, node: ast.Node) -> str | None:
    if isinstance(node, ast.IndexStmt):
        is_refused = node.concurrent and _is_partitioned(interpreter, name_of(node.relation))
        return _FIX_CREATE if is_refused else None
    if isinstance(node, ast.DropStmt) and node.concurrent:
        is_index = node.removeType == enums.ObjectType.OBJECT_INDEX
        is_refused = is_index and any(_is_partitioned(interpreter, name) for name in dropped(node))
        return _FIX_DROP if is_refused else None
    return None


def _is_partitioned(interpreter: DdlInterpreter, name: Name) -> bool:
    """Whether it is a partitioned table, or an index of one."""
    relation = interpreter.database.relations.get(name)
    return relation is not None and (relation.owner or relation).is_partitioned
