"""Reads from the statements of a history what they demand of rows, from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.catalog_model import Column, Constraint, Relation
from ...ddl.columns import referenced_columns
from ...ddl.definitions.read_columns import constraint_columns
from ...ddl.interpreter_state import InterpreterState
from ...identifiers import quoted
from .known_rules import DomainRules, KnownRules, Partitioning, Rule

_Node: TypeAlias = Any
_ACTIONS, _CONSTRAINTS, _OBJECTS = enums.AlterTableType, enums.ConstrType, enums.ObjectType
_FILLED: Final = (_CONSTRAINTS.CONSTR_IDENTITY, _CONSTRAINTS.CONSTR_GENERATED)


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Notes in ``rules`` what statements add and change."""

    rules: KnownRules

    def note(self, node: _Node, state: InterpreterState) -> None:
        """What a statement adds and changes, once the model has it."""
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

    def _reference(
        self, table: Relation, made: Constraint | None, node: _Node, own: str | None, state: InterpreterState
    ) -> Rule:
        """A foreign key of ``table``, or of its column ``own``."""
        parent = state.table(node.pktable)
        names = {column: name for name, column in parent.columns.items()}
        referred = [each for each in referenced_columns(parent, node) if each in names]
        return Rule(
            table,
            made,
            node,
            {each: table.columns[each] for each in constraint_columns(node, own) if each in table.columns},
            parent,
            {names[each]: each for each in referred},
            is_valid=not node.skip_validation or own is not None,
            is_deferred=bool(node.initdeferred),
        )

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
        made = relation.constraints.get(state.added.get(id(node), ""))
        if made is None and not relation.may_be_missing:
            return None  # IF NOT EXISTS, and it was there
        if node.contype == _CONSTRAINTS.CONSTR_FOREIGN:
            rule = self._reference(relation, made, node, own, state)
        elif node.contype == _CONSTRAINTS.CONSTR_CHECK:
            columns = relation.columns
            read = {name: columns[name] for name in constraint_columns(node) if name in columns}
            rule = Rule(relation, made, node, read, is_valid=not node.skip_validation or own is not None)
        else:
            return None
        self.rules.rules.append(rule)
        return rule

    def _note_command(self, command: _Node, relation: Relation, state: InterpreterState) -> None:
        match command.subtype:
            case _ACTIONS.AT_AddColumn:
                column = relation.columns.get(command.def_.colname)
                if not command.missing_ok or column not in self.rules.fills:
                    self._note_column(command.def_, column)
                self._note_inline(command.def_, relation, state)
            case _ACTIONS.AT_AddConstraint:
                self._note_constraint(command.def_, relation, None, state)
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

    def _note_domain(self, node: _Node, state: InterpreterState) -> None:
        made = state.database.user_type(state.type_name(node.domainname))
        domain = self.rules.domains[made] = DomainRules()
        for constraint in node.constraints or ():
            if constraint.contype == _CONSTRAINTS.CONSTR_NOTNULL:
                domain.is_required = True
            elif constraint.contype == _CONSTRAINTS.CONSTR_DEFAULT:
                domain.default = constraint.raw_expr
            elif constraint.contype == _CONSTRAINTS.CONSTR_CHECK:
                domain.checks[constraint.conname or f"{len(domain.checks)}"] = constraint, True

    def _alter_domain(self, node: _Node, state: InterpreterState) -> None:
        domain = self.rules.domains.setdefault(
            state.database.user_type(state.type_name(node.typeName)), DomainRules(is_unread=True)
        )
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
