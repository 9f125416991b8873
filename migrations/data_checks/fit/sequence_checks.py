"""Sequences whose next values rows have already: those of columns that an INSERT leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...ddl.catalog_model import Column
from ...ddl.names import sql_name
from ...identifiers import literal, quoted
from ..check_queries import Check
from ..rows.known_rules import unique_indexes
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any
# The next value: a text that ts_stat runs as a query, since the sequence's name is known only then.
_MAY_INSERT_NONE = "it depends on whether the query finds rows to insert"
_NEXT = (
    "SELECT s.word::bigint AS next, q.seqincrement AS step FROM pg_sequence q CROSS JOIN LATERAL ts_stat("
    "format('SELECT array_to_tsvector(ARRAY[(last_value + CASE WHEN is_called THEN %s ELSE 0 END)::text]) "
    "FROM %s', q.seqincrement, q.seqrelid::regclass)) AS s WHERE q.seqincrement > 0 AND q.seqrelid = "
)


@dataclass(frozen=True, slots=True)
class SequenceChecks:
    """Makes the checks of values that sequences give."""

    tracker: RowTracker

    def behind(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """An INSERT, before it: keys that it takes from a sequence."""
        rows, database = self.tracker.rows.get(prior.relation), self.tracker.interpreter.database
        if rows is None or not rows.is_as_before or rows.has_none or node.onConflictClause:
            return
        if self.tracker.is_opaque or self.tracker.sets_sequences or prior.relation.kind != "table":
            return
        given = {target.name for target in node.cols or ()} or {*prior.columns}
        for index, written in unique_indexes(self.tracker.rules, database, prior.relation):
            named = [(name, each) for name, each in prior.columns.items() if each in index.keys]
            if written is not None or len(named) != 1 or len(index.keys) != 1:
                continue
            name, column = named[0]
            if name not in given and self._is_numbered(column):
                own = quoted(rows.shown(column, name))
                table = sql_name(rows.name)
                what = f"the sequence of {table}.{own} gives values that rows have (setval puts it right)"
                sequence = f"pg_get_serial_sequence({literal(table)}, {literal(rows.shown(column, name))})"
                condition = f"{quoted(name)} >= next AND {quoted(name)} < next + step * {_count(node)}"
                source = f"({_NEXT}{sequence}::regclass) AS sequence"
                query = node.selectStmt
                uncertain = _MAY_INSERT_NONE if query is not None and query.fromClause else None
                columns = {name: column}
                yield queries.rows_with(
                    what, rows, columns, source=source, condition=condition, uncertain=uncertain
                )

    def _is_numbered(self, column: Column) -> bool:
        rules = self.tracker.rules
        if column in rules.generated or column not in rules.fills:
            return False
        fill = rules.fills[column]
        called = getattr((getattr(fill, "funcname", None) or (None,))[-1], "sval", None)
        return fill is None or called == "nextval"


def _count(node: _Node) -> str:
    """How many rows it inserts at least."""
    query = node.selectStmt
    return str(len(query.valuesLists) if query is not None and query.valuesLists else 1)
