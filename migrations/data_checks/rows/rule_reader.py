"""Reads from the statements of a history what they demand of rows, from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column, Relation
from ...ddl.function_calls import columns_named
from ...ddl.interpreter_state import InterpreterState
from ...identifiers import quoted
from .known_rules import DomainRules, KnownRules, Partitioning, Rule

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_FILLED: Final = (_CONSTRAINTS.CONSTR_IDENTITY, _CONSTRAINTS.CONSTR_GENERATED)


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Notes in ``rules`` what statements add and remove."""

    rules: KnownRules

    def note(self, node: _Node, state: InterpreterState) -> None:
        """What a statement adds and removes, once the model has it."""
        if isinstance(node, ast.CreateStmt):
            self._note_table(node, state)
        elif isinstance(node, ast.AlterTableStmt) and node.objtype == _OBJECTS.OBJECT_TABLE:
            relation = state.database.relations.get(state.name(node.relation))
            for command in node.cmds or () if relation is not None else ():
                assert relation is not None
                self._note_command(command, relation, state)
                self._note_of_column(command, relation.columns.get(command.name or ""))
        elif isinstance(node, ast.CreateDomainStmt):
            self._note_domain(node, state)
        elif isinstance(node, ast.AlterDomainStmt):
            self._alter_domain(node, state)
        elif isinstance(node, ast.RenameStmt):
            self._rename(node, state)

    def _reference(self, table: Relation, node: _Node, own: str | None, state: InterpreterState) -> Rule:
        """A foreign key of ``table``, or of its column ``own``."""
        parent = state.table(node.pktable)
        names = [part.sval for part in node.fk_attrs or ()] or [own or ""]
        referred = [part.sval for part in node.pk_attrs or ()]
        if not referred and (index := self.rules.keys.get(parent)) is not None:
            referred = [
                each for key in index.keys for each, column in parent.columns.items() if column is key
            ]
        return Rule(
            table,
            node.conname or "",
            node,
            {each: table.columns[each] for each in names if each in table.columns},
            parent,
            {each: parent.columns[each] for each in referred if each in parent.columns},
            is_valid=not node.skip_validation or own is not None,
            is_deferred=bool(node.initdeferred),
        )

    def _note_key(self, relation: Relation, node: _Node, own: str | None, state: InterpreterState) -> None:
        """Which index is the primary key."""
        relations = state.database.relations
        if node.indexname:
            places = (name[0] for name, each in relations.items() if each is relation)
            names = ((schema, node.conname or node.indexname) for schema in places)
            found = next((relations[name] for name in names if name in relations), None)
        else:
            named = [part.sval for part in node.keys or ()] or [own or ""]
            keys = [relation.columns[name] for name in named if name in relation.columns]
            indexes = (each for each in relations.values() if each.kind == "index")
            found = next((each for each in indexes if each.owner is relation and each.keys == keys), None)
        if found is not None:
            self.rules.keys[relation] = found

    def _note_column(self, definition: _Node, column: Column | None) -> None:
        """What fills a new column, and how its values are compared."""
        if column is None:
            return
        if definition.collClause is not None:
            self.rules.collations[column] = quoted(*(part.sval for part in definition.collClause.collname))
        kinds = {each.contype: each for each in definition.constraints or ()}
        if _CONSTRAINTS.CONSTR_GENERATED in kinds:
            self.rules.generated.add(column)
        if _CONSTRAINTS.CONSTR_DEFAULT in kinds:
            self.rules.fills[column] = kinds[_CONSTRAINTS.CONSTR_DEFAULT].raw_expr
        elif column.is_filled or any(each in kinds for each in _FILLED):
            self.rules.fills[column] = None

    def _note_table(self, node: _Node, state: InterpreterState) -> None:
        relation = state.database.relations.get(state.name(node.relation))
        if relation is None:
            return
        for column in relation.columns.values():
            if column.is_filled:
                self.rules.fills.setdefault(column, None)  # LIKE … INCLUDING DEFAULTS
        for element in node.tableElts or ():
            if isinstance(element, ast.ColumnDef):
                column_name = element.colname or ""
                self._note_column(element, relation.columns.get(column_name))
                self._note_inline(element, relation, state)
            elif isinstance(element, ast.Constraint):
                self._note_constraint(element, relation, None, state)
        if node.partspec is not None:
            keys = tuple(node.partspec.partParams or ())
            strategy = str(getattr(node.partspec.strategy, "value", node.partspec.strategy))
            self.rules.partitioned[relation] = Partitioning(strategy, keys, {**relation.columns})
        if node.partbound is not None:
            self.rules.bounds[relation] = node.partbound

    def _note_inline(self, definition: _Node, relation: Relation, state: InterpreterState) -> None:
        last: Rule | None = None
        for constraint in definition.constraints or ():
            if constraint.contype == _CONSTRAINTS.CONSTR_ATTR_DEFERRED and last is not None:
                last.is_deferred = True
            last = self._note_constraint(constraint, relation, definition.colname, state) or last

    def _note_constraint(
        self, node: _Node, relation: Relation, own: str | None, state: InterpreterState
    ) -> Rule | None:
        if node.contype == _CONSTRAINTS.CONSTR_PRIMARY:
            self._note_key(relation, node, own, state)
        elif node.contype == _CONSTRAINTS.CONSTR_FOREIGN:
            rule = self._reference(relation, node, own, state)
            rule.name = state.added.get(id(node), rule.name)
            self.rules.rules.append(rule)
            return rule
        elif node.contype == _CONSTRAINTS.CONSTR_CHECK:
            columns = relation.columns
            read = {name: columns[name] for name in sorted(columns_named(node.raw_expr)) if name in columns}
            name = state.added.get(id(node), node.conname or "")
            is_valid = not node.skip_validation or own is not None
            self.rules.rules.append(rule := Rule(relation, name, node, read, is_valid=is_valid))
            return rule
        return None

    def _note_command(self, command: _Node, relation: Relation, state: InterpreterState) -> None:
        match command.subtype:
            case _ACTIONS.AT_AddColumn:
                column = relation.columns.get(command.def_.colname)
                if not command.missing_ok or column not in self.rules.fills:
                    self._note_column(command.def_, column)
                self._note_inline(command.def_, relation, state)
            case _ACTIONS.AT_AddConstraint:
                self._note_constraint(command.def_, relation, None, state)
            case _ACTIONS.AT_DropConstraint:
                self._drop(relation, command.name)
            case _ACTIONS.AT_ValidateConstraint:
                for rule in self.rules.of(relation):
                    rule.is_valid = rule.is_valid or rule.name == command.name
            case _ACTIONS.AT_AttachPartition:
                self.rules.bounds[state.table(command.def_.name)] = command.def_.bound
            case _ACTIONS.AT_DetachPartition:
                self.rules.bounds.pop(state.table(command.def_.name), None)
            case _:
                pass

    def _note_of_column(self, command: _Node, column: Column | None) -> None:
        if column is None:
            return
        match command.subtype:
            case _ACTIONS.AT_ColumnDefault:
                self.rules.fills.pop(column, None)
                if command.def_ is not None:
                    self.rules.fills[column] = command.def_
            case _ACTIONS.AT_AddIdentity:
                self.rules.fills[column] = None
            case _ACTIONS.AT_DropIdentity:
                self.rules.fills.pop(column, None)
            case _ACTIONS.AT_AlterColumnType:
                self.rules.collations.pop(column, None)
                if command.def_.collClause is not None:
                    parts = command.def_.collClause.collname
                    self.rules.collations[column] = quoted(*(part.sval for part in parts))
            case _:
                pass

    def _drop(self, relation: Relation, name: str) -> None:
        rules = self.rules.rules
        self.rules.rules = [rule for rule in rules if rule.table is not relation or rule.name != name]

    def _note_domain(self, node: _Node, state: InterpreterState) -> None:
        domain = self.rules.domains[state.type_name(node.domainname)] = DomainRules()
        for constraint in node.constraints or ():
            if constraint.contype == _CONSTRAINTS.CONSTR_NOTNULL:
                domain.is_required = True
            elif constraint.contype == _CONSTRAINTS.CONSTR_DEFAULT:
                domain.default = constraint.raw_expr
            elif constraint.contype == _CONSTRAINTS.CONSTR_CHECK:
                domain.checks[constraint.conname or f"{len(domain.checks)}"] = constraint, True

    def _alter_domain(self, node: _Node, state: InterpreterState) -> None:
        domain = self.rules.domains.setdefault(state.type_name(node.typeName), DomainRules(is_unread=True))
        added, old = node.def_, domain.checks.get(node.name or "")
        match node.subtype:
            case "C" if added.contype == _CONSTRAINTS.CONSTR_CHECK:
                name = added.conname or f"{len(domain.checks)}"
                domain.checks[name] = added, not added.skip_validation
            case "C" | "O":
                domain.is_required = True
            case "N":
                domain.is_required = False
            case "T":
                domain.default = added
            case "X":
                domain.checks.pop(node.name, None)
            case "V" if old is not None:
                domain.checks[node.name] = old[0], True
            case _:
                pass

    def _rename(self, node: _Node, state: InterpreterState) -> None:
        if node.renameType == _OBJECTS.OBJECT_TABCONSTRAINT:
            relation = state.database.relations.get(state.name(node.relation))
            for rule in self.rules.rules:
                if rule.table is relation and rule.name == node.subname:
                    rule.name = node.newname
        elif node.renameType in (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN):
            old = state.type_name(node.object)
            if old in self.rules.domains:
                self.rules.domains[old[0], node.newname] = self.rules.domains.pop(old)
