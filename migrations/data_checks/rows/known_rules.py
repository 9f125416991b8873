"""What the tables and domains of a database demand of their rows, as a history's scripts have made it.

The model of a database knows columns, keys, who refers to whom, and what every object is called. This knows
the expressions of constraints, defaults, domains, partitions and indexes, with the columns that their names
meant when they were written. All is found by the model's objects, so that only the model follows renames and
drops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from ...casts.sql_types import read_type
from ...ddl.catalog_model import Column, Constraint, Database, Relation, UserType
from ...identifiers import quoted

_Node: TypeAlias = Any
_COLLATED: Final = ("text", "character varying", "character")


@dataclass(slots=True, eq=False)
class Rule:
    """A CHECK, or a foreign key to ``parent``. ``made`` is None if the table may be older than the
    statement (IF NOT EXISTS). ``origin`` is its name before the script; None: the script has added it."""

    table: Relation
    made: Constraint | None
    node: _Node
    columns: dict[str, Column]
    parent: Relation | None = None
    parent_columns: dict[str, Column] = field(default_factory=dict)
    is_valid: bool = True
    is_deferred: bool = False
    origin: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether its table has it still."""
        return self.made is None or self.made in self.table.constraints.values()

    @property
    def name(self) -> str:
        """What it is called now."""
        named = (name for name, each in self.table.constraints.items() if each is self.made)
        return next(named, self.node.conname or "")


@dataclass(slots=True)
class DomainRules:
    """``checks`` by name, with whether values were checked against them. ``is_unread``: it was there before
    the scripts, and may have others."""

    checks: dict[str, tuple[_Node, bool]] = field(default_factory=dict)
    is_required: bool = False
    default: _Node = None
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is divided: ``keys`` are columns or expressions on ``columns``."""

    strategy: str
    keys: tuple[_Node, ...]
    columns: dict[str, Column]


@dataclass(frozen=True, slots=True)
class IndexRule:
    """A unique index that is more than a list of columns."""

    node: _Node
    columns: dict[str, Column]


@dataclass(slots=True)
class KnownRules:
    """The values of ``generated`` columns follow those of others. ``fills`` are the defaults of columns: None
    where each row gets a value of its own."""

    generated: set[Column] = field(default_factory=set)
    fills: dict[Column, _Node] = field(default_factory=dict)
    collations: dict[Column, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    domains: dict[UserType, DomainRules] = field(default_factory=dict)
    partitioned: dict[Relation, Partitioning] = field(default_factory=dict)
    bounds: dict[Relation, _Node] = field(default_factory=dict)
    indexes: dict[Relation, IndexRule] = field(default_factory=dict)

    def begin_script(self) -> None:
        """The rules so far are those before it."""
        self.rules = [rule for rule in self.rules if rule.is_there]
        for rule in self.rules:
            rule.origin = rule.name

    def settled(
        self,
        relations: Mapping[Relation, Relation],
        columns: Mapping[Column, Column],
        types: Mapping[UserType, UserType],
    ) -> KnownRules:
        """The same for a copy of the model, given its relations, columns and types by the original ones."""

        def named(found: Mapping[str, Column]) -> dict[str, Column]:
            return {name: columns[column] for name, column in found.items() if column in columns}

        return KnownRules(
            generated={columns[each] for each in self.generated if each in columns},
            fills={columns[each]: fill for each, fill in self.fills.items() if each in columns},
            collations={columns[each]: name for each, name in self.collations.items() if each in columns},
            rules=[
                replace(
                    rule,
                    table=relations[rule.table],
                    made=relations[rule.table].constraints.get(rule.name) if rule.made is not None else None,
                    columns=named(rule.columns),
                    parent=relations[rule.parent] if rule.parent is not None else None,
                    parent_columns=named(rule.parent_columns),
                )
                for rule in self.rules
                if rule.is_there
                and rule.table in relations
                and (rule.parent is None or rule.parent in relations)
            ],
            domains={
                types[domain]: replace(each, checks={**each.checks})
                for domain, each in self.domains.items()
                if domain in types
            },
            partitioned={
                relations[table]: replace(each, columns=named(each.columns))
                for table, each in self.partitioned.items()
                if table in relations
            },
            bounds={relations[part]: bound for part, bound in self.bounds.items() if part in relations},
            indexes={
                relations[index]: replace(each, columns=named(each.columns))
                for index, each in self.indexes.items()
                if index in relations
            },
        )

    def of(self, table: Relation) -> list[Rule]:
        """The rules of a table."""
        return [rule for rule in self.rules if rule.table is table and rule.is_there]

    def referring_to(self, table: Relation, database: Database) -> list[Rule]:
        """The foreign keys that lead to a table."""
        there = {*database.relations.values()}
        return [rule for rule in self.rules if rule.parent is table and rule.table in there and rule.is_there]

    def collated(self, sql: str, column: Column, type_text: str | None) -> str:
        """A value with the collation of the column that gets it, by which values are compared there."""
        if not self.collations or type_text is None or read_type(type_text).name not in _COLLATED:
            return sql
        return f"{sql} COLLATE {self.collations.get(column, quoted('default'))}"


def unique_indexes(
    rules: KnownRules, database: Database, table: Relation
) -> Iterator[tuple[Relation, IndexRule | None]]:
    """The unique indexes of a table: by columns alone, or as they were written."""
    for index in database.relations.values():
        if index.owner is table and index.kind == "index" and (index.is_unique or index in rules.indexes):
            yield index, rules.indexes.get(index)
