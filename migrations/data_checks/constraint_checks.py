"""What a statement demands of the rows that are there, as checks: values, no duplicates, rows to refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pglast import ast, enums

from ..ddl.catalog_model import Column, Relation
from ..ddl.names import sql_name
from ..identifiers import quoted
from . import fit_queries as queries
from .check_queries import Check
from .conversion_checks import Conversions
from .expressions import Expression
from .row_states import Rows
from .row_tracker import Prior, RowTracker, keeps_rows

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS = enums.AlterTableType, enums.ConstrType
# Kinds of ALTER DOMAIN: ADD CONSTRAINT; SET NOT NULL, VALIDATE CONSTRAINT.
_ADDS_RULE, _CHECKS_VALUES = "C", ("O", "V")
_KEYS = (_CONSTRAINTS.CONSTR_PRIMARY, _CONSTRAINTS.CONSTR_UNIQUE)


@dataclass(frozen=True, slots=True)
class _NotValid:
    """A constraint that is checked later, with the columns that its names meant when it was added."""

    node: _Node
    columns: dict[str, Column]
    parent: Relation | None
    parent_columns: dict[str, Column]


@dataclass(slots=True)
class ConstraintChecks:
    """Makes the checks of statements that are given to ``follow`` in their order. ``only_constraints``: not
    of what becomes NOT NULL, or of another type."""

    tracker: RowTracker
    only_constraints: bool = False
    _not_valid: dict[tuple[Relation, str], _NotValid] = field(default_factory=dict)

    def follow(self, node: _Node, sql: str) -> list[Check]:
        """Apply one statement to the model, and return what it demands of the rows before the script."""
        prior = self.tracker.before(node)
        self.tracker.interpreter.apply(node, sql)
        found = list(self._demanded(node, prior))
        self.tracker.after(node, prior)
        return [*found, *self._still_unique(node, prior), *self._ruled(node)]

    @property
    def conversions(self) -> Conversions:
        """The checks of values that a statement converts."""
        return Conversions(self.tracker, only_nulls=self.only_constraints)

    def _demanded(self, node: _Node, prior: Prior | None) -> Iterator[Check]:
        tracker = self.tracker
        if isinstance(node, ast.CreateStmt):
            self._note_keys(node)
        elif prior is None:
            return
        elif isinstance(node, ast.AlterTableStmt):
            if prior.relation in tracker.rows and not prior.relation.parents:
                yield from self._altered(node, prior)
            else:
                tracker.unknown(prior.relation)
        elif isinstance(node, ast.UpdateStmt) and prior.relation in tracker.rows:
            yield from self.conversions.assigned(node, prior)
        elif isinstance(node, ast.IndexStmt) and node.unique and not node.if_not_exists:
            yield from self._indexed(node, prior)

    def _altered(self, node: _Node, prior: Prior) -> Iterator[Check]:
        tracker, rows = self.tracker, self.tracker.rows_of(prior.relation)
        if not keeps_rows(node):
            tracker.touch(prior)
        if self.tracker.children(prior.relation):
            tracker.unknown(prior.relation)
        commands = list(node.cmds or ())
        if retypes := [each for each in commands if each.subtype == _ACTIONS.AT_AlterColumnType]:
            yield from self.conversions.retyped(prior, rows, retypes)
        elif not keeps_rows(node):
            rows.is_as_before = False
        added = [each.def_ for each in commands if each.subtype == _ACTIONS.AT_AddColumn]
        for definition in added:
            column = prior.relation.columns.get(definition.colname)
            if column is not None and prior.columns.get(definition.colname) is not column:
                rows.values[column] = tracker.added(prior, definition, column)
                tracker.note_generated(definition, column)
        for definition in added:
            yield from self._new_column(prior, rows, definition)
        for command in commands:
            if command.subtype == _ACTIONS.AT_SetNotNull:
                yield from self._required(prior, rows, command.name)
            elif command.subtype == _ACTIONS.AT_AddConstraint:
                yield from self._constrained(prior, rows, command.def_, None)
            elif command.subtype == _ACTIONS.AT_ValidateConstraint:
                yield from self._validated(prior, rows, command.name)
            elif command.subtype in (_ACTIONS.AT_AttachPartition, _ACTIONS.AT_DetachPartition):
                tracker.unknown(prior.relation)

    def _new_column(self, prior: Prior, rows: Rows, definition: _Node) -> Iterator[Check]:
        column = prior.relation.columns.get(definition.colname)
        if column is None or prior.columns.get(definition.colname) is column:
            return
        name = f"{sql_name(rows.name)}.{quoted(definition.colname)}"
        value = rows.value(column)
        yield from self._computed(prior, rows, definition, column)
        # Of a domain, that may have a default of its own.
        is_open = value.sql is None and not column.is_filled and not column.may_be_missing
        is_asked = column.is_required and (value.is_null or is_open)
        if is_asked and not rows.is_empty and not self.only_constraints:
            what = f"column {name} is new and required, without a value for the rows that are there"
            is_told = rows.is_known and not self.tracker.is_opaque and not is_open
            yield queries.any_rows(what, rows) if is_told else queries.untold(what, rows, queries.WRITTEN)
        for constraint in definition.constraints or ():
            if (
                constraint.contype not in (_CONSTRAINTS.CONSTR_NOTNULL, _CONSTRAINTS.CONSTR_PRIMARY)
                or not value.is_null
            ):
                yield from self._constrained(prior, rows, constraint, definition.colname)

    def _computed(self, prior: Prior, rows: Rows, definition: _Node, column: Column) -> Iterator[Check]:
        """A new column that Postgres computes and stores."""
        computed = [
            each
            for each in definition.constraints or ()
            if each.contype == _CONSTRAINTS.CONSTR_GENERATED and each.generated_kind == "s"
        ]
        if not computed or rows.is_empty or self.only_constraints:
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

    def _required(self, prior: Prior, rows: Rows, name: str) -> Iterator[Check]:
        column = prior.relation.columns.get(name)
        if column is None or column in prior.required or rows.is_empty or self.only_constraints:
            return
        value = rows.value(column)
        if value.is_never_null and not self.tracker.is_opaque:
            return
        what = f"column {rows.place(column, name)} becomes NOT NULL, and holds NULL"
        if not self.tracker.is_told(rows, column):
            yield queries.untold(what, rows, queries.WRITTEN)
        elif value.is_null:
            yield queries.any_rows(what, rows)
        else:
            yield queries.rows_that(what, rows, {name: column}, prior.name[1], f"{quoted(name)} IS NULL")

    def _constrained(self, prior: Prior, rows: Rows, node: _Node, own: str | None) -> Iterator[Check]:
        """A constraint that is added to a table, or with its column ``own``."""
        kind, columns = node.contype, prior.relation.columns
        if kind == _CONSTRAINTS.CONSTR_NOTNULL:
            for name in [part.sval for part in node.keys or ()] or [own or ""]:
                yield from self._required(prior, rows, name)
        elif kind in _KEYS:
            yield from self._unique(prior, rows, node, own)
        elif kind == _CONSTRAINTS.CONSTR_FOREIGN:
            found = self._reference(columns, node, own)
            if node.skip_validation and own is None:
                self._not_valid[prior.relation, node.conname or ""] = found
            else:
                yield from self._referring(rows, found)
        elif kind == _CONSTRAINTS.CONSTR_CHECK:
            found = _NotValid(node, {**columns}, None, {})
            if node.skip_validation and own is None:
                self._not_valid[prior.relation, node.conname or ""] = found
            else:
                yield from self._checked(prior, rows, found)
        elif kind == _CONSTRAINTS.CONSTR_EXCLUSION and not rows.is_empty:
            yield queries.untold(
                f"the rows of {sql_name(rows.name)} under a new exclusion constraint", rows, "no query tells"
            )

    def _unique(self, prior: Prior, rows: Rows, node: _Node, own: str | None) -> Iterator[Check]:
        database = self.tracker.interpreter.database
        columns = prior.relation.columns
        names = [part.sval for part in node.keys or ()] or ([own] if own else [])
        if node.indexname:  # its duplicates were asked about when it was made
            index = database.relations.get((prior.name[0], node.conname or node.indexname))
            keys = index.keys if index is not None else []
            names = [name for name, column in columns.items() if column in keys]
        if node.contype == _CONSTRAINTS.CONSTR_PRIMARY:
            self._note_key(prior.relation, names)
            for name in names:
                if name != own or not rows.value(columns[name]).is_null:
                    yield from self._required(prior, rows, name)
        if node.indexname or not names or rows.is_empty:
            return
        mapping = {name: columns[name] for name in names if name in columns}
        nulls_differ = not node.nulls_not_distinct
        yield from self._without_duplicates(prior, rows, mapping, nulls_differ=nulls_differ)

    def _indexed(self, node: _Node, prior: Prior) -> Iterator[Check]:
        rows = self.tracker.rows.get(prior.relation)
        if rows is None or rows.is_empty or not node.relation.inh:
            return
        if any(not child.is_partition for child in self.tracker.children(prior.relation)):
            self.tracker.unknown(prior.relation)  # the index has only the table's own rows
        names = dict.fromkeys(part.name for part in node.indexParams or () if part.name)
        columns = {name: prior.columns[name] for name in names if name in prior.columns}
        if len(names) == len(node.indexParams or ()) and node.whereClause is None:
            nulls_differ = not node.nulls_not_distinct
            yield from self._without_duplicates(prior, rows, columns, nulls_differ=nulls_differ)
            return
        expressions = [part.expr for part in node.indexParams if part.expr is not None]
        told = [
            self.tracker.on(rows, prior.columns, each)
            for each in (*expressions, *([node.whereClause] if node.whereClause else []))
        ]
        what = f"the rows of {sql_name(rows.name)} become unique by {_index_name(node)}, and have duplicates"
        is_told = all(self.tracker.is_told(rows, column) for column in columns.values()) and None not in told
        if not is_told:
            yield queries.untold(what, rows, queries.WRITTEN)
            return
        by_node = {
            id(each): found for each, found in zip((*expressions, node.whereClause), told, strict=False)
        }
        parts = [
            quoted(part.name) if part.name else f"({_sql(by_node[id(part.expr)])})"
            for part in node.indexParams
        ]
        where = by_node.get(id(node.whereClause)) if node.whereClause else None
        yield queries.duplicates(
            what,
            rows,
            prior.columns,
            prior.name[1],
            parts,
            condition=_sql(where) if where else None,
            nulls_differ=not node.nulls_not_distinct,
            reads=frozenset[str]().union(*(each.reads for each in told if each is not None)),
        )

    def _without_duplicates(
        self,
        prior: Prior,
        rows: Rows,
        columns: Mapping[str, Column],
        *,
        nulls_differ: bool,
    ) -> Iterator[Check]:
        values = [rows.value(column) for column in columns.values()]
        if nulls_differ and any(value.is_null for value in values):
            return
        shown = ", ".join(quoted(rows.shown(column, name)) for name, column in columns.items())
        plural = "columns" if len(columns) > 1 else "column"
        verb = "become" if len(columns) > 1 else "becomes"
        what = f"{plural} {shown} of {sql_name(rows.name)} {verb} unique, and several rows have the same"
        if all(self.tracker.is_told(rows, column) for column in columns.values()):
            yield queries.duplicates(
                what,
                rows,
                columns,
                prior.name[1],
                [*map(quoted, columns)],
                condition=None,
                nulls_differ=nulls_differ,
            )
        else:
            yield queries.untold(what, rows, queries.WRITTEN)

    def _still_unique(self, node: _Node, prior: Prior | None) -> Iterator[Check]:
        """Keys that were there before the statement, over values that it has changed."""
        rows = self.tracker.rows.get(prior.relation) if prior is not None else None
        if prior is None or rows is None or rows.is_empty:
            return
        changed = {prior.columns.get(name) for name in _revalued(node)}
        for index in [*self.tracker.interpreter.database.relations.values()]:
            if index.owner is not prior.relation or not index.is_unique or changed.isdisjoint(index.keys):
                continue
            columns = {name: each for name, each in prior.relation.columns.items() if each in index.keys}
            values = [rows.value(column) for column in columns.values()]
            if not all(self.tracker.is_told(rows, column) for column in columns.values()):
                continue
            if all(value.is_exact and not value.is_null for value in values):
                shown = ", ".join(quoted(rows.shown(column, name)) for name, column in columns.items())
                what = f"the unique key ({shown}) of {sql_name(rows.name)} would get the same values twice"
                parts = [*map(quoted, columns)]
                yield queries.duplicates(
                    what, rows, columns, prior.name[1], parts, condition=None, nulls_differ=True
                )

    def _ruled(self, node: _Node) -> Iterator[Check]:
        """The columns of a domain that gets a rule for the values that are there."""
        if not isinstance(node, ast.AlterDomainStmt) or self.only_constraints:
            return
        added: _Node = node.def_
        is_checked = node.subtype == _ADDS_RULE and not added.skip_validation
        if not is_checked and node.subtype not in _CHECKS_VALUES:
            return
        name, database = (
            self.tracker.interpreter.state.type_name(node.typeName),
            self.tracker.interpreter.database,
        )
        for table_name, column_name in database.columns_of_type(name):
            relation = database.relations[table_name]
            rows = self.tracker.rows.get(relation)
            if rows is not None and not rows.is_empty:
                place = rows.place(relation.columns[column_name], column_name)
                what = f"column {place} under a new rule of the domain {sql_name(name)}"
                yield queries.untold(what, rows, "no query tells")

    def _reference(self, columns: Mapping[str, Column], node: _Node, own: str | None) -> _NotValid:
        tracker = self.tracker
        parent = tracker.interpreter.state.table(node.pktable)
        names = [part.sval for part in node.fk_attrs or ()] or [own or ""]
        referred = [part.sval for part in node.pk_attrs or ()]
        if not referred and (index := tracker.keys.get(parent)) is not None:
            referred = [
                name for key in index.keys for name, column in parent.columns.items() if column is key
            ]
        return _NotValid(
            node,
            {name: columns[name] for name in names if name in columns},
            parent,
            {name: parent.columns[name] for name in referred if name in parent.columns},
        )

    def _referring(self, rows: Rows, found: _NotValid) -> Iterator[Check]:
        if rows.is_empty or any(rows.value(column).is_null for column in found.columns.values()):
            return
        assert found.parent is not None
        parent = self.tracker.rows.get(found.parent)
        shown = ", ".join(quoted(rows.shown(column, name)) for name, column in found.columns.items())
        name = sql_name(parent.name) if parent is not None else "another table"
        what = f"column {shown} of {sql_name(rows.name)} will refer to {name}, which has no such row"
        own = [rows.value(column) for column in found.columns.values()]
        other = (
            [parent.value(column) for column in found.parent_columns.values()] if parent is not None else []
        )
        is_told = (
            parent is not None
            and parent.is_known
            and parent.is_whole
            and found.node.fk_matchtype == "s"
            and not self.tracker.children(found.parent)
            and len(own) == len(other) > 0
            and all(self.tracker.is_told(rows, column) for column in found.columns.values())
            and (parent.is_empty or all(value.sql is not None for value in other))
            and (parent.is_empty or {value.is_exact for value in own} == {value.is_exact for value in other})
        )
        if is_told and parent is not None:
            yield queries.orphans(what, rows, found.columns, parent, found.parent_columns)
        else:
            yield queries.untold(what, rows, queries.WRITTEN)

    def _checked(self, prior: Prior, rows: Rows, found: _NotValid) -> Iterator[Check]:
        if rows.is_empty:
            return
        name = f" {quoted(found.node.conname)}" if found.node.conname else ""
        what = f"table {sql_name(rows.name)} gets the constraint{name}, and has rows that break it"
        condition = self.tracker.on(rows, found.columns, found.node.raw_expr)
        if condition is None:
            yield queries.untold(what, rows, queries.WRITTEN)
            return
        yield queries.rows_that(
            what, rows, found.columns, prior.name[1], f"({condition.sql}) IS FALSE", reads=condition.reads
        ) | {"converts": True}

    def _validated(self, prior: Prior, rows: Rows, name: str) -> Iterator[Check]:
        found = self._not_valid.pop((prior.relation, name), None)
        if found is None:
            if not rows.is_empty:
                yield queries.untold(
                    f"the rows of {sql_name(rows.name)} under {quoted(name)}", rows, "it is not known"
                )
        elif found.parent is not None:
            yield from self._referring(rows, found)
        else:
            yield from self._checked(prior, rows, found)

    def _note_keys(self, node: _Node) -> None:
        """The primary key of a new table."""
        state = self.tracker.interpreter.state
        relation = state.database.relations.get(state.name(node.relation))
        for element in node.tableElts or ():
            if isinstance(element, ast.Constraint) and element.contype == _CONSTRAINTS.CONSTR_PRIMARY:
                self._note_key(relation, [part.sval for part in element.keys or ()])
            elif isinstance(element, ast.ColumnDef):
                column = relation.columns.get(element.colname or "") if relation is not None else None
                self.tracker.note_generated(element, column)
                kinds = [each.contype for each in element.constraints or ()]
                if _CONSTRAINTS.CONSTR_PRIMARY in kinds:
                    self._note_key(relation, [element.colname or ""])

    def _note_key(self, relation: Relation | None, names: list[str]) -> None:
        if relation is None:
            return
        keys = [relation.columns[name] for name in names if name in relation.columns]
        for each in self.tracker.interpreter.database.relations.values():
            if each.kind == "index" and each.owner is relation and each.keys == keys:
                self.tracker.keys[relation] = each


def _sql(found: Expression | None) -> str:
    return found.sql if found is not None else ""


def _revalued(node: _Node) -> list[str]:
    """The columns that a statement gives other values, or values that compare otherwise."""
    if isinstance(node, ast.UpdateStmt):
        return [target.name for target in node.targetList or ()]
    if not isinstance(node, ast.AlterTableStmt):
        return []
    return [each.name for each in node.cmds or () if each.subtype == _ACTIONS.AT_AlterColumnType]


def _index_name(node: _Node) -> str:
    return quoted(node.idxname) if node.idxname else "a new index"
