"""Follows what the statements of a script do to the rows that were there before it.

A row that the script inserts isn't followed. What a trigger, a rule, a function or a code block does, or a
foreign key that cascades, only running it can tell: then nothing is known of the tables in question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ..ddl.catalog_model import Column, Relation
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.function_calls import called_functions, mentions
from ..ddl.names import Name, path_of, sql_name, type_text_of
from ..ddl.row_changes import is_null_test
from ..identifiers import quoted
from .expressions import Expression, Expressions, is_never_null, is_null
from .row_states import UNKNOWN, Rows, Value

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_OPAQUE: Final = (ast.DoStmt, ast.CallStmt, ast.ExecuteStmt, ast.DropOwnedStmt, ast.AlterExtensionStmt)
_WRITING: Final = (
    *(ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.SelectStmt, ast.CopyStmt),
    *(ast.CreateTableAsStmt, ast.TruncateStmt),
)
# What a SELECT may call without writing any table.
_IDLE: Final = frozenset(
    {"setval", "nextval", "set_config", "max", "min", "count", "coalesce", "pg_get_serial_sequence"}
)
# Settings that change neither what a value means, nor where a name leads, nor what fires.
_HARMLESS_SETTINGS: Final = frozenset(
    {"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "client_min_messages"}
    | {"maintenance_work_mem", "work_mem", "check_function_bodies", "search_path"}
)
#: Commands that neither change rows nor columns.
_KEEPING: Final = frozenset(
    {_ACTIONS.AT_AddConstraint, _ACTIONS.AT_ValidateConstraint, _ACTIONS.AT_DropConstraint}
    | {_ACTIONS.AT_SetNotNull, _ACTIONS.AT_DropNotNull, _ACTIONS.AT_ColumnDefault, _ACTIONS.AT_AddIdentity}
    | {_ACTIONS.AT_DropIdentity, _ACTIONS.AT_SetStatistics, _ACTIONS.AT_SetStorage, _ACTIONS.AT_ChangeOwner}
    | {_ACTIONS.AT_EnableRowSecurity, _ACTIONS.AT_DisableRowSecurity, _ACTIONS.AT_ForceRowSecurity}
    | {_ACTIONS.AT_ReplicaIdentity, _ACTIONS.AT_ClusterOn}
)


@dataclass(frozen=True, slots=True)
class Prior:
    """The table that a statement is about, as it was right before it: its name and columns then."""

    name: Name
    relation: Relation
    columns: dict[str, Column]
    required: frozenset[Column]
    types: dict[Column, str | None]


@dataclass(slots=True)
class RowTracker:
    """``rows`` are the tables that the present script has named; ``touched`` is what it has changed, as SQL,
    by the names before; ``is_opaque``: it may have written any table."""

    interpreter: DdlInterpreter
    rows: dict[Relation, Rows] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    changed: set[Relation] = field(default_factory=set)
    new_types: set[Name] = field(default_factory=set)
    keys: dict[Relation, Relation] = field(default_factory=dict)  # indexes of primary keys, by table
    generated: set[Column] = field(default_factory=set)  # their values follow those of others
    is_opaque: bool = False

    @property
    def expressions(self) -> Expressions:
        """What can be evaluated now."""
        return Expressions(self.interpreter.state, self.new_types, self._is_as_before)

    def begin_script(self) -> None:
        """What was known of rows ends with a script."""
        self.interpreter.state.begin_script()
        self.rows, self.touched, self.changed, self.new_types = {}, set(), set(), set()
        self.is_opaque = False

    def before(self, node: _Node) -> Prior | None:
        """Note the tables that a statement names, as they are before it; the one that it is about."""
        prior = None
        for relation_node in _named(node):
            prior = self._enter(self.interpreter.state.name(relation_node)) or prior
        if isinstance(node, ast.RenameStmt) and node.renameType == _OBJECTS.OBJECT_SCHEMA:
            for name in [name for name in self.interpreter.database.relations if name[0] == node.subname]:
                self._touch(self._enter(name))
        if isinstance(node, ast.DropStmt):
            self._drop(node)
        own = getattr(node, "relation", None)
        return self._enter(self.interpreter.state.name(own)) if isinstance(own, ast.RangeVar) else None

    def after(self, node: _Node, prior: Prior | None) -> None:
        """Follow what the statement has done to rows, once the model has it."""
        if isinstance(node, _OPAQUE) or (
            isinstance(node, ast.VariableSetStmt) and node.name not in _HARMLESS_SETTINGS
        ):
            self.is_opaque = True
        elif isinstance(node, _WRITING):
            self._write(node, prior)
        elif isinstance(node, ast.CreateStmt):
            self._created(node.relation)
        elif isinstance(node, (ast.RenameStmt, ast.AlterObjectSchemaStmt)):
            self._renamed(node, prior)
        elif isinstance(node, (ast.CreateEnumStmt, ast.AlterEnumStmt)):
            self._change_type(self.interpreter.state.type_name(node.typeName))
            if getattr(node, "oldVal", None) is not None:
                self._rename_values(self.interpreter.state.type_name(node.typeName))
        elif isinstance(node, (ast.CreateDomainStmt, ast.AlterDomainStmt)):
            self._change_type(
                self.interpreter.state.type_name(getattr(node, "domainname", None) or node.typeName)
            )
        elif isinstance(node, ast.CompositeTypeStmt):
            self._change_type(self.interpreter.state.name(node.typevar))

    def rows_of(self, relation: Relation) -> Rows:
        """The rows of a table that the statement names."""
        return self.rows[relation]

    def unknown(self, relation: Relation, *, also_referring: bool = True) -> None:
        """From here on, only running the script can tell which rows the table has."""
        waiting, seen = [relation], {relation}
        while waiting:
            each = waiting.pop()
            if (prior := self._find(each)) is not None:
                self.rows[each].is_known = False
                self._touch(prior)
            found = [other for other in self._relations() if other not in seen]
            referring = (other for other in found if also_referring and each in other.references.values())
            more = {*referring, *(other for other in found if each in other.parents)}
            waiting += more
            seen |= more

    def touch(self, prior: Prior) -> None:
        """Note that rows or columns of the table change."""
        self._touch(prior)

    def is_told(self, rows: Rows, column: Column) -> bool:
        """Whether a query can tell the values of a column."""
        return rows.is_known and not self.is_opaque and rows.value(column).sql is not None

    def on(self, rows: Rows, columns: Mapping[str, Column], node: _Node) -> Expression | None:
        """An expression on the rows, if a query can tell it."""
        if not rows.is_known or self.is_opaque:
            return None
        return self.expressions.on(rows, columns, node)

    def children(self, relation: Relation) -> list[Relation]:
        """The tables that inherit from it, or are its partitions."""
        return [each for each in self._relations() if relation in each.parents]

    def names_touched(self) -> list[str] | None:
        """What the script has changed, by the names before and after it; None if it may be anything."""
        if self.is_opaque:
            return None
        after = {
            sql_name(name)
            for name, each in self.interpreter.database.relations.items()
            if each in self.changed
        }
        return sorted(self.touched | after)

    def renamed(self) -> dict[str, str]:
        """The names of tables before and after the script, where they differ."""
        relations = self.interpreter.database.relations.items()
        rows = ((self.rows.get(relation), name) for name, relation in relations)
        found = ((sql_name(each.name), sql_name(now)) for each, now in rows if each and not each.is_new)
        return dict(sorted((old, new) for old, new in found if old != new))

    def added(self, prior: Prior, definition: _Node, column: Column) -> Value:
        """What existing rows have in a new column."""
        kinds = {each.contype: each for each in definition.constraints or ()}
        made = (_CONSTRAINTS.CONSTR_IDENTITY, _CONSTRAINTS.CONSTR_GENERATED)
        default = kinds.get(_CONSTRAINTS.CONSTR_DEFAULT)
        if column.may_be_missing:
            return UNKNOWN
        if any(each in kinds for each in made) or (column.is_filled and default is None):
            return Value(None, is_never_null=_CONSTRAINTS.CONSTR_GENERATED not in kinds)
        if default is None and self._is_domain(column.type):
            return UNKNOWN  # it may have a default of its own
        if default is None or is_null(default.raw_expr):
            is_exact = self.expressions.is_known(column.type)
            return Value(f"NULL::{column.type if is_exact else 'text'}", is_exact=is_exact, is_null=True)
        never_null = is_never_null(default.raw_expr)
        found = self.expressions.on(self.rows[prior.relation], {}, default.raw_expr)
        if found is None or not self.expressions.is_known(column.type):
            return Value(None, is_never_null=never_null)
        reads = found.reads | self.expressions.types_of(column.type or "")
        return Value(f"CAST({found.sql} AS {column.type})", is_never_null=never_null, reads=reads)

    def _is_domain(self, type_text: str | None) -> bool:
        types = self.interpreter.database.types.items()
        return any(type_text_of(name) == type_text for name, each in types if each.kind == "domain")

    def generated_of(self, prior: Prior) -> dict[Column, Value]:
        """The columns that Postgres computes, whose values change with others."""
        return {column: UNKNOWN for column in prior.columns.values() if column in self.generated}

    def note_generated(self, definition: _Node, column: Column | None) -> None:
        """Note whether Postgres computes a new column."""
        kinds = {each.contype for each in definition.constraints or ()}
        if column is not None and _CONSTRAINTS.CONSTR_GENERATED in kinds:
            self.generated.add(column)

    def _write(self, node: _Node, prior: Prior | None) -> None:
        state = self.interpreter.state
        functions = called_functions(node)
        is_code = any(name in self.interpreter.database.functions for name in functions)
        if is_code or (isinstance(node, ast.SelectStmt) and functions - _IDLE):
            self.is_opaque = True
        for relation_node, events in mentions(node).tables_touched():
            known = self.interpreter.database.relations.get(state.name(relation_node))
            written = events - {"SELECT"}
            if written and (known is None or known.kind != "table"):
                self.is_opaque = True  # a view, and the tables behind it
            if known is not None and any(r.events & written for r in known.reactions.values()):
                self.is_opaque = True
        if isinstance(node, ast.TruncateStmt):
            for relation_node in node.relations or ():
                self._delete(state.table(relation_node))
        elif isinstance(node, (ast.CreateTableAsStmt, ast.SelectStmt)):
            into = node.into if isinstance(node, ast.CreateTableAsStmt) else node.intoClause
            if into is not None and (made := self._created(into.rel)) is not None:
                made.is_known = False
        elif prior is not None and prior.relation.kind == "table":
            self._write_own(node, prior)
        for relation_node in mentions(node).written:
            if relation_node is not getattr(node, "relation", None):
                self.unknown(state.table(relation_node))

    def _write_own(self, node: _Node, prior: Prior) -> None:
        self._touch(prior)
        rows = self.rows[prior.relation]
        has_children = any(prior.relation in each.parents for each in self._relations())
        if has_children or prior.relation.parents:
            self.unknown(prior.relation)
        elif isinstance(node, ast.UpdateStmt):
            self._update(node, prior, rows)
        elif isinstance(node, ast.DeleteStmt):
            kept = None
            if node.whereClause is not None and not node.usingClause and not node.withClause:
                kept = self.expressions.on(rows, prior.columns, node.whereClause)
            if node.whereClause is None:
                self._delete(prior.relation)
            elif kept is None:
                self.unknown(prior.relation)
            else:
                self._unknown_referring(prior.relation)
                rows.change(prior.columns, row_alias(node), {}, f"({kept.sql}) IS NOT TRUE")
                rows.reads |= kept.reads
        elif isinstance(node, (ast.InsertStmt, ast.CopyStmt)) and not getattr(node, "onConflictClause", None):
            rows.is_whole = rows.is_as_before = False
        else:
            self.unknown(prior.relation)

    def _update(self, node: _Node, prior: Prior, rows: Rows) -> None:
        if rows.is_empty:
            rows.is_as_before = False
            return
        is_alone = not (node.fromClause or node.withClause)
        where = (
            self.expressions.on(rows, prior.columns, node.whereClause)
            if node.whereClause and is_alone
            else None
        )
        is_told = is_alone and (where is not None or node.whereClause is None)
        changed: dict[Column, Value] = {}
        for target in node.targetList or ():
            column = prior.columns.get(target.name)
            if column is not None:
                condition = where.sql if where is not None else None
                value = self._assigned(
                    prior, rows, column, target, where=node.whereClause, condition=condition, is_told=is_told
                )
                reads = where.reads if where is not None else frozenset()
                old = rows.value(column).reads
                changed[column] = replace(value, reads=value.reads | reads | old)
        changed |= self.generated_of(prior)
        if self._is_key(prior.relation, changed):
            self._unknown_referring(prior.relation)
        rows.change(prior.columns, row_alias(node), changed)

    def _assigned(
        self,
        prior: Prior,
        rows: Rows,
        column: Column,
        target: _Node,
        *,
        where: _Node,
        condition: str | None,
        is_told: bool,
    ) -> Value:
        """What an UPDATE makes of a column, over the rows under their names before it."""
        old, expressions = rows.value(column), self.expressions
        reaches_all = where is None or is_null_test(where, target.name) or old.is_never_null
        never_null = is_never_null(target.val) and reaches_all
        if target.indirection or not is_told:
            return Value(None, is_never_null=never_null)
        found = expressions.on(rows, prior.columns, target.val)
        is_known = expressions.is_known(column.type)
        if found is None or (not is_known and not isinstance(target.val, ast.A_Const)):
            return Value(None, is_never_null=never_null)
        new = f"CAST({found.sql} AS {column.type if is_known else 'text'})"
        reads = found.reads | expressions.types_of(column.type or "")
        if condition is None:
            return Value(new, is_exact=is_known, is_never_null=never_null, reads=reads)
        if old.sql is None:
            return Value(None, is_never_null=never_null)
        sql = f"CASE WHEN {condition} THEN {new} ELSE {quoted(target.name)} END"
        return Value(sql, is_exact=is_known and old.is_exact, is_never_null=never_null, reads=reads)

    def _is_key(self, relation: Relation, changed: Mapping[Column, Value]) -> bool:
        """Whether foreign keys may lead to a column that is changed."""
        indexes = (each for each in self._relations() if each.kind == "index" and each.owner is relation)
        return any(key in changed for index in indexes for key in index.keys)

    def _delete(self, relation: Relation) -> None:
        """All rows of a table."""
        prior = self._find(relation)
        if prior is not None:
            self._unknown_referring(relation)
            self._touch(prior)
            rows = self.rows[relation]
            rows.is_empty, rows.is_as_before = True, False

    def _unknown_referring(self, relation: Relation) -> None:
        for other in self._relations():
            if relation in other.references.values():
                self.unknown(other)

    def _created(self, relation_node: _Node) -> Rows | None:
        """A new table; one that may have been there before (IF NOT EXISTS) isn't known."""
        database = self.interpreter.database
        name = self.interpreter.state.name(relation_node)
        relation = database.relations.get(name)
        if relation is None or relation in self.rows:
            return None
        rows = self.rows[relation] = Rows.of_new_table(name)
        self.changed.add(relation)
        if relation.may_be_missing:
            rows.is_new = rows.is_empty = rows.is_known = False
        return rows

    def _renamed(self, node: _Node, prior: Prior | None) -> None:
        kind = node.renameType if isinstance(node, ast.RenameStmt) else node.objectType
        if kind in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
            old = self.interpreter.state.type_name(node.object)
            new = node.newname if isinstance(node, ast.RenameStmt) else None
            self._change_type(old)
            self._change_type((old[0], new) if new else (node.newschema, old[1]))
        elif prior is not None and kind in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_COLUMN):
            self._touch(prior)
            self.rows[prior.relation].is_as_before = False

    def _change_type(self, name: Name) -> None:
        """A type that is new, or other than before: its columns, and what is cast to it."""
        self.new_types.add(name)
        self.touched.add(sql_name(name))
        for table_name, _ in self.interpreter.database.columns_of_type(name):
            prior = self._enter(table_name)
            if prior is not None:
                self._touch(prior)

    def _rename_values(self, name: Name) -> None:
        """Columns of an enum show other values from here on."""
        for table_name, column_name in self.interpreter.database.columns_of_type(name):
            table = self.interpreter.database.relations[table_name]
            rows = self.rows.get(table)
            if rows is not None:
                column = table.columns[column_name]
                rows.values[column] = replace(rows.value(column), is_exact=False)

    def _drop(self, node: _Node) -> None:
        state = self.interpreter.state
        if node.removeType == _OBJECTS.OBJECT_TABLE:
            for path in node.objects or ():
                self._touch(self._enter(state.relation_path(path)))
        elif node.removeType in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
            for found in node.objects or ():
                self.touched.add(sql_name(path_of(found.names)))
        if node.removeType in (_OBJECTS.OBJECT_SCHEMA, _OBJECTS.OBJECT_EXTENSION):
            self.is_opaque = True

    def _enter(self, name: Name) -> Prior | None:
        relation = self.interpreter.database.relations.get(name)
        if relation is None:
            return None
        if relation not in self.rows and relation.kind == "table":
            index = self.keys.get(relation)
            is_there = index is not None and index.owner is relation and index in self._relations()
            self.rows[relation] = Rows.before(
                name, relation.columns, index.keys if index and is_there else ()
            )
        required = frozenset(column for column in relation.columns.values() if column.is_required)
        types = {column: column.type for column in relation.columns.values()}
        return Prior(name, relation, {**relation.columns}, required, types)

    def _find(self, relation: Relation) -> Prior | None:
        names = (name for name, each in self.interpreter.database.relations.items() if each is relation)
        name = next(names, None)
        return None if name is None or relation.kind != "table" else self._enter(name)

    def _touch(self, prior: Prior | None) -> None:
        if prior is not None and prior.relation in self.rows:
            self.touched.add(sql_name(self.rows[prior.relation].name))
            self.changed.add(prior.relation)

    def _relations(self) -> Iterable[Relation]:
        return self.interpreter.database.relations.values()

    def _is_as_before(self, relation: Relation) -> bool:
        rows = self.rows.get(relation)
        return (
            relation.kind == "table"
            and not self.is_opaque
            and (rows is None or (rows.is_known and rows.is_as_before))
        )


def keeps_rows(node: _Node) -> bool:
    """Whether an ALTER TABLE changes neither rows nor columns."""
    return all(command.subtype in _KEEPING for command in node.cmds or ())


def _named(node: _Node) -> list[ast.RangeVar]:
    """The tables that a statement names, where it matters what they were before it."""
    if isinstance(node, ast.AlterTableStmt):
        referred = (getattr(command.def_, "pktable", None) for command in node.cmds or ())
        inline = (
            constraint.pktable
            for command in node.cmds or ()
            for constraint in getattr(command.def_, "constraints", None) or ()
        )
        return [node.relation, *(each for each in (*referred, *inline) if each is not None)]
    if isinstance(node, _WRITING):
        return [relation for relation, _ in mentions(node).tables_touched()]
    return []


def row_alias(node: _Node) -> str:
    """The name of the table in the expressions of a statement."""
    return str(node.relation.alias.aliasname if node.relation.alias else node.relation.relname)
