"""Follows what each statement of a script does to rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import called_functions, mentions, texts_of
from ...ddl.names import Name, path_of, sql_name
from ...ddl.row_changes import is_null_test
from ...identifiers import quoted
from .assignments import assigned_value, condition_of, row_alias
from .expressions import is_never_null
from .inserted_rows import inserted_rows
from .row_states import Rows, Value
from .row_tracker import Prior, RowTracker

_Node: TypeAlias = Any
_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
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
class RowChanges:
    """Applies statements to the rows of a ``tracker``: ``before`` and ``after`` the model has them."""

    tracker: RowTracker

    def before(self, node: _Node) -> Prior | None:
        """Note the tables that a statement names, as they are before it; the one that it is about."""
        tracker, state = self.tracker, self.tracker.interpreter.state
        for relation_node in _named(node):
            tracker.enter(state.name(relation_node))
        if isinstance(node, ast.RenameStmt) and node.renameType == _OBJECTS.OBJECT_SCHEMA:
            names = [name for name in tracker.interpreter.database.relations if name[0] == node.subname]
            for name in names:
                tracker.touch(tracker.enter(name))
        if isinstance(node, ast.DropStmt):
            self._drop(node)
        own = getattr(node, "relation", None)
        return tracker.enter(state.name(own)) if isinstance(own, ast.RangeVar) else None

    def after(self, node: _Node, prior: Prior | None) -> None:
        """Follow what the statement has done to rows, once the model has it."""
        tracker, state = self.tracker, self.tracker.interpreter.state
        if isinstance(node, _OPAQUE) or (
            isinstance(node, ast.VariableSetStmt) and node.name not in _HARMLESS_SETTINGS
        ):
            tracker.is_opaque = True
        elif isinstance(node, _WRITING):
            self._write(node, prior)
        elif isinstance(node, ast.CreateStmt):
            tracker.created(node.relation)
            for parent in node.inhRelations or ():
                tracker.touch(tracker.find(state.table(parent)))
        elif isinstance(node, (ast.RenameStmt, ast.AlterObjectSchemaStmt)):
            self._renamed(node, prior)
        elif isinstance(node, (ast.CreateEnumStmt, ast.AlterEnumStmt)):
            self._change_type(state.type_name(node.typeName))
            if getattr(node, "oldVal", None) is not None:
                self._rename_values(state.type_name(node.typeName))
        elif isinstance(node, (ast.CreateDomainStmt, ast.AlterDomainStmt)):
            self._change_type(state.type_name(getattr(node, "domainname", None) or node.typeName))
        elif isinstance(node, ast.AlterSeqStmt):
            self._set_sequences(node)
        elif isinstance(node, ast.CompositeTypeStmt):
            self._change_type(state.name(node.typevar))

    def _write(self, node: _Node, prior: Prior | None) -> None:
        tracker, state = self.tracker, self.tracker.interpreter.state
        functions = called_functions(node)
        if "setval" in functions:
            self._set_sequences(node)
        is_code = any(name in tracker.interpreter.database.functions for name in functions)
        if is_code or (isinstance(node, ast.SelectStmt) and functions - _IDLE):
            tracker.is_opaque = True
        for relation_node, events in mentions(node).tables_touched():
            known = tracker.interpreter.database.relations.get(state.name(relation_node))
            written = events - {"SELECT"}
            if written and (known is None or known.kind != "table"):
                tracker.is_opaque = True  # a view, and the tables behind it
            if known is not None and any(r.events & written for r in known.reactions.values()):
                tracker.is_opaque = True
        if isinstance(node, ast.TruncateStmt):
            for relation_node in node.relations or ():
                self._delete_all(state.table(relation_node))
        elif isinstance(node, (ast.CreateTableAsStmt, ast.SelectStmt)):
            into = node.into if isinstance(node, ast.CreateTableAsStmt) else node.intoClause
            if into is not None and (made := tracker.created(into.rel)) is not None:
                made.is_known = False
                tracker.fill(state.table(into.rel), self._sources(node, into.rel))
        elif prior is not None and prior.relation.kind == "table":
            self._write_own(node, prior)
        for relation_node in mentions(node).written:
            if relation_node is not getattr(node, "relation", None):
                tracker.unknown(state.table(relation_node))

    def _set_sequences(self, node: _Node) -> None:
        """What the sequences of tables give next: those that the statement names, also in a string."""
        tracker, known = self.tracker, self.tracker.interpreter.database.relations
        tracker.sets_sequences = True
        words = {word for text in texts_of(node) for word in re.findall(r'[^".\s]+', text)}
        for (_, name), relation in [*known.items()]:
            owner = relation.owner if relation.kind == "sequence" else relation
            if name in words and owner is not None:
                tracker.touch(tracker.find(owner))

    def _write_own(self, node: _Node, prior: Prior) -> None:
        tracker = self.tracker
        tracker.touch(prior)
        rows = tracker.rows[prior.relation]
        if isinstance(node, (ast.InsertStmt, ast.CopyStmt, ast.MergeStmt)):
            tracker.fill(prior.relation, self._sources(node, node.relation))
        if tracker.children(prior.relation) or prior.relation.parents:
            tracker.unknown(prior.relation)
        elif isinstance(node, ast.UpdateStmt):
            self._update(node, prior, rows)
        elif isinstance(node, ast.DeleteStmt):
            self._delete(node, prior, rows)
        elif isinstance(node, ast.InsertStmt) and not node.onConflictClause:
            found = inserted_rows(tracker, node, prior, rows)
            if found is None:
                rows.is_whole = rows.is_as_before = False
            else:
                rows.insert(prior.columns, row_alias(node), found)
        else:
            tracker.unknown(prior.relation)
            if isinstance(node, ast.InsertStmt) and rows.is_new:
                rows.is_whole = False

    def _sources(self, node: _Node, target: _Node) -> list[Relation]:
        """The tables that a statement reads; none where it gives constants, or its rows may be others."""
        query = getattr(node, "selectStmt", None)
        if isinstance(node, ast.InsertStmt) and (query is None or query.valuesLists or not query.fromClause):
            return []
        state = self.tracker.interpreter.state
        named = (relation for relation, _ in mentions(node).tables_touched() if relation is not target)
        return [state.table(each) for each in named] if not isinstance(node, ast.CopyStmt) else []

    def _delete(self, node: _Node, prior: Prior, rows: Rows) -> None:
        tracker, kept = self.tracker, None
        if node.whereClause is not None and not node.usingClause and not node.withClause:
            kept = tracker.expressions.on(rows, prior.columns, node.whereClause)
        if node.whereClause is None and not node.usingClause:
            self._delete_all(prior.relation)
        elif kept is None:
            tracker.unknown(prior.relation)
        else:
            tracker.unknown_referring(prior.relation)
            rows.remember()
            rows.change(prior.columns, row_alias(node), {}, f"({kept.sql}) IS NOT TRUE")
            rows.reads |= kept.reads

    def _update(self, node: _Node, prior: Prior, rows: Rows) -> None:
        tracker = self.tracker
        if rows.is_empty:
            rows.is_as_before = False
            return
        condition = condition_of(node)
        where = tracker.expressions.on(rows, prior.columns, condition) if condition is not None else None
        is_told = not node.withClause and (where is not None or condition is None)
        changed: dict[Column, Value] = {}
        for target in node.targetList or ():
            column = prior.columns.get(target.name)
            if column is not None:
                sql = where.sql if where is not None else None
                value = self._assigned(prior, rows, column, node, target, condition=sql, is_told=is_told)
                reads = where.reads if where is not None else frozenset()
                old = rows.value(column).reads
                changed[column] = replace(value, reads=value.reads | reads | old)
        changed |= tracker.generated_of(prior)
        if self._is_key(prior.relation, changed):
            tracker.unknown_referring(prior.relation)
        rows.change(prior.columns, row_alias(node), changed)

    def _assigned(
        self,
        prior: Prior,
        rows: Rows,
        column: Column,
        node: _Node,
        target: _Node,
        *,
        condition: str | None,
        is_told: bool,
    ) -> Value:
        """What an UPDATE makes of a column, over the rows under their names before it."""
        old, expressions = rows.value(column), self.tracker.expressions
        reaches_all = old.is_never_null or (
            not node.fromClause and (node.whereClause is None or is_null_test(node.whereClause, target.name))
        )
        never_null = is_never_null(target.val) and reaches_all
        if target.indirection or not is_told:
            return Value(None, is_never_null=never_null)
        found = expressions.on(rows, prior.columns, assigned_value(node, target))
        is_known = expressions.is_known(column.type)
        if found is None or (not is_known and not isinstance(target.val, ast.A_Const)):
            return Value(None, is_never_null=never_null)
        new = f"CAST({found.sql} AS {column.type if is_known else 'text'})"
        new = self.tracker.rules.collated(new, column, column.type)
        reads = found.reads | expressions.types_of(column.type or "")
        if condition is None:
            return Value(new, is_exact=is_known, is_never_null=never_null, reads=reads)
        if old.sql is None:
            return Value(None, is_never_null=never_null)
        sql = f"CASE WHEN {condition} THEN {new} ELSE {quoted(target.name)} END"
        return replace(
            old,
            sql=sql,
            is_exact=is_known and old.is_exact,
            is_null=False,
            is_never_null=never_null,
            reads=reads,
        )

    def _is_key(self, relation: Relation, changed: Mapping[Column, Value]) -> bool:
        """Whether foreign keys may lead to a column that is changed."""
        indexes = (
            each for each in self.tracker.relations() if each.kind == "index" and each.owner is relation
        )
        return any(key in changed for index in indexes for key in index.keys)

    def _delete_all(self, relation: Relation) -> None:
        """All rows of a table."""
        prior = self.tracker.find(relation)
        if prior is not None:
            self.tracker.unknown_referring(relation)
            self.tracker.touch(prior)
            self.tracker.rows[relation].empty()

    def _renamed(self, node: _Node, prior: Prior | None) -> None:
        tracker = self.tracker
        kind = node.renameType if isinstance(node, ast.RenameStmt) else node.objectType
        if kind in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
            old = tracker.interpreter.state.type_name(node.object)
            new = node.newname if isinstance(node, ast.RenameStmt) else None
            self._change_type(old)
            self._change_type((old[0], new) if new else (node.newschema, old[1]))
        elif prior is not None and kind in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_COLUMN):
            tracker.touch(prior)
            tracker.rows[prior.relation].is_as_before = False

    def _change_type(self, name: Name) -> None:
        """A type that is new, or other than before: its columns, and what is cast to it."""
        tracker = self.tracker
        tracker.new_types.add(name)
        tracker.touched.add(sql_name(name))
        for table_name, _ in tracker.interpreter.database.columns_of_type(name):
            tracker.touch(tracker.enter(table_name))

    def _rename_values(self, name: Name) -> None:
        """Columns of an enum show other values from here on."""
        database = self.tracker.interpreter.database
        for table_name, column_name in database.columns_of_type(name):
            table = database.relations[table_name]
            rows = self.tracker.rows.get(table)
            if rows is not None:
                column = table.columns[column_name]
                rows.values[column] = replace(rows.value(column), is_exact=False)

    def _drop(self, node: _Node) -> None:
        tracker, state = self.tracker, self.tracker.interpreter.state
        if node.removeType == _OBJECTS.OBJECT_TABLE:
            for path in node.objects or ():
                tracker.touch(tracker.enter(state.relation_path(path)))
        elif node.removeType in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
            for found in node.objects or ():
                tracker.touched.add(sql_name(path_of(found.names)))
        if node.removeType in (_OBJECTS.OBJECT_SCHEMA, _OBJECTS.OBJECT_EXTENSION):
            tracker.is_opaque = True


def keeps_rows(node: _Node) -> bool:
    """Whether an ALTER TABLE changes neither rows nor columns."""
    return all(command.subtype in _KEEPING for command in node.cmds or ())


def _named(node: _Node) -> Iterator[_Node]:
    """The tables that a statement names, where it matters what they were before it."""
    if isinstance(node, ast.AlterTableStmt):
        yield node.relation
        for command in node.cmds or ():
            inline = getattr(command.def_, "constraints", None) or ()
            for each in (command.def_, *inline):
                if (parent := getattr(each, "pktable", None)) is not None:
                    yield parent
            if isinstance(command.def_, ast.PartitionCmd):
                yield command.def_.name
    elif isinstance(node, _WRITING):
        yield from (relation for relation, _ in mentions(node).tables_touched())
