"""What a statement demands of the rows that are there, as checks: values, no duplicates, rows to refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column
from ...scripts.classify import Classified, classify
from ..check_queries import Check
from ..rows.known_rules import IndexRule
from ..rows.row_changes import RowChanges, keeps_rows
from ..rows.row_states import Rows
from ..rows.row_tracker import Prior, RowTracker
from ..rows.rule_reader import RuleReader
from .column_checks import ColumnChecks
from .conflict_checks import ConflictChecks, excludes
from .conversion_checks import Conversions
from .domain_checks import DomainChecks
from .key_checks import KeyChecks
from .partition_checks import PartitionChecks
from .rule_checks import RuleChecks
from .sequence_checks import SequenceChecks
from .view_checks import ViewChecks

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS = enums.AlterTableType, enums.ConstrType
_KEYS = (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_UNIQUE)


@dataclass(slots=True)
class ConstraintChecks:
    """Makes the checks of statements that are given to ``follow`` in their order. ``only_constraints``: not
    of what becomes NOT NULL, or of another type."""

    tracker: RowTracker
    only_constraints: bool = False

    def follow(self, node: _Node, sql: str) -> list[Check]:
        """Apply one statement to the model, and return what it demands of the rows before the script."""
        tracker, changes = self.tracker, RowChanges(self.tracker)
        step = classify(node)
        if isinstance(step, Classified) and (step.kind not in (None, "transaction") or step.is_alone):
            tracker.end_transaction()
        prior = changes.before(node)
        tracker.interpreter.apply(node, sql)
        tracker.discover(prior)
        RuleReader(tracker.rules).note(node, tracker.interpreter.state)
        found = list(self._demanded(node, prior))
        nulled = RuleChecks(tracker).nulled(node, prior)
        changes.after(node, prior)
        if prior is not None:
            found += RuleChecks(tracker).left_null(prior, nulled)
        return [*found, *self._kept(node, prior)]

    @property
    def conversions(self) -> Conversions:
        """The checks of values that a statement converts."""
        return Conversions(self.tracker, only_nulls=self.only_constraints)

    def _kept(self, node: _Node, prior: Prior | None) -> Iterator[Check]:
        """What was demanded before the statement, of the rows after it."""
        yield from DomainChecks(self.tracker).altered(node)
        if prior is None or prior.relation not in self.tracker.rows or prior.relation.kind != "table":
            return
        if isinstance(node, ast.InsertStmt):
            yield from self.conversions.inserted(node, prior)
        yield from KeyChecks(self.tracker).kept(node, prior)
        yield from RuleChecks(self.tracker).kept(node, prior)
        yield from ConflictChecks(self.tracker).kept(node, prior)

    def _demanded(self, node: _Node, prior: Prior | None) -> Iterator[Check]:
        tracker = self.tracker
        if isinstance(node, ast.CreateStmt):
            yield from PartitionChecks(tracker).made(node)
        elif isinstance(node, ast.RefreshMatViewStmt):
            yield from ViewChecks(tracker).refreshed(node)
        elif prior is None:
            return
        elif prior.relation.kind == "view":
            yield from ViewChecks(tracker).written(node, prior)
        elif isinstance(node, ast.AlterTableStmt):
            if prior.relation in tracker.rows and not prior.relation.parents:
                yield from self._altered(node, prior)
            else:
                tracker.unknown(prior.relation)
        elif isinstance(node, ast.UpdateStmt) and prior.relation in tracker.rows:
            yield from self.conversions.assigned(node, prior)
            yield from ConflictChecks(tracker).moved(node, prior)
        elif isinstance(node, ast.InsertStmt):
            yield from SequenceChecks(tracker).behind(node, prior)
            yield from PartitionChecks(tracker).inserted(node, prior)
        elif isinstance(node, ast.IndexStmt) and prior.relation.kind == "materialized view":
            yield from ViewChecks(tracker).indexed(node, prior)
        elif isinstance(node, ast.IndexStmt):
            yield from KeyChecks(tracker).indexed(node, prior)
            self._note_index(node, prior)

    def _altered(self, node: _Node, prior: Prior) -> Iterator[Check]:
        tracker, rows = self.tracker, self.tracker.rows_of(prior.relation)
        if any(isinstance(command.def_, ast.PartitionCmd) for command in node.cmds or ()):
            yield from self._divided(prior, rows, node.cmds[0])
            return
        if not keeps_rows(node):
            tracker.touch(prior)
        if tracker.children(prior.relation):
            tracker.unknown(prior.relation)
        commands = list(node.cmds or ())
        if retypes := [each for each in commands if each.subtype == _ACTIONS.AT_AlterColumnType]:
            yield from self.conversions.retyped(prior, rows, retypes)
            rows.former.clear()  # the table is written anew
        elif not keeps_rows(node):
            rows.is_as_before = False
        for definition, column in self._added(prior, commands):
            rows.values[column] = tracker.added(prior, definition, column)
        for definition, column in self._added(prior, commands):
            yield from self._new_column(prior, rows, definition, column)
        for command in commands:
            yield from self._commanded(prior, rows, command)

    def _commanded(self, prior: Prior, rows: Rows, command: _Node) -> Iterator[Check]:
        if command.subtype == _ACTIONS.AT_SetNotNull:
            yield from self._required(prior, rows, command.name)
        elif command.subtype == _ACTIONS.AT_AddConstraint:
            yield from self._constrained(prior, rows, command.def_, None)
        elif command.subtype == _ACTIONS.AT_ValidateConstraint:
            yield from RuleChecks(self.tracker).validated(prior, rows, command.name)

    def _divided(self, prior: Prior, rows: Rows, command: _Node) -> Iterator[Check]:
        """ATTACH and DETACH PARTITION: the rows of each partition stay, the table has others."""
        part = self.tracker.enter(self.tracker.interpreter.state.name(command.def_.name))
        if command.subtype == _ACTIONS.AT_AttachPartition and part is not None:
            yield from PartitionChecks(self.tracker).attached(prior.relation, command)
            yield from self._keys_of_parent(prior, part)
        self.tracker.touch(prior)
        self.tracker.touch(part)
        rows.is_known = False

    def _added(self, prior: Prior, commands: list[_Node]) -> Iterator[tuple[_Node, Column]]:
        """The columns that are new."""
        for definition in (each.def_ for each in commands if each.subtype == _ACTIONS.AT_AddColumn):
            column = prior.relation.columns.get(definition.colname)
            if column is not None and prior.columns.get(definition.colname) is not column:
                yield definition, column

    def _new_column(self, prior: Prior, rows: Rows, definition: _Node, column: Column) -> Iterator[Check]:
        if not self.only_constraints:
            yield from ColumnChecks(self.tracker).new(prior, rows, definition, column)
        for constraint in definition.constraints or ():
            if (
                constraint.contype not in (_CONSTRAINTS.CONSTR_NOTNULL, _CONSTRAINTS.CONSTR_PRIMARY)
                or not rows.value(column).is_null
            ):
                yield from self._constrained(prior, rows, constraint, definition.colname)

    def _required(self, prior: Prior, rows: Rows, name: str) -> Iterator[Check]:
        if not self.only_constraints:
            yield from ColumnChecks(self.tracker).required(prior, rows, name)

    def _constrained(self, prior: Prior, rows: Rows, node: _Node, own: str | None) -> Iterator[Check]:
        """A constraint that is added to a table, or with its column ``own``."""
        kind, rules = node.contype, self.tracker.rules
        if kind == _CONSTRAINTS.CONSTR_NOTNULL:
            for name in [part.sval for part in node.keys or ()] or [own or ""]:
                yield from self._required(prior, rows, name)
        elif kind in _KEYS:
            yield from self._unique(prior, rows, node, own)
        elif kind in (_CONSTRAINTS.CONSTR_FOREIGN, _CONSTRAINTS.CONSTR_CHECK):
            rule = next((each for each in reversed(rules.rules) if each.node is node), None)
            if rule is None or not rule.is_valid:
                return  # those are checked when they are validated
            checks = RuleChecks(self.tracker)
            if rule.parent is not None:
                yield from checks.referring(rows, rule)
            else:
                yield from checks.checked(rows, rule, prior.name[1])
        elif kind == _CONSTRAINTS.CONSTR_EXCLUSION:
            yield from ConflictChecks(self.tracker).excluded(prior, rows, node)

    def _unique(self, prior: Prior, rows: Rows, node: _Node, own: str | None) -> Iterator[Check]:
        columns = prior.relation.columns
        names = [part.sval for part in node.keys or ()] or ([own] if own else [])
        if node.indexname:  # its duplicates were asked about when it was made
            made = prior.relation.constraints[self.tracker.interpreter.state.added[id(node)]]
            names = [name for name, column in columns.items() if column in made.columns]
        if node.contype == _CONSTRAINTS.CONSTR_PRIMARY:
            for name in names:
                if name != own or not rows.value(columns[name]).is_null:
                    yield from self._required(prior, rows, name)
        if excludes(node):
            yield from ConflictChecks(self.tracker).excluded(prior, rows, node)
        if node.indexname or not names or excludes(node):
            return
        mapping = {name: columns[name] for name in names if name in columns}
        nulls_differ = not node.nulls_not_distinct
        yield from KeyChecks(self.tracker).without_duplicates(prior, rows, mapping, nulls_differ=nulls_differ)

    def _note_index(self, node: _Node, prior: Prior) -> None:
        """A unique index that the model doesn't compare by itself."""
        state = self.tracker.interpreter.state
        index = state.database.relations.get((prior.name[0], state.added.get(id(node), "")))
        if node.unique and index is not None and not index.is_unique:
            self.tracker.rules.indexes[index] = IndexRule(node, {**prior.columns})

    def _keys_of_parent(self, prior: Prior, part: Prior) -> Iterator[Check]:
        """A partition gets the unique keys and foreign keys of the table that it is attached to."""
        rows = self.tracker.rows.get(part.relation)
        names = {column: name for name, column in prior.relation.columns.items()}
        for index in [*self.tracker.relations()] if rows is not None else ():
            if rows is None or index.owner is not prior.relation or not index.is_unique:
                continue
            keys = [names[key] for key in index.keys if names.get(key) in part.columns]
            if len(keys) == len(index.keys):
                columns = {name: part.columns[name] for name in keys}
                yield from KeyChecks(self.tracker).without_duplicates(part, rows, columns, nulls_differ=True)
        for rule in self.tracker.rules.of(prior.relation):
            keys = [names[column] for column in rule.columns.values()]
            if rows is not None and rule.parent is not None and part.columns.keys() >= {*keys}:
                self.tracker.find(rule.parent)
                columns = {name: part.columns[name] for name in keys}
                own = replace(rule, table=part.relation, columns=columns, origin=None)
                yield from RuleChecks(self.tracker).referring(rows, own)
