"""Values that an UPDATE in a down.sql overwrites, and that going up again would not restore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import columns_named
from ...ddl.interpreter_state import InterpreterState
from ...ddl.names import Name, sql_name
from ...ddl.row_changes import is_null_test
from ...ddl.statements import ParsedScript
from ...identifiers import quoted
from .. import check_queries
from ..check_queries import Check
from ..rows.row_states import Value
from ..rows.row_tracker import RowTracker
from . import fit_queries as queries
from .constraint_checks import ConstraintChecks

_Node: TypeAlias = Any
_HOW = "UPDATE, and up.sql does not restore it"


def overwritten_values(
    down: ParsedScript, up: ParsedScript, places: Iterable[tuple[Name, str]], tracker: RowTracker
) -> Iterator[Check]:
    """The rows whose value in one of the ``places`` isn't the same after both scripts. ``tracker`` is at the
    version before them."""
    checks = ConstraintChecks(tracker, only_constraints=True)
    tracker.begin_script()
    found = [_Original.of(tracker, table, name) for table, name in dict.fromkeys(places)]
    for statement in (*down, *up):
        checks.follow(statement.node, statement.sql)
    there = [*tracker.relations()]
    for each in found:
        if each.relation in there and each.column in each.relation.columns.values():
            yield _not_the_same(tracker, each)


@dataclass(frozen=True, slots=True)
class _Original:
    """A column, and another that keeps what it was before."""

    table: Name
    name: str
    relation: Relation
    column: Column
    kept: Column
    primary_key: tuple[Column, ...]

    @classmethod
    def of(cls, tracker: RowTracker, table: Name, name: str) -> _Original:
        prior = tracker.enter(table)
        assert prior is not None
        rows, column = tracker.rows_of(prior.relation), prior.columns[name]
        kept = Column(type=column.type, origin=name)
        rows.values[kept], rows.columns[kept] = Value(quoted(name)), name
        primary_key = tuple(each for each in rows.key if each in prior.columns.values())
        rows.key.append(kept)
        return cls(table, name, prior.relation, column, kept, primary_key)


def overwritten_places(node: _Node, state: InterpreterState) -> Iterator[tuple[Name, str]]:
    """The columns that a statement makes from their old values, by the names before the script; asked before
    the model has it."""
    targets = _targets(node)
    relation = state.database.relations.get(state.name(node.relation)) if targets else None
    if relation is not None and relation.kind == "table" and relation.origin is not None:
        columns = (relation.columns.get(target) for target in targets)
        origins = (column.origin for column in columns if column is not None)
        yield from ((relation.origin, origin) for origin in origins if origin is not None)


def _not_the_same(tracker: RowTracker, original: _Original) -> Check:
    rows, name, column = tracker.rows_of(original.relation), original.name, original.column
    key = [each for each in rows.key if each in original.primary_key and each is not column]
    rows = replace(rows, key=[*key, original.kept])
    value, what = rows.value(column), f"column {sql_name(original.table)}.{quoted(name)} ({_HOW})"
    keys = [*rows.key_columns({name: column})]
    if not tracker.is_told(rows, column) or not keys:
        check = check_queries.values_overwritten(original.table, name, None, "")
        return check | {"what": what, "tables": [sql_name(original.table)]}
    before, now = quoted(keys[-1]), quoted(name)
    if not value.is_exact or column.type is None or column.type.startswith("json"):
        before, now = f"{before}::text", f"{now}::text"
    differs = f"{before} IS NOT NULL AND {now} IS DISTINCT FROM {before}"
    return queries.rows_that(what, rows, {name: column}, original.table[1], differs) | {"kind": "loss"}


def _targets(node: _Node) -> list[str]:
    if not isinstance(node, ast.UpdateStmt):
        return []
    return [
        target.name
        for target in node.targetList or ()
        if target.name in columns_named(target.val) and not is_null_test(node.whereClause, target.name)
    ]
