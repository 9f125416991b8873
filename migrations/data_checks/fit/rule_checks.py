"""CHECK constraints and foreign keys: those that a script adds, and those that it writes rows under."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pglast import ast, enums

from ...casts.lossless import is_lossless
from ...ddl.catalog_model import Column
from ...ddl.names import sql_name
from ...identifiers import quoted
from ..check_queries import Check
from ..rows.changed_columns import changed_columns
from ..rows.known_rules import Rule
from ..rows.row_states import Rows
from ..rows.row_tracker import KEEPING_ACTIONS, Prior, RowTracker
from . import fit_queries as queries

_Node: TypeAlias = Any
_ACTIONS = enums.AlterTableType


@dataclass(frozen=True, slots=True)
class RuleChecks:
    """Makes the checks of rows under constraints."""

    tracker: RowTracker

    def referring(self, rows: Rows, rule: Rule, *, is_old: bool = False) -> Iterator[Check]:
        """The rows that refer to none, under a foreign key. ``is_old``: it was there before the script."""
        if rows.has_none or any(rows.value(column).is_null for column in rule.columns.values()):
            return
        assert rule.parent is not None
        parent = self.tracker.rows.get(rule.parent)
        name = sql_name(parent.name) if parent is not None else "another table"
        yield self._orphans(rows, rule, f"will refer to {name}, which has no such row", is_old=is_old)

    def checked(self, rows: Rows, rule: Rule, alias: str) -> Iterator[Check]:
        """The rows that break a CHECK that is added."""
        if rows.has_none:
            return
        name = f" {quoted(rule.node.conname)}" if rule.node.conname else ""
        what = f"table {sql_name(rows.name)} gets the constraint{name}, and has rows that break it"
        yield self._broken(rows, rule, alias, what) | {"converts": True}

    def validated(self, prior: Prior, rows: Rows, name: str) -> Iterator[Check]:
        """The rows under a constraint that was added NOT VALID."""
        found = next((each for each in self.tracker.rules.of(prior.relation) if each.name == name), None)
        if found is None:
            if not rows.has_none:
                what = f"the rows of {sql_name(rows.name)} under {quoted(name)}"
                yield queries.untold(what, rows, "it is not known")
        elif found.parent is not None:
            yield from self.referring(rows, found)
        else:
            yield from self.checked(rows, found, prior.name[1])

    def kept(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """The constraints that the table had, over what the statement has made of its rows."""
        if isinstance(node, ast.DeleteStmt):
            yield from self._left(prior, None)
            return
        changed = changed_columns(node, prior)
        rows = self.tracker.rows.get(prior.relation)
        if not changed or rows is None:
            return
        if isinstance(node, ast.UpdateStmt):
            yield from self._of_children(
                prior, {name for name, each in prior.columns.items() if each in changed}
            )
        for rule in self.tracker.rules.of(prior.relation):
            if changed.isdisjoint(rule.columns.values()) or not self._is_asked(node, prior, rule):
                continue
            if rule.parent is not None:
                if self.tracker.find(rule.parent) is None:
                    continue  # the foreign key went with the table
                yield from self.referring(rows, rule, is_old=True)
            elif not rows.has_none:
                what = f"the rows of {sql_name(rows.name)} would break the constraint {quoted(rule.name)}"
                check = self._broken(rows, rule, prior.name[1], what, is_old=True)
                yield check if isinstance(node, ast.AlterTableStmt) else check | {"converts": True}
        if not isinstance(node, ast.InsertStmt):
            yield from self._left(prior, changed)

    def _of_children(self, prior: Prior, changed: Collection[str]) -> Iterator[Check]:
        """The rules that partitions, and tables that inherit from it, have of their own."""
        database = self.tracker.interpreter.database
        for child in list(database.with_children(prior.relation))[1:]:
            reads = (rule for rule in self.tracker.rules.of(child) if not {*rule.columns}.isdisjoint(changed))
            for rule in reads if self.tracker.find(child) is not None else ():
                rows = self.tracker.rows[child]
                what = f"the rows of {sql_name(rows.name)} would break the constraint {quoted(rule.name)}"
                yield queries.untold(what, rows, queries.WRITTEN)

    def _is_asked(self, node: _Node, prior: Prior, rule: Rule) -> bool:
        """Whether the statement makes Postgres check the rows again, and nothing says that all will fit."""
        is_retype = isinstance(node, ast.AlterTableStmt)
        if is_retype and (not rule.is_valid or any(_replaces(node, rule.name))):
            return False
        if rule.parent is None or not is_retype:
            return True
        return not all(
            is_lossless(prior.types.get(column) or "unknown", column.type or "unknown")
            for column in rule.columns.values()
        )

    def _left(self, prior: Prior, changed: Collection[Column] | None) -> Iterator[Check]:
        """The rows that refer to those that are deleted, or of which columns have ``changed``."""
        database = self.tracker.interpreter.database
        for rule in self.tracker.rules.referring_to(prior.relation, database):
            if changed is not None and set(changed).isdisjoint(rule.parent_columns.values()):
                continue
            child = self.tracker.find(rule.table)
            if child is None or rule.is_deferred:
                continue
            action = rule.node.fk_del_action if changed is None else rule.node.fk_upd_action
            rows, parent = self.tracker.rows[rule.table], self.tracker.rows[prior.relation]
            done = "deleted" if changed is None else "changed"
            how = f"refers to rows of {sql_name(parent.name)} that are {done}"
            if action in KEEPING_ACTIONS:
                yield self._orphans(rows, rule, how, is_old=True)
            elif action == "c" and changed is None:
                yield from self._left_by_cascade(rule, rows)

    def nulled(self, node: _Node, prior: Prior | None) -> list[tuple[Rule, Rows]]:
        """Before a DELETE: the rows whose reference it sets to NULL, where that is required."""
        database, found = self.tracker.interpreter.database, []
        is_delete = isinstance(node, ast.DeleteStmt) and prior is not None
        for rule in self.tracker.rules.referring_to(prior.relation, database) if is_delete and prior else ():
            is_required = any(column.is_required for column in rule.columns.values())
            if rule.node.fk_del_action == "n" and is_required and self.tracker.find(rule.table) is not None:
                found.append((rule, replace(self.tracker.rows[rule.table])))
        return found

    def left_null(self, prior: Prior, nulled: Iterable[tuple[Rule, Rows]]) -> Iterator[Check]:
        """After it: those among them whose row is gone."""
        for rule, rows in nulled:
            gone = f"refers to rows of {sql_name(self.tracker.rows[prior.relation].name)} that are deleted"
            yield self._orphans(rows, rule, f"{gone}, and is NOT NULL", is_old=True)

    def _left_by_cascade(self, rule: Rule, gone: Rows) -> Iterator[Check]:
        """The rows that refer to those that go with others."""
        for other in self.tracker.rules.referring_to(rule.table, self.tracker.interpreter.database):
            if other.node.fk_del_action in KEEPING_ACTIONS and self.tracker.find(other.table) is not None:
                rows = self.tracker.rows[other.table]
                what = f"the rows of {sql_name(rows.name)} that refer to those of {sql_name(gone.name)}"
                yield queries.untold(f"{what}, which go too", rows, queries.WRITTEN)

    def _orphans(self, rows: Rows, rule: Rule, how: str, *, is_old: bool) -> Check:
        tracker = self.tracker
        assert rule.parent is not None
        parent = tracker.rows.get(rule.parent)
        shown = ", ".join(quoted(rows.shown(column, name)) for name, column in rule.columns.items())
        what = f"column {shown} of {sql_name(rows.name)} {how}"
        own = [rows.value(column) for column in rule.columns.values()]
        other = [parent.value(column) for column in rule.parent_columns.values()] if parent else []
        is_told = (
            parent is not None
            and parent.is_known
            and parent.is_whole
            and not rule.is_deferred
            and rule.node.fk_matchtype == "s"
            and not tracker.children(rule.parent)
            and not tracker.children(rule.table)
            and len(own) == len(other) > 0
            and all(tracker.is_told(rows, column) for column in rule.columns.values())
            and not any(value.is_partial for value in (*own, *other))
            and (parent.is_empty or all(value.sql is not None for value in other))
            and (parent.is_empty or {value.is_exact for value in own} == {value.is_exact for value in other})
        )
        if not is_told or parent is None or not self._is_guarded(rule, is_old=is_old):
            return queries.untold(what, rows, queries.WRITTEN)
        condition = queries.stands(rows, rule.origin) if is_old and rule.origin else None
        return queries.orphans(what, rows, rule.columns, parent, rule.parent_columns, condition=condition)

    def _broken(self, rows: Rows, rule: Rule, alias: str, what: str, *, is_old: bool = False) -> Check:
        condition = self.tracker.on(rows, rule.columns, rule.node.raw_expr)
        if condition is None or not self._is_guarded(rule, is_old=is_old):
            return queries.untold(what, rows, queries.WRITTEN)
        broken = f"({condition.sql}) IS FALSE"
        if is_old and rule.origin is not None:
            broken = f"{queries.stands(rows, rule.origin)} AND {broken}"
        return queries.rows_that(what, rows, rule.columns, alias, broken, reads=condition.reads)

    def _is_guarded(self, rule: Rule, *, is_old: bool) -> bool:
        """A constraint that the script adds without checking rows says nothing of those that it leaves."""
        return not is_old or rule.origin is not None or rule.is_valid


def _replaces(node: _Node, name: str) -> Iterator[bool]:
    """Whether the statement itself drops the constraint, or adds it."""
    for command in node.cmds or ():
        added = getattr(command.def_, "conname", None)
        dropped = command.name if command.subtype == _ACTIONS.AT_DropConstraint else None
        if name in (added, dropped):
            yield True
