"""Unique keys and indexes: those that a script makes, and those over values that it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.names import sql_name
from ...identifiers import quoted
from ..check_queries import Check
from ..rows.changed_columns import changed_columns
from ..rows.expressions import Expression, is_conversion
from ..rows.known_rules import unique_indexes
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class KeyChecks:
    """Makes the checks of rows that have the same key, and of what an index computes."""

    tracker: RowTracker

    def indexed(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """A new index."""
        rows = self.tracker.rows.get(prior.relation)
        if rows is None or node.if_not_exists:
            return
        if any(not child.is_partition for child in self.tracker.children(prior.relation)):
            self.tracker.unknown(prior.relation)  # the index has only the table's own rows
        if _computes(node):
            yield from self._computed(node, prior, rows)
        if not node.unique or not node.relation.inh:
            return
        if _is_plain(node):
            names = dict.fromkeys(part.name for part in node.indexParams)
            columns = {name: prior.columns[name] for name in names if name in prior.columns}
            nulls_differ = not node.nulls_not_distinct
            yield from self.without_duplicates(prior, rows, columns, nulls_differ=nulls_differ)
        elif not rows.has_none:
            what = f"the rows of {sql_name(rows.name)} become unique by {self._new_name(node)}"
            yield self._unique(node, prior.columns, rows, f"{what}, and have duplicates")

    def without_duplicates(
        self, prior: Prior, rows: Rows, columns: Mapping[str, Column], *, nulls_differ: bool
    ) -> Iterator[Check]:
        """Columns that become unique."""
        values = [rows.value(column) for column in columns.values()]
        if rows.has_none or (nulls_differ and any(value.is_null for value in values)):
            return
        shown = ", ".join(quoted(rows.shown(column, name)) for name, column in columns.items())
        plural = "columns" if len(columns) > 1 else "column"
        verb = "become" if len(columns) > 1 else "becomes"
        what = f"{plural} {shown} of {sql_name(rows.name)} {verb} unique, and several rows have the same"
        is_told = all(self.tracker.is_told(rows, column) for column in columns.values())
        if is_told and (nulls_differ or not any(value.is_partial for value in values)):
            parts = [*map(quoted, columns)]
            yield queries.duplicates(
                what, rows, columns, prior.name[1], parts, condition=None, nulls_differ=nulls_differ
            )
        else:
            yield queries.untold(what, rows, queries.WRITTEN)

    def kept(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """Keys that were there before the statement, over values that it has changed."""
        rows = self.tracker.rows.get(prior.relation)
        changed = changed_columns(node, prior)
        if rows is None or rows.has_none or not changed:
            return
        database, rules = self.tracker.interpreter.database, self.tracker.rules
        for index, written in [*unique_indexes(rules, database, prior.relation)]:
            if written is not None:
                if not changed.isdisjoint(written.columns.values()):
                    name = quoted((database.name_of(index) or ("", ""))[1])
                    what = f"the unique index {name} of {sql_name(rows.name)} would get"
                    yield self._unique(written.node, written.columns, rows, f"{what} the same values twice")
            elif not changed.isdisjoint(index.keys):
                yield from self._same(prior, rows, index)

    def _same(self, prior: Prior, rows: Rows, index: Relation) -> Iterator[Check]:
        columns = {name: each for name, each in prior.relation.columns.items() if each in index.keys}
        values = [rows.value(column) for column in columns.values()]
        if any(value.is_null for value in values):
            return
        shown = ", ".join(quoted(rows.shown(column, name)) for name, column in columns.items())
        what = f"the unique key ({shown}) of {sql_name(rows.name)} would get the same values twice"
        if all(self.tracker.is_told(rows, column) for column in columns.values()):
            parts = [*map(quoted, columns)]
            yield queries.duplicates(
                what, rows, columns, prior.name[1], parts, condition=None, nulls_differ=True
            )
        else:
            yield queries.untold(what, rows, queries.WRITTEN)

    def _unique(self, node: _Node, named: Mapping[str, Column], rows: Rows, what: str) -> Check:
        """The rows that have the same values in a unique index, which compares them by its own collations."""
        told = {id(each): self.tracker.on(rows, named, each) for each in _expressions(node)}
        names = dict.fromkeys(part.name for part in node.indexParams or () if part.name)
        columns = {name: named[name] for name in names if name in named}
        own = [rows.value(column) for column in columns.values()]
        is_told = (
            len(columns) == len(names)
            and all(self.tracker.is_told(rows, column) for column in columns.values())
            and (not node.nulls_not_distinct or not any(value.is_partial for value in own))
            and None not in told.values()
            and all(_compares_plainly(part) for part in node.indexParams or ())
        )
        if not is_told:
            return queries.untold(what, rows, queries.WRITTEN)
        parts = [
            (quoted(part.name) if part.name else f"({_sql(told[id(part.expr)])})") + _collation(part)
            for part in node.indexParams
        ]
        where = _sql(told[id(node.whereClause)]) if node.whereClause else None
        read = named if told else columns
        return queries.duplicates(
            what,
            rows,
            read,
            node.relation.relname,
            parts,
            condition=where,
            nulls_differ=not node.nulls_not_distinct,
            reads=frozenset[str]().union(*(each.reads for each in told.values() if each is not None)),
        )

    def _new_name(self, node: _Node) -> str:
        """The name of the index that the statement has made, its own or the one that Postgres chooses."""
        return quoted(self.tracker.interpreter.state.added[id(node)])

    def _computed(self, node: _Node, prior: Prior, rows: Rows) -> Iterator[Check]:
        """What an index computes from rows, also from those that its transaction has deleted."""
        name = sql_name(rows.name)
        deleted = [] if node.concurrent else rows.former
        for each in (*deleted, *(() if rows.has_none else (rows,))):
            after = ", also of rows that its transaction deletes" if each in deleted else ""
            what = f"the index {self._new_name(node)} of {name} can't be computed from what rows have{after}"
            told = [self.tracker.on(each, prior.columns, part) for part in _expressions(node)]
            reads = frozenset[str]().union(*(part.reads for part in told if part is not None))
            if None in told:
                yield queries.untold(what, each, queries.WRITTEN)
                continue
            where = _sql(told.pop()) if node.whereClause else None
            row = f"ROW({', '.join(f'({_sql(part)})' for part in told)})"
            value = row if where is None else f"CASE WHEN {where} THEN {row if told else 'ROW(1)'} END"
            yield queries.refused(what, each, prior.columns, prior.name[1], value, reads=reads)


def _expressions(node: _Node) -> list[_Node]:
    """Of an index, the condition last."""
    parts = [part.expr for part in node.indexParams or () if part.expr is not None]
    return [*parts, *([node.whereClause] if node.whereClause is not None else [])]


def _computes(node: _Node) -> bool:
    return any(is_conversion(each) or isinstance(each, ast.A_Expr) for each in _expressions(node))


def _compares_plainly(part: _Node) -> bool:
    """Whether the index holds the same values for the same as a query does."""
    names = [each.sval for each in part.opclass or ()]
    return not names or names[-1].endswith(("text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops"))


def _collation(part: _Node) -> str:
    return f" COLLATE {quoted(*(each.sval for each in part.collation))}" if part.collation else ""


def _is_plain(node: _Node) -> bool:
    """Whether it is a list of columns, compared as a query does."""
    parts = node.indexParams or ()
    return node.whereClause is None and all(
        part.name and not part.collation and not part.opclass for part in parts
    )


def _sql(found: Expression | None) -> str:
    return found.sql if found is not None else ""
