"""Views: rows that are written through them, and what materialized ones make unique."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import mentions
from ...ddl.names import Name, sql_name
from ...identifiers import literal, quoted
from ..check_queries import Check
from ..rows.known_rules import unique_indexes
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class ViewChecks:
    """Makes the checks of statements about views that were there before the script."""

    tracker: RowTracker

    def written(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """Rows through a view: what becomes of them its query and its triggers say."""
        if isinstance(node, (ast.InsertStmt, ast.UpdateStmt, ast.MergeStmt)):
            state = self.tracker.interpreter.state
            read = (state.name(each) for each, _ in mentions(node).tables_touched())
            what = f"the rows that the script writes through the view {sql_name(prior.name)}"
            yield _untold(what, (prior.name, *read))

    def indexed(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """A unique index of a materialized view, on the rows that it has."""
        if not node.unique or prior.relation in self.tracker.rows:
            return  # one that the script has made is followed like a table
        names = [part.name or "" for part in node.indexParams or ()]
        what = f"the materialized view {sql_name(prior.name)} becomes unique by"
        if node.whereClause is not None or not all(names) or self._is_changed():
            yield _untold(f"{what} an index", (prior.name, *self._sources(prior.relation)))
            return
        columns = {name: Column(type=None, origin=name) for name in names}
        yield queries.duplicates(
            f"{what} {_listed(names)}, and has duplicates",
            Rows.before(prior.name, columns, ()),
            columns,
            prior.name[1],
            [*map(quoted, columns)],
            condition=None,
            nulls_differ=not node.nulls_not_distinct,
        )

    def refreshed(self, node: _Node) -> Iterator[Check]:
        """The rows that a materialized view gets, under its unique indexes."""
        database = self.tracker.interpreter.database
        name = self.tracker.interpreter.state.name(node.relation)
        view = database.relations.get(name)
        if view is None or view in self.tracker.rows or node.skipData:
            return
        tables = (name, *self._sources(view))
        for index, written in unique_indexes(self.tracker.rules, database, view):
            names = [own for own, column in view.columns.items() if column in index.keys]
            what = f"the materialized view {sql_name(name)} gets rows that its unique index"
            if written is not None or len(names) != len(index.keys) or self._is_changed():
                yield _untold(f"{what} may refuse", tables)
            else:
                yield queries.view_duplicates(f"{what} ({_listed(names)}) refuses", name, names, tables)

    def _sources(self, view: Relation) -> list[Name]:
        names = (self.tracker.interpreter.database.name_of(each) for each in view.sources)
        return [name for name in names if name is not None]

    def _is_changed(self) -> bool:
        """Whether the script may have changed what a view reads."""
        return self.tracker.is_opaque or bool(self.tracker.touched or self.tracker.changed)


def _untold(what: str, tables: tuple[Name, ...]) -> Check:
    sql = f"SELECT NULL::bigint, {literal(queries.WRITTEN)}"
    return {"what": what, "sql": sql, "tables": [*dict.fromkeys(map(sql_name, tables))]}


def _listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names))
