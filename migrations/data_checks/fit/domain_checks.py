"""Domains: the rules that they get, and the rows that get columns of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pglast import ast

from ...ddl.catalog_model import Column, Relation
from ...ddl.names import Name, sql_name, type_text_of
from ...identifiers import quoted
from ..check_queries import Check
from ..rows.row_states import Rows
from ..rows.row_tracker import RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any
# Kinds of ALTER DOMAIN: ADD CONSTRAINT; SET NOT NULL, VALIDATE CONSTRAINT.
_ADDS_RULE, _REQUIRES, _CHECKS_VALUES = "C", "O", "V"
_VALUE = "value"


@dataclass(frozen=True, slots=True)
class DomainChecks:
    """Makes the checks of values that a domain may refuse."""

    tracker: RowTracker

    def altered(self, node: _Node) -> Iterator[Check]:
        """The columns of a domain that gets a rule for the values that are there."""
        if not isinstance(node, ast.AlterDomainStmt):
            return
        added: _Node = node.def_
        name = self.tracker.interpreter.state.type_name(node.typeName)
        if node.subtype == _CHECKS_VALUES:
            known = self.tracker.domain_rules(name)
            rule = known.checks.get(node.name or "", (None, True))[0] if known is not None else None
        elif node.subtype == _REQUIRES or (node.subtype == _ADDS_RULE and not added.skip_validation):
            rule = added
        else:
            return
        is_required = node.subtype == _REQUIRES or (rule is not None and rule.raw_expr is None)
        for relation, column_name in self._columns(name):
            prior = self.tracker.find(relation)
            rows = self.tracker.rows.get(relation)
            if prior is None or rows is None or rows.has_none:
                continue
            column = relation.columns[column_name]
            yield self._ruled(rows, name, column, column_name, rule, is_required=is_required)

    def new_column(self, rows: Rows, domain: Name, column: Column, name: str) -> Iterator[Check]:
        """A new column: its value has to be one of the domain, if there are rows."""
        value, place = rows.value(column), f"{sql_name(rows.name)}.{quoted(name)}"
        what = f"column {place} is new, and its domain {sql_name(domain)} refuses what the rows get"
        known = self.tracker.domain_rules(domain)
        if known is None or known.is_unread or value.sql is None or not rows.is_known:
            if not value.is_never_null or known is None or known.checks:
                yield queries.untold(what, rows, queries.WRITTEN)
            return
        if known.is_required and value.is_null:
            yield queries.any_rows(what, rows)
        elif known.checks and not value.is_null and self.tracker.expressions.is_known(column.type):
            yield queries.refused(what, rows, {name: column}, name, quoted(name), reads=())
        elif known.checks:
            yield from (self._breaking(rows, column, rule, what) for rule, _ in known.checks.values())

    def _ruled(
        self, rows: Rows, domain: Name, column: Column, name: str, rule: _Node, *, is_required: bool
    ) -> Check:
        named = getattr(rule, "conname", None)
        shown = "NOT NULL" if is_required else f"the constraint {quoted(named)}" if named else "a constraint"
        what = f"column {rows.place(column, name)} under {shown} of the domain {sql_name(domain)}"
        if not self.tracker.is_told(rows, column) or rows.value(column).is_partial:
            return queries.untold(what, rows, queries.WRITTEN)
        if is_required:
            return queries.rows_that(what, rows, {_VALUE: column}, _VALUE, f"{_VALUE} IS NULL")
        if rule is None:
            return queries.untold(what, rows, "it is not known")
        return self._breaking(rows, column, rule, what)

    def _breaking(self, rows: Rows, column: Column, rule: _Node, what: str) -> Check:
        told = self.tracker.on(rows, {_VALUE: column}, rule.raw_expr)
        if told is None:
            return queries.untold(what, rows, queries.WRITTEN)
        columns, broken = {_VALUE: column}, f"({told.sql}) IS FALSE"
        return queries.rows_that(what, rows, columns, _VALUE, broken, reads=told.reads) | {"converts": True}

    def _columns(self, domain: Name) -> Iterator[tuple[Relation, str]]:
        """The columns of a domain, and of domains over it."""
        database = self.tracker.interpreter.database
        for table_name, column_name in database.columns_of_type(domain):
            yield database.relations[table_name], column_name
        for name, each in database.types.items():
            if each.base == type_text_of(domain) and name != domain:
                yield from self._columns(name)
