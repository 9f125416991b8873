"""Values that an UPDATE in a down.sql overwrites, and that going up again would not restore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import columns_named
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


def overwrites_values(script: ParsedScript) -> bool:
    """Whether there is anything to ask."""
    return any(_targets(statement.node) for statement in script)


def overwritten_values(
    down: ParsedScript, up: ParsedScript, trackers: Iterator[RowTracker]
) -> Iterator[Check]:
    """The rows whose value isn't the same after both scripts. ``trackers`` are at the version before them."""
    places = _overwritten_places(down, next(trackers))
    tracker = next(trackers)
    checks = ConstraintChecks(tracker, only_constraints=True)
    tracker.begin_script()
    found = [_Original.of(tracker, table, name) for table, name in places]
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


def _overwritten_places(down: ParsedScript, tracker: RowTracker) -> list[tuple[Name, str]]:
    """The columns that a script makes from their old values, by the names before it."""
    places: dict[tuple[Name, str], None] = {}
    for statement in down:
        targets = _targets(statement.node)
        name = tracker.interpreter.state.name(statement.node.relation) if targets else None
        relation = tracker.interpreter.database.relations.get(name) if name is not None else None
        if relation is not None and relation.kind == "table" and relation.origin is not None:
            columns = (relation.columns.get(target) for target in targets)
            origins = (column.origin for column in columns if column is not None)
            places |= {(relation.origin, origin): None for origin in origins if origin is not None}
        tracker.interpreter.apply(statement.node, statement.sql)
    return [*places]


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
