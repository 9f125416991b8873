"""A model of a database's schemas, to which statements are applied one after the other.

It knows which objects are new (they contain no existing rows) and keeps the name that every object had before
the scripts, by which losses are reported. If a statement names an object that the model doesn't know, that
existed before: it is added then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from .names import TEMPORARY, Name, type_text_of
from .procedural_code import Code

RelationKind: TypeAlias = Literal["table", "foreign table", "view", "materialized view", "index", "sequence"]
TypeKind: TypeAlias = Literal["enum", "domain", "composite", "range", "base"]
ConstraintKind: TypeAlias = Literal["primary key", "unique", "exclusion", "foreign key", "check"]
INDEXED_KINDS: Final[tuple[ConstraintKind, ...]] = ("primary key", "unique", "exclusion")
_WITH_ROWS = ("table", "foreign table")


@dataclass(slots=True, eq=False)
class Column:
    """One column of a table, view or composite type."""

    type: str | None  # as names.type_text writes it; None: not known
    origin: str | None  # the name before the scripts; None: they added it
    is_required: bool = False
    is_filled: bool = False  # existing rows were given a value
    is_inherited: bool = False  # it is dropped with the parent's
    may_be_missing: bool = False  # added IF NOT EXISTS, so that it may be older than the scripts
    value: str | None = None  # after a change of type: as SQL on the row before the scripts, "" if not known

    def settled(self, name: str) -> Column:
        """A copy that counts as existing before."""
        return Column(self.type, name, self.is_required, False, self.is_inherited)


@dataclass(slots=True, eq=False)
class Constraint:
    """One constraint of a table. A key's or an exclusion's index has its name."""

    kind: ConstraintKind
    columns: list[Column]  # all of its own table that it reads: it goes with any of them
    target: Relation | None = None  # the table of a foreign key
    referenced: list[Column] = field(default_factory=list)  # and its columns, where they are known

    @property
    def has_index(self) -> bool:
        """Whether an index enforces it."""
        return self.kind in INDEXED_KINDS


@dataclass(frozen=True, slots=True)
class Reaction:
    """Code that runs on ``events`` ("SELECT", "INSERT", …)."""

    events: frozenset[str]
    body: Code


@dataclass(slots=True, eq=False)
class Relation:
    """A table, or another object in the same name space: a view, an index, a sequence."""

    kind: RelationKind
    origin: Name | None  # the name before the scripts; None: they created it
    columns: dict[str, Column] = field(default_factory=dict)
    is_complete: bool = True  # all its columns are known
    owner: Relation | None = None  # the table of an index or sequence
    keys: list[Column] = field(default_factory=list)  # columns of an index or sequence, or that a view reads
    is_unique: bool = False  # an index: no two rows may ever have the same ``keys``
    sources: list[Relation] = field(default_factory=list)  # what a view reads
    of_type: UserType | None = None  # the composite type that defines its columns
    parents: list[Relation] = field(default_factory=list)  # it inherits from these, or is a partition of one
    left: list[Relation] = field(default_factory=list)  # children that the scripts took from it
    is_partition: bool = False
    is_partitioned: bool = False
    constraints: dict[str, Constraint] = field(default_factory=dict)  # without NOT NULL
    reactions: dict[str, Reaction] = field(default_factory=dict)  # by trigger or rule (of a view: when read)
    may_be_missing: bool = False  # created IF NOT EXISTS, so that it may be older than the scripts

    @property
    def references(self) -> dict[str, Relation]:
        """The tables of its foreign keys, by constraint."""
        return {name: each.target for name, each in self.constraints.items() if each.target is not None}

    @property
    def primary_key(self) -> list[Column]:
        """The columns of its primary key, as far as the scripts tell."""
        return next((each.columns for each in self.constraints.values() if each.kind == "primary key"), [])

    def column(self, name: str) -> Column:
        """The column; an unknown one existed before the scripts, under this name."""
        return self.columns.setdefault(name, Column(type=None, origin=name))

    def settled(self, name: Name, columns: dict[int, Column]) -> Relation:
        """A copy that counts as existing before, unlinked; ``columns`` gets its columns by original id."""
        copied = Relation(kind=self.kind, origin=name, is_complete=self.is_complete)
        copied.is_partition, copied.is_partitioned = self.is_partition, self.is_partitioned
        copied.is_unique = self.is_unique
        copied.reactions = {**self.reactions}
        for column_name, column in self.columns.items():
            copied.columns[column_name] = columns[id(column)] = column.settled(column_name)
        return copied

    def link(
        self,
        original: Relation,
        copies: Mapping[int, Relation],
        columns: Mapping[int, Column],
        types: Mapping[int, UserType],
    ) -> None:
        """Link a copy as its original is, to the objects that still exist."""
        self.owner = copies.get(id(original.owner))
        self.of_type = types.get(id(original.of_type))
        self.keys = [columns[id(key)] for key in original.keys if id(key) in columns]
        self.parents = [copies[id(each)] for each in original.parents if id(each) in copies]
        self.sources = [copies[id(each)] for each in original.sources if id(each) in copies]
        for name, each in original.constraints.items():
            copied = Constraint(each.kind, [columns[id(c)] for c in each.columns if id(c) in columns])
            if each.target is not None:
                copied.target = copies.get(id(each.target))
                copied.referenced = [columns[id(c)] for c in each.referenced if id(c) in columns]
            if copied.target is not None or each.target is None:
                self.constraints[name] = copied

    def rename_column(self, old: str, new: str) -> None:
        """In its place."""
        self.column(old)
        self.columns = {new if name == old else name: each for name, each in self.columns.items()}

    def rename_constraint(self, old: str, new: str) -> None:
        """In its place."""
        self.constraints = {new if name == old else name: each for name, each in self.constraints.items()}


@dataclass(slots=True, eq=False)
class UserType:
    """``kind`` is None for an unknown type. ``values`` of an enum map each to the name it had before the
    scripts; None for one that they added. ``base`` is a domain's, ``attributes`` a composite type's."""

    kind: TypeKind | None
    origin: Name | None
    values: dict[str, str | None] = field(default_factory=dict)
    base: str | None = None
    attributes: dict[str, Column] = field(default_factory=dict)

    def settled(self, name: Name) -> UserType:
        """A copy that was there before."""
        attributes = {attribute: each.settled(attribute) for attribute, each in self.attributes.items()}
        return UserType(self.kind, name, {value: value for value in self.values}, self.base, attributes)


@dataclass(slots=True, eq=False)
class Database:
    """All objects by their present names. ``schemas`` are those that the scripts created or renamed, with the
    name before (None: new). ``functions`` are their bodies, by name and by argument types. ``is_complete``:
    an unknown object that a statement creates IF NOT EXISTS is new; else it may be older."""

    relations: dict[Name, Relation] = field(default_factory=dict)
    types: dict[Name, UserType] = field(default_factory=dict)
    schemas: dict[str, str | None] = field(default_factory=dict)
    functions: dict[str, dict[str, Code]] = field(default_factory=dict)
    is_complete: bool = False

    @property
    def tables(self) -> dict[Name, Relation]:
        """The relations that have rows of their own."""
        return {name: each for name, each in self.relations.items() if each.kind in _WITH_ROWS}

    @property
    def enums(self) -> dict[Name, UserType]:
        """The types that are enums."""
        return {name: each for name, each in self.types.items() if each.kind == "enum"}

    def relation(self, name: Name, kind: RelationKind = "table") -> Relation:
        """The relation; an unknown one existed before the scripts, under this name, and is a ``kind``."""
        if name not in self.relations:
            self.relations[name] = Relation(kind=kind, origin=self._before(name), is_complete=False)
        return self.relations[name]

    def user_type(self, name: Name) -> UserType:
        """The type; an unknown one existed before the scripts."""
        if name not in self.types:
            self.types[name] = UserType(kind=None, origin=self._before(name))
        return self.types[name]

    def code_run(self, names: Iterable[str]) -> Iterator[tuple[str, Code]]:
        """The functions of those names, and those that they may call, with their bodies."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for code in self.functions.get(name, {}).values():
                yield name, code
                waiting += code.names

    def name_of(self, relation: Relation) -> Name | None:
        """The present name of a relation."""
        return next((name for name, each in self.relations.items() if each is relation), None)

    def schema_before(self, schema: str) -> str | None:
        """The name that a schema had before the scripts; None for one that they created."""
        return self.schemas.get(schema, schema)

    def with_children(self, relation: Relation) -> Iterator[Relation]:
        """The relation and those that inherit its columns."""
        yield relation
        for child in [each for each in self.relations.values() if relation in each.parents]:
            yield from self.with_children(child)

    def typed_tables(self, composite: UserType) -> list[Name]:
        """The tables whose columns a composite type defines (``CREATE TABLE … OF``)."""
        return [name for name, each in self.relations.items() if each.of_type is composite]

    def belonging_to(self, relation: Relation) -> list[Name]:
        """The indexes and sequences of a table."""
        return [name for name, each in self.relations.items() if each.owner is relation]

    def columns_of_type(self, name: Name) -> list[tuple[Name, str]]:
        """The tables and columns that have this type, or a list of it."""
        return [
            (table_name, column_name)
            for table_name, table in self.tables.items()
            for column_name, column in table.columns.items()
            if is_of_type(column.type, name)
        ]

    def rename_type(self, old: Name, new: Name) -> None:
        """Rename a type, also in the columns that have it."""
        renamed = self.user_type(old)
        text = type_text_of(new)
        for table_name, column_name in self.columns_of_type(old):
            column = self.relations[table_name].columns[column_name]
            column.type = f"{text}{'[]' * (column.type or '').count('[]')}"
        for each in self.types.values():
            if is_of_type(each.base, old):
                each.base = text
        del self.types[old]
        self.types[new] = renamed

    def settled(self) -> Database:
        """A copy in which every present object counts as existing before. Written out: a long history needs
        many."""
        copies: dict[int, Relation] = {}
        columns: dict[int, Column] = {}
        settled = Database(
            schemas={schema: schema for schema in self.schemas},
            functions={name: {**bodies} for name, bodies in self.functions.items()},
            is_complete=self.is_complete,
        )
        types = {id(each): each.settled(name) for name, each in self.types.items()}
        settled.types = {name: types[id(each)] for name, each in self.types.items()}
        for name, relation in self.relations.items():
            if name[0] == TEMPORARY:
                continue  # gone with the session
            settled.relations[name] = copies[id(relation)] = relation.settled(name, columns)
        for relation in self.relations.values():
            if id(relation) in copies:
                copies[id(relation)].link(relation, copies, columns, types)
        return settled

    def _before(self, name: Name) -> Name:
        """The name before the scripts of an unknown object: its schema may have been renamed."""
        return self.schema_before(name[0]) or name[0], name[1]


def is_of_type(text: str | None, name: Name) -> bool:
    """Whether a column's type is the user's type ``name``, or a list of it."""
    return text is not None and text.replace("[]", "") == type_text_of(name)
