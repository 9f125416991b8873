"""Rows in conflict with one another: under exclusion constraints, and while an UPDATE moves keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column
from ...ddl.function_calls import columns_named
from ...ddl.names import sql_name
from ...identifiers import literal, quoted
from ..check_queries import Check
from ..rows.assignments import row_alias
from ..rows.changed_columns import changed_columns
from ..rows.known_rules import unique_indexes
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any
_ORDER = "it depends on the order in which Postgres updates the rows"


@dataclass(frozen=True, slots=True)
class ConflictChecks:
    """Makes the checks of rows that may not be there together."""

    tracker: RowTracker

    def excluded(self, prior: Prior, rows: Rows, node: _Node) -> Iterator[Check]:
        """A new EXCLUDE constraint, or a new key WITHOUT OVERLAPS."""
        if rows.has_none:
            return
        name = f" {quoted(node.conname)}" if node.conname else ""
        what = f"the rows of {sql_name(rows.name)} under the new exclusion constraint{name}"
        pairs = [_pair(each) for each in node.exclusions or ()] or _overlaps(node)
        expressions = [expression for expression, _ in pairs]
        condition = [node.where_clause] if node.where_clause is not None else []
        told = [self.tracker.on(rows, prior.columns, each) for each in (*expressions, *condition)]
        if not pairs or None in told or any(operator is None for _, operator in pairs):
            yield queries.untold(what, rows, "no query tells")
            return
        parts = [each.sql for each in told if each is not None]
        yield queries.conflicts(
            f"{what} are in conflict",
            rows,
            prior.columns,
            prior.name[1],
            [(part, operator or "=") for part, (_, operator) in zip(parts, pairs, strict=False)],
            condition=parts[-1] if condition else None,
            reads=frozenset[str]().union(*(each.reads for each in told if each is not None)),
        )

    def kept(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """Exclusion constraints that were there, over values that the statement has changed."""
        rows, changed = self.tracker.rows.get(prior.relation), changed_columns(node, prior)
        if rows is None or rows.has_none or isinstance(node, ast.AlterTableStmt):
            return
        for name, constraint in prior.relation.constraints.items():
            if constraint.kind == "exclusion" and not changed.isdisjoint(constraint.columns):
                what = f"the rows of {sql_name(rows.name)} under the exclusion constraint {quoted(name)}"
                yield queries.untold(what, rows, queries.WRITTEN)

    def moved(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """An UPDATE of keys, before it: values that rows get while others still have them."""
        rows, database = self.tracker.rows_of(prior.relation), self.tracker.interpreter.database
        reacts = any("UPDATE" in each.events for each in prior.relation.reactions.values())
        if rows.has_none or not rows.is_as_before or reacts or node.fromClause or node.withClause:
            return
        if self.tracker.children(prior.relation) or prior.relation.parents or prior.relation.is_partitioned:
            return
        assigned = {target.name: target.val for target in node.targetList or () if columns_named(target.val)}
        for index, written in unique_indexes(self.tracker.rules, database, prior.relation):
            keys = {name: each for name, each in prior.columns.items() if each in index.keys}
            if written is None and len(keys) == len(index.keys) and not assigned.keys().isdisjoint(keys):
                yield from self._moved(node, prior, rows, keys, assigned)

    def _moved(
        self,
        node: _Node,
        prior: Prior,
        rows: Rows,
        keys: Mapping[str, Column],
        assigned: Mapping[str, _Node],
    ) -> Iterator[Check]:
        alias, where = row_alias(node), None
        if node.whereClause is not None:
            where = self.tracker.on(rows, prior.columns, node.whereClause)
            if where is None:
                return
        new, reads = [], set[str]()
        for name, column in keys.items():
            if name not in assigned:
                new.append(f"{quoted(alias)}.{quoted(name)}")
                continue
            told = self.tracker.on(rows, prior.columns, assigned[name])
            if told is None or not self.tracker.expressions.is_known(column.type):
                return
            new.append(f"CAST({told.sql} AS {column.type})")
            reads |= told.reads
        own = ", ".join(quoted(rows.shown(column, name)) for name, column in keys.items())
        what = (
            f"the unique key ({own}) of {sql_name(rows.name)} would get, row by row, values that other rows "
            "still have (one that is DEFERRABLE is asked at the end of the statement)"
        )
        yield queries.moved_keys(
            what,
            rows,
            prior.columns,
            alias,
            dict(zip(keys, new, strict=True)),
            condition=where.sql if where is not None else None,
            guard=_is_immediate(rows, keys),
            uncertain=None if where is None else _ORDER,
            reads=reads | (where.reads if where is not None else set()),
        )


def _pair(exclusion: _Node) -> tuple[_Node, str | None]:
    """An expression and its operator, if it can be compared as the index does."""
    element, operator = exclusion
    names = [each.sval for each in operator]
    is_plain = len(names) == 1 and not element.collation and not element.opclass
    return (element.expr or _column(element.name)), names[0] if is_plain else None


def _overlaps(node: _Node) -> list[tuple[_Node, str | None]]:
    """A key WITHOUT OVERLAPS: its last column is a range."""
    names = [part.sval for part in node.keys or ()]
    return [(_column(name), "&&" if name == names[-1] else "=") for name in names]


def _column(name: str) -> ast.ColumnRef:
    return ast.ColumnRef(fields=(ast.String(sval=name),))


def _is_immediate(rows: Rows, keys: Mapping[str, Column]) -> str:
    """A condition: the table has a unique index of these columns that isn't deferrable."""
    names = ", ".join(literal(rows.shown(column, name)) for name, column in sorted(keys.items()))
    columns = (
        "SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a "
        "WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
    )
    return (
        f"EXISTS (SELECT FROM pg_index i WHERE i.indrelid = {literal(sql_name(rows.name))}::regclass "
        f"AND i.indisunique AND i.indimmediate AND ({columns}) @> ARRAY[{names}]::text[] "
        f"AND i.indnkeyatts = {len(keys)})"
    )


def excludes(node: _Node) -> bool:
    """Whether a constraint excludes rows by other operators than equality."""
    return bool(node.exclusions) or bool(getattr(node, "without_overlaps", False))
