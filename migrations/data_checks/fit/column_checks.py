"""Columns: new ones that need a value, computed ones, and those that become NOT NULL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import enums

from ...ddl.catalog_model import Column
from ...ddl.names import sql_name
from ...identifiers import quoted
from ..check_queries import Check
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries
from .domain_checks import DomainChecks

_Node: TypeAlias = Any
_CONSTRAINTS = enums.ConstrType


@dataclass(frozen=True, slots=True)
class ColumnChecks:
    """Makes the checks of values that a column needs."""

    tracker: RowTracker

    def new(self, prior: Prior, rows: Rows, definition: _Node, column: Column) -> Iterator[Check]:
        """A column that is added, without its constraints."""
        name = f"{sql_name(rows.name)}.{quoted(definition.colname)}"
        value = rows.value(column)
        yield from self._computed(prior, rows, definition, column)
        if rows.has_none or column.may_be_missing:
            return
        domain = self.tracker.domain_of(column.type)
        # Of a domain from before the scripts, that may have a default of its own.
        is_open = value.sql is None and not column.is_filled
        if column.is_required and (value.is_null or is_open):
            what = f"column {name} is new and required, without a value for the rows that are there"
            is_told = rows.is_known and not self.tracker.is_opaque and not is_open
            yield queries.any_rows(what, rows) if is_told else queries.untold(what, rows, queries.WRITTEN)
        elif domain is not None:
            yield from DomainChecks(self.tracker).new_column(rows, domain, column, definition.colname)

    def required(self, prior: Prior, rows: Rows, name: str) -> Iterator[Check]:
        """A column that becomes NOT NULL."""
        column = prior.relation.columns.get(name)
        if column is None or column in prior.required or rows.has_none:
            return
        value = rows.value(column)
        if value.is_never_null and not self.tracker.is_opaque and rows.is_whole:
            return
        what = f"column {rows.place(column, name)} becomes NOT NULL, and holds NULL"
        if not self.tracker.is_told(rows, column) or value.is_partial:
            yield queries.untold(what, rows, queries.WRITTEN)
        elif value.is_null:
            yield queries.any_rows(what, rows)
        else:
            yield queries.rows_that(what, rows, {name: column}, prior.name[1], f"{quoted(name)} IS NULL")

    def _computed(self, prior: Prior, rows: Rows, definition: _Node, column: Column) -> Iterator[Check]:
        """A new column that Postgres computes and stores."""
        computed = [
            each
            for each in definition.constraints or ()
            if each.contype == _CONSTRAINTS.CONSTR_GENERATED and each.generated_kind == "s"
        ]
        if not computed or rows.has_none:
            return
        name = f"{sql_name(rows.name)}.{quoted(definition.colname)}"
        told = self.tracker.on(rows, prior.columns, computed[0].raw_expr)
        fails = f"column {name} is computed, and its expression refuses what rows have"
        if told is None or not self.tracker.expressions.is_known(column.type):
            yield queries.untold(fails, rows, queries.WRITTEN)
            return
        value, alias = f"CAST({told.sql} AS {column.type})", prior.name[1]
        yield queries.refused(fails, rows, prior.columns, alias, value, reads=told.reads)
        if column.is_required:
            what = f"column {name} is computed and NOT NULL, and would be NULL"
            yield queries.rows_that(what, rows, prior.columns, alias, f"{value} IS NULL", reads=told.reads)
