"""What a script has made of the rows that were there before it, table by table.

What a trigger, a rule, a function or a code block does, or a foreign key that cascades, only running it can
tell: then nothing is known of the tables in question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pglast import enums

from ...ddl.catalog_model import Column, Relation
from ...ddl.ddl_interpreter import DdlInterpreter
from ...ddl.names import Name, sql_name, type_text_of
from ...identifiers import quoted
from .expressions import Expression, Expressions, is_never_null, is_null
from .known_rules import DomainRules, KnownRules
from .row_states import UNKNOWN, Rows, Value

_Node: TypeAlias = Any
_CONSTRAINTS = enums.ConstrType
#: Of foreign keys: NO ACTION and RESTRICT, which change no row.
KEEPING_ACTIONS: Final = ("a", "r")


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
    by the names before; ``filled`` are the tables that it has put rows into, with those that the rows are
    from (None: from others, too); ``is_opaque``: it may have written any table."""

    interpreter: DdlInterpreter
    rules: KnownRules = field(default_factory=KnownRules)
    rows: dict[Relation, Rows] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    changed: set[Relation] = field(default_factory=set)
    filled: dict[Relation, frozenset[str] | None] = field(default_factory=dict)
    new_types: set[Name] = field(default_factory=set)
    is_opaque: bool = False
    sets_sequences: bool = False  # other values than those that the sequences would give

    @property
    def expressions(self) -> Expressions:
        """What can be evaluated now."""
        return Expressions(self.interpreter.state, self.new_types, self._is_as_before)

    def begin_script(self) -> None:
        """What was known of rows ends with a script."""
        self.interpreter.state.begin_script()
        self.rules.begin_script()
        self.rows, self.touched, self.changed, self.new_types = {}, set(), set(), set()
        self.filled, self.is_opaque, self.sets_sequences = {}, False, False

    def end_transaction(self) -> None:
        """Rows that were deleted are gone for good."""
        for rows in self.rows.values():
            rows.former.clear()

    def rows_of(self, relation: Relation) -> Rows:
        """The rows of a table that the statement names."""
        return self.rows[relation]

    def unknown(self, relation: Relation, *, also_referring: bool = True) -> None:
        """From here on, only running the script can tell which rows the table has."""
        waiting, seen = [relation], {relation}
        while waiting:
            each = waiting.pop()
            if (prior := self.find(each)) is not None:
                self.rows[each].is_known = False
                self.touch(prior)
            found = [other for other in self.relations() if other not in seen]
            referring = (
                other
                for other in found
                if also_referring and each in other.references.values() and not self._is_kept(other, each)
            )
            more = {*referring, *(other for other in found if each in other.parents)}
            waiting += more
            seen |= more

    def unknown_referring(self, relation: Relation) -> None:
        """The same of tables whose rows change with those of ``relation``."""
        for other in self.relations():
            if relation in other.references.values() and not self._is_kept(other, relation):
                self.unknown(other)

    def touch(self, prior: Prior | None) -> None:
        """Note that rows or columns of the table change."""
        if prior is not None and prior.relation in self.rows:
            self.touched.add(sql_name(self.rows[prior.relation].name))
            self.changed.add(prior.relation)

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
        return [each for each in self.relations() if relation in each.parents]

    def names_touched(self) -> list[str] | None:
        """What the script has changed, by the names before and after it; None if it may be anything."""
        return None if self.is_opaque else sorted(self.touched | self._names(self.changed))

    def names_filled(self) -> dict[str, list[str] | None]:
        """The tables that the script has put rows into, by their names after it, and where these are from."""
        known = self.interpreter.database.relations.items()
        found = ((sql_name(name), self.filled[each]) for name, each in known if each in self.filled)
        return {name: None if sources is None else sorted(sources) for name, sources in sorted(found)}

    def fill(self, relation: Relation, sources: Iterable[Relation]) -> None:
        """Note that rows are put into a table that are made from those of ``sources``; of none: constants."""
        rows = [self.rows.get(each) for each in sources]
        names = {sql_name(each.name) for each in rows if each is not None and not each.is_new}
        before = self.filled.get(relation, frozenset[str]())
        is_told = len(names) == len(rows) > 0 and before is not None
        self.filled[relation] = before | names if is_told and before is not None else None

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
        return self.filled_in(
            self.rows[prior.relation], column, default.raw_expr if default is not None else None
        )

    def filled_in(self, rows: Rows, column: Column, default: _Node) -> Value:
        """What a column has by its ``default``, or by that of its domain."""
        if default is None and (domain := self.domain_of(column.type)) is not None:
            known = self.domain_rules(domain)
            if known is None or known.is_unread:
                return UNKNOWN
            default = known.default
        is_known = self.expressions.is_known(column.type)
        if default is None or is_null(default):
            return Value(f"NULL::{column.type if is_known else 'text'}", is_exact=is_known, is_null=True)
        never_null = is_never_null(default)
        found = self.expressions.on(rows, {}, default)
        if found is None or not is_known:
            return Value(None, is_never_null=never_null)
        reads = found.reads | self.expressions.types_of(column.type or "")
        sql = self.rules.collated(f"CAST({found.sql} AS {column.type})", column, column.type)
        return Value(sql, is_never_null=never_null, reads=reads)

    def domain_of(self, type_text: str | None) -> Name | None:
        """The domain that a type is."""
        types = self.interpreter.database.types.items()
        named = (name for name, each in types if each.kind == "domain" and type_text_of(name) == type_text)
        return next(named, None)

    def domain_rules(self, domain: Name) -> DomainRules | None:
        """What is known of a domain."""
        made = self.interpreter.database.types.get(domain)
        return self.rules.domains.get(made) if made is not None else None

    def generated_of(self, prior: Prior) -> dict[Column, Value]:
        """The columns that Postgres computes, whose values change with others."""
        return {column: UNKNOWN for column in prior.columns.values() if column in self.rules.generated}

    def created(self, relation_node: _Node) -> Rows | None:
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

    def enter(self, name: Name) -> Prior | None:
        """The table of that name, and its rows among those that are followed."""
        relation = self.interpreter.database.relations.get(name)
        if relation is None:
            return None
        if relation not in self.rows and relation.kind == "table":
            self.rows[relation] = Rows.before(name, relation.columns, relation.primary_key)
        required = frozenset(column for column in relation.columns.values() if column.is_required)
        types = {column: column.type for column in relation.columns.values()}
        return Prior(name, relation, {**relation.columns}, required, types)

    def discover(self, prior: Prior | None) -> None:
        """Note columns that the model didn't know, of a table that was there before the scripts."""
        rows = self.rows.get(prior.relation) if prior is not None else None
        if prior is None or rows is None or rows.is_new or not rows.is_as_before:
            return
        for name, column in prior.relation.columns.items():
            if name not in prior.columns and column.origin is not None and not column.may_be_missing:
                prior.columns[name] = column
                rows.values[column], rows.columns[column] = Value(quoted(name)), name

    def find(self, relation: Relation) -> Prior | None:
        """The same of a table that is there."""
        names = (name for name, each in self.interpreter.database.relations.items() if each is relation)
        name = next(names, None)
        return None if name is None or relation.kind != "table" else self.enter(name)

    def relations(self) -> Iterable[Relation]:
        """All that the model knows."""
        return self.interpreter.database.relations.values()

    def _names(self, relations: set[Relation]) -> set[str]:
        known = self.interpreter.database.relations.items()
        return {sql_name(name) for name, each in known if each in relations}

    def _is_kept(self, child: Relation, parent: Relation) -> bool:
        """Whether no foreign key changes rows of ``child`` when those of ``parent`` change."""
        named = [name for name, each in child.references.items() if each is parent]
        rules = [rule for rule in self.rules.of(child) if rule.parent is parent]
        actions = {action for rule in rules for action in (rule.node.fk_del_action, rule.node.fk_upd_action)}
        return len(rules) == len(named) and actions <= {*KEEPING_ACTIONS}

    def _is_as_before(self, relation: Relation) -> bool:
        rows = self.rows.get(relation)
        return (
            relation.kind == "table"
            and not self.is_opaque
            and (rows is None or (rows.is_known and rows.is_as_before))
        )
