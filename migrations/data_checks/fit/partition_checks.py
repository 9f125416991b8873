"""Partitions: the rows that are outside the bounds of the table that they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.names import sql_name
from ...identifiers import literal
from ..check_queries import Check
from ..rows.assignments import row_alias
from ..rows.inserted_rows import inserted_rows
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any
_BEFORE_ALL, _AFTER_ALL = "minvalue", "maxvalue"


@dataclass(frozen=True, slots=True)
class PartitionChecks:
    """Makes the checks of rows in partitions that are attached or made."""

    tracker: RowTracker

    def attached(self, parent: Relation, command: _Node) -> Iterator[Check]:
        """ATTACH PARTITION: rows outside the bounds, and rows of the default partition inside them."""
        part = self.tracker.interpreter.state.table(command.def_.name)
        rows = self._rows(part)
        if rows is None:
            return
        if not rows.has_none:
            what = f"table {sql_name(rows.name)} becomes a partition, and has rows outside its bounds"
            if command.def_.bound.is_default:
                yield self._rows_of_others(parent, part, rows, what)
            else:
                yield self._rows_that(parent, part, rows, command.def_.bound, what, is_inside=False)
        yield from self._in_default(parent, part, command.def_.bound)

    def made(self, node: _Node) -> Iterator[Check]:
        """CREATE TABLE … PARTITION OF: rows of the default partition that belong to it."""
        if node.partbound is None or not node.inhRelations:
            return
        state, parents = self.tracker.interpreter.state, node.inhRelations
        new = state.table(node.relation)
        yield from self._in_default(state.table(parents[0]), new, node.partbound)

    def inserted(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """An INSERT into a divided table, before it: the rows that fit none of the partitions."""
        tracker, known = self.tracker, self.tracker.rules.partitioned.get(prior.relation)
        if known is None or prior.relation not in tracker.rows:
            return
        name, rows = tracker.rows[prior.relation].name, Rows.of_new_table(prior.name)
        what = f"the rows that the script inserts into {sql_name(name)} fit none of its partitions"
        found = inserted_rows(tracker, node, prior, rows)
        parts = list(tracker.interpreter.database.with_children(prior.relation))
        is_as_before = tracker.changed.isdisjoint(parts) and not tracker.rows[prior.relation].is_new
        reacts = any("INSERT" in each.events for part in parts for each in part.reactions.values())
        if found is None or reacts or not is_as_before:
            if any(each.is_default for each in map(tracker.rules.bounds.get, parts) if each is not None):
                return
            sql = f"SELECT NULL::bigint, {literal(queries.WRITTEN)}"
            yield {"what": what, "sql": sql, "tables": [sql_name(name)]}
            return
        rows.insert(prior.columns, row_alias(node), found)
        told = {own: each for own, each in prior.columns.items() if rows.value(each).sql is not None}
        view = rows.view(told, row_alias(node))
        names = (tracker.interpreter.database.name_of(each) or name for each in parts)
        yield queries.rows_without_partition(what, name, view, names, rows.tables(*told.values()))

    def _in_default(self, parent: Relation, new: Relation, bound: _Node) -> Iterator[Check]:
        bounds = self.tracker.rules.bounds
        for part in self.tracker.children(parent):
            if part is new or part not in bounds or not bounds[part].is_default:
                continue
            rows = self._rows(part)
            if rows is not None and not rows.has_none:
                what = (
                    f"the default partition {sql_name(rows.name)} has rows of the new one {self._named(new)}"
                )
                yield self._rows_that(parent, part, rows, bound, what, is_inside=True)

    def _rows_of_others(self, parent: Relation, part: Relation, rows: Rows, what: str) -> Check:
        """Rows of a default partition that belong to the others."""
        bounds = self.tracker.rules.bounds
        others = [each for each in self.tracker.children(parent) if each is not part]
        found = [self._inside(parent, part, rows, bounds.get(each)) for each in others]
        if None in found:
            return queries.untold(what, rows, queries.WRITTEN)
        inside = " OR ".join(f"({each})" for each in found if each) or "false"
        return queries.rows_that(what, rows, self._columns(parent, part), rows.name[1], inside)

    def _rows_that(
        self, parent: Relation, part: Relation, rows: Rows, bound: _Node, what: str, *, is_inside: bool
    ) -> Check:
        inside = self._inside(parent, part, rows, bound)
        if inside is None:
            return queries.untold(what, rows, queries.WRITTEN)
        condition = f"({inside}) IS {'TRUE' if is_inside else 'NOT TRUE'}"
        return queries.rows_that(what, rows, self._columns(parent, part), rows.name[1], condition)

    def _named(self, relation: Relation) -> str:
        relations = self.tracker.interpreter.database.relations.items()
        return next((sql_name(name) for name, each in relations if each is relation), "")

    def _rows(self, part: Relation) -> Rows | None:
        return None if self.tracker.find(part) is None else self.tracker.rows.get(part)

    def _columns(self, parent: Relation, part: Relation) -> dict[str, Column]:
        """The partition's columns by their names when the parent was divided."""
        known = self.tracker.rules.partitioned.get(parent)
        now = {column: name for name, column in parent.columns.items()}
        named = known.columns if known is not None else {}
        return {
            name: part.columns[now[column]]
            for name, column in named.items()
            if column in now and now[column] in part.columns
        }

    def _inside(self, parent: Relation, part: Relation, rows: Rows, bound: _Node) -> str | None:
        """A condition: a row belongs to a partition of those bounds."""
        known = self.tracker.rules.partitioned.get(parent)
        if known is None or bound is None or self.tracker.children(part) or part.is_partitioned:
            return None
        columns = self._columns(parent, part)
        keys = []
        for key in known.keys:
            node = key.expr if key.expr is not None else ast.ColumnRef(fields=(ast.String(sval=key.name),))
            told = self.tracker.on(rows, columns, node)
            if told is None or (key.name and key.name not in columns):
                return None
            keys.append(f"({told.sql})")
        if bound.strategy == "h":
            whole = self.tracker.rows.get(parent)
            table = literal(sql_name(whole.name)) if whole is not None and not whole.is_new else None
            given = ", ".join((str(bound.modulus), str(bound.remainder), *keys))
            return None if table is None else f"satisfies_hash_partition({table}::regclass, {given})"
        if bound.strategy == "l":
            return self._listed(rows, keys[0], bound)
        lower = self._datums(rows, bound.lowerdatums)
        upper = self._datums(rows, bound.upperdatums)
        if lower is None or upper is None:
            return None
        there = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        return f"{there} AND {_at_least(keys, lower)} AND {_below(keys, upper)}"

    def _listed(self, rows: Rows, key: str, bound: _Node) -> str | None:
        found = self._datums(rows, bound.listdatums)
        if found is None:
            return None
        given = [each for each in found if each.upper() != "NULL"]
        parts = [f"{key} IN ({', '.join(given)})"] if given else []
        parts += [f"{key} IS NULL"] if len(given) < len(found) else []
        return " OR ".join(parts)

    def _datums(self, rows: Rows, nodes: _Node) -> list[str] | None:
        found = []
        for node in nodes or ():
            if isinstance(node, ast.ColumnRef):
                found.append(node.fields[-1].sval if node.fields else "")
                continue
            told = self.tracker.on(rows, {}, node)
            if told is None:
                return None
            found.append(told.sql)
        return found


def _at_least(keys: list[str], datums: list[str]) -> str:
    if not keys:
        return "true"
    key, datum = keys[0], datums[0]
    if datum in (_BEFORE_ALL, _AFTER_ALL):
        return "true" if datum == _BEFORE_ALL else "false"
    return f"({key} > {datum} OR ({key} = {datum} AND {_at_least(keys[1:], datums[1:])}))"


def _below(keys: list[str], datums: list[str]) -> str:
    if not keys:
        return "false"
    key, datum = keys[0], datums[0]
    if datum in (_BEFORE_ALL, _AFTER_ALL):
        return "true" if datum == _AFTER_ALL else "false"
    return f"({key} < {datum} OR ({key} = {datum} AND {_below(keys[1:], datums[1:])}))"
