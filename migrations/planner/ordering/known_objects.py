"""What the statements of a plan only name: the columns of indexes, of constraints and of keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pglast import ast, enums

from ...ddl.definitions.read_columns import constraint_columns
from ...ddl.names import Name, name_of, path_of
from ..script import Alteration, DraftStatement

_KINDS = enums.ConstrType
_FOREIGN, _PRIMARY, _CHECK = _KINDS.CONSTR_FOREIGN, _KINDS.CONSTR_PRIMARY, _KINDS.CONSTR_CHECK


@dataclass(frozen=True, slots=True)
class KnownIndex:
    """A primary key's is one too."""

    table: Name
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A foreign key, or a check (which refers to nothing)."""

    columns: frozenset[str]
    target: Name | None = None
    referenced: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownObjects:
    """Of the schema before and of the plan itself, by name."""

    indexes: dict[Name, KnownIndex] = field(default_factory=dict)
    primary_keys: dict[Name, str] = field(default_factory=dict)  # their names, by table
    constraints: dict[tuple[Name, str], KnownKey] = field(default_factory=dict)
    types: dict[tuple[Name, str], Name] = field(default_factory=dict)  # of columns, by table and column

    def read(self, statements: Iterable[DraftStatement]) -> None:
        """Add what ``statements`` create."""
        for statement in statements:
            node, alteration = statement.node, statement.alteration
            if isinstance(node, ast.CreateStmt):
                self._read_table(name_of(node.relation), node.tableElts or ())
            elif isinstance(node, ast.IndexStmt):
                table = name_of(node.relation)
                columns = frozenset(part.name for part in node.indexParams or () if part.name)
                self.indexes[table[0], node.idxname or ""] = KnownIndex(table, columns)
            elif alteration is not None:
                self._read_alteration(alteration)

    def indexes_with(self, table: Name, column: str) -> list[Name]:
        """The indexes that go with a column."""
        return [n for n, each in self.indexes.items() if each.table == table and column in each.columns]

    def indexes_of(self, table: Name) -> list[Name]:
        """The indexes that go with a table."""
        return [name for name, each in self.indexes.items() if each.table == table]

    def _read_table(self, table: Name, elements: Iterable[object]) -> None:
        for element in elements:
            if isinstance(element, ast.Constraint) and element.contype == _PRIMARY and element.conname:
                self._add_primary_key(table, element)
            elif isinstance(element, ast.ColumnDef) and element.typeName is not None:
                self.types.setdefault((table, element.colname or ""), path_of(element.typeName.names))

    def _read_alteration(self, alteration: Alteration) -> None:
        constraint = alteration.constraint
        if constraint is None:
            return
        if constraint.contype == _PRIMARY:
            self._add_primary_key(alteration.table, constraint)
        elif constraint.contype == _FOREIGN:
            self.constraints[alteration.place] = KnownKey(
                frozenset(constraint_columns(constraint)),
                name_of(constraint.pktable),
                strings(constraint.pk_attrs),
            )
        elif constraint.contype == _CHECK:
            self.constraints[alteration.place] = KnownKey(frozenset(constraint_columns(constraint)))

    def _add_primary_key(self, table: Name, constraint: ast.Constraint) -> None:
        name = constraint.conname or ""
        built = self.indexes.get((table[0], constraint.indexname or ""))
        columns = built.columns if built else strings(constraint.keys)
        self.indexes.setdefault((table[0], name), KnownIndex(table, columns))
        self.primary_keys.setdefault(table, name)


def strings(parts: Iterable[object] | None) -> frozenset[str]:
    """The names in a list of strings."""
    return frozenset(part.sval or "" for part in parts or () if isinstance(part, ast.String))
