"""What a statement reads and what it changes: two that don't touch each other's things can change places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ...ddl.definitions.read_columns import index_columns
from ...ddl.function_calls import columns_read
from ...ddl.names import Name, dropped, name_of, path_of
from ..rewrites.sequences import sequence_name
from ..script import Alteration, DraftStatement
from .known_objects import KnownObjects, strings

_ACTIONS, _OBJECTS = enums.AlterTableType, enums.ObjectType
#: A kind of thing, and what identifies it.
Resource: TypeAlias = tuple[Any, ...]
#: Whether it is changed, and the thing.
Touch: TypeAlias = tuple[bool, Resource]


@dataclass(frozen=True, slots=True)
class Footprint:
    """``is_opaque``: it may read and change anything."""

    reads: frozenset[Resource] = frozenset()
    writes: frozenset[Resource] = frozenset()
    is_opaque: bool = False

    def conflicts(self, other: Footprint) -> bool:
        """Whether the two have to stay in their order."""
        return (
            self.is_opaque
            or other.is_opaque
            or not self.writes.isdisjoint(other.reads | other.writes)
            or not self.reads.isdisjoint(other.writes)
        )


def footprint(statements: Iterable[DraftStatement], known: KnownObjects) -> Footprint:
    """Of statements that stay together."""
    touches: list[Touch] = []
    for statement in statements:
        found = _touched(statement, known)
        if found is None:
            return Footprint(is_opaque=True)
        touches += found
    return Footprint(
        frozenset(resource for is_written, resource in touches if not is_written),
        frozenset(resource for is_written, resource in touches if is_written),
    )


def table_resource(table: Name) -> Resource:
    """A table as such."""
    return "table", table


def column_resource(table: Name, column: str) -> Resource:
    """One column."""
    return "column", table, column


def _touched(statement: DraftStatement, known: KnownObjects) -> Iterable[Touch] | None:
    alteration = statement.alteration
    if alteration is not None:
        return _altered(alteration, statement.node, known)
    reader = _READERS.get(type(statement.node))
    return reader(statement.node, known) if reader is not None else None


def _altered(alteration: Alteration, node: ast.Node, known: KnownObjects) -> Iterator[Touch]:
    table, name = alteration.place
    yield False, table_resource(table)
    if alteration.kind in (_ACTIONS.AT_AddConstraint, _ACTIONS.AT_DropConstraint):
        yield from _constraint(alteration, known)
    elif alteration.kind == _ACTIONS.AT_ValidateConstraint:
        yield True, ("constraint", table, name)
        yield from _key(table, name, known)
    elif alteration.kind in _OF_COLUMN:
        yield from _written(table, name)
        yield from _typed(alteration, known)
        yield from ((False, column_resource(*each)) for each in columns_read(node))
        if alteration.kind == _ACTIONS.AT_DropColumn:
            yield from _gone(known.indexes_with(table, name), known)
        if alteration.kind == _ACTIONS.AT_ColumnDefault:
            yield True, ("name", (table[0], sequence_name(table[1], name)))
    else:
        yield True, table_resource(table)


_OF_COLUMN: Final = (
    _ACTIONS.AT_AddColumn,
    _ACTIONS.AT_DropColumn,
    _ACTIONS.AT_AlterColumnType,
    _ACTIONS.AT_ColumnDefault,
    _ACTIONS.AT_SetNotNull,
    _ACTIONS.AT_DropNotNull,
)


def _typed(alteration: Alteration, known: KnownObjects) -> Iterator[Touch]:
    """The types that the column has and gets."""
    if alteration.place in known.types:
        yield False, ("type", known.types[alteration.place])
    if alteration.column is not None and alteration.column.typeName is not None:
        yield False, ("type", path_of(alteration.column.typeName.names))


def _constraint(alteration: Alteration, known: KnownObjects) -> Iterator[Touch]:
    table, name = alteration.place
    yield True, ("constraint", table, name)
    is_added = alteration.kind == _ACTIONS.AT_AddConstraint
    constraint = alteration.constraint
    index = known.indexes.get((table[0], name))
    if index is None:
        yield from _key(table, name, known, is_added=is_added)
        return
    yield from ((True, ("name", (table[0], each))) for each in {name, constraint and constraint.indexname})
    columns = strings(constraint.keys) if constraint is not None and constraint.keys else index.columns
    if constraint is not None and constraint.indexname:
        columns = known.indexes[table[0], constraint.indexname].columns
    yield True, ("primary key", table)
    yield True, ("key made" if is_added else "key gone", table, columns)
    yield from ((False, column_resource(table, each)) for each in columns)


def _key(table: Name, name: str, known: KnownObjects, *, is_added: bool = True) -> Iterator[Touch]:
    """What a foreign key relies on."""
    key = known.constraints.get((table, name))
    if key is None:
        yield True, ("all columns", table)
        return
    yield from ((False, column_resource(table, each)) for each in key.columns)
    if key.target is None:
        return
    yield False, table_resource(key.target)
    yield from ((False, column_resource(key.target, each)) for each in key.referenced)
    yield False, ("key gone", key.target, key.referenced)
    if is_added:
        yield False, ("key made", key.target, key.referenced)
        yield False, ("rows", key.target)


def _gone(indexes: Iterable[Name], known: KnownObjects) -> Iterator[Touch]:
    """Indexes that are dropped, by themselves or with something else."""
    for name in indexes:
        index = known.indexes.get(name)
        yield True, ("name", name)
        if index is None:
            continue
        yield True, ("key gone", index.table, index.columns)
        if known.primary_keys.get(index.table) == name[1]:
            yield True, ("primary key", index.table)


def _written(table: Name, column: str) -> Iterator[Touch]:
    yield True, column_resource(table, column)
    yield False, ("all columns", table)  # those who write this depend on every column


def _created_table(node: Any, known: KnownObjects) -> Iterator[Touch]:
    table = name_of(node.relation)
    yield True, table_resource(table)
    yield True, ("name", table)
    yield True, ("all columns", table)
    yield from ((True, ("name", each)) for each in known.indexes_of(table))
    for element in node.tableElts or ():
        if isinstance(element, ast.ColumnDef) and element.typeName is not None:
            yield False, ("type", path_of(element.typeName.names))


def _created_index(node: Any, _known: KnownObjects) -> Iterator[Touch]:
    table = name_of(node.relation)
    yield True, ("name", (table[0], node.idxname or ""))
    yield False, table_resource(table)
    yield from ((False, column_resource(table, each)) for each in index_columns(node))
    if node.unique:
        yield True, ("key made", table, frozenset(part.name for part in node.indexParams or () if part.name))


def _dropped(node: Any, known: KnownObjects) -> Iterator[Touch] | None:
    kind = node.removeType
    if kind not in (_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_INDEX, _OBJECTS.OBJECT_SEQUENCE):
        return _dropped_types(node) if kind == _OBJECTS.OBJECT_TYPE else None
    return _dropped_relations(node, known)


def _dropped_types(node: Any) -> Iterator[Touch]:
    return ((True, ("type", path_of(each.names))) for each in node.objects or ())


def _dropped_relations(node: Any, known: KnownObjects) -> Iterator[Touch]:
    for name in dropped(node):
        yield True, ("name", name)
        if node.removeType == _OBJECTS.OBJECT_TABLE:
            yield True, table_resource(name)
            yield True, ("all columns", name)
            yield from _gone(known.indexes_of(name), known)
            yield from ((False, ("type", each)) for place, each in known.types.items() if place[0] == name)
        elif node.removeType == _OBJECTS.OBJECT_INDEX and (index := known.indexes.get(name)) is not None:
            yield False, table_resource(index.table)
            yield from ((False, column_resource(index.table, each)) for each in index.columns)
            yield from _gone([name], known)


def _renamed(node: Any, _known: KnownObjects) -> Iterator[Touch] | None:
    if node.renameType == _OBJECTS.OBJECT_TYPE:
        schema, name = path_of(node.object)
        return iter([(True, ("type", (schema, name))), (True, ("type", (schema, node.newname)))])
    if node.renameType not in (_OBJECTS.OBJECT_INDEX, _OBJECTS.OBJECT_TABCONSTRAINT):
        return None
    table = name_of(node.relation)
    names = (node.subname or table[1], node.newname)
    touches = [(True, ("name", (table[0], name))) for name in names]
    return iter([*touches, *((True, ("constraint", table, name)) for name in names)])


def _rows(node: Any, _known: KnownObjects) -> Iterator[Touch]:
    """What a query or a change of rows touches."""
    for table, column in columns_read(node):
        if column == "*":
            yield True, ("all columns", table)
        else:
            yield False, column_resource(table, column)
        yield False, table_resource(table)
        yield False, ("rows", table)
    if isinstance(node, ast.SelectStmt):
        return
    table = name_of(node.relation)
    yield False, table_resource(table)
    yield True, ("rows", table)
    for target in (node.targetList if isinstance(node, ast.UpdateStmt) else node.cols) or ():
        yield from _written(table, target.name)


def _type(node: Any, _known: KnownObjects) -> Iterator[Touch]:
    yield True, ("type", path_of(node.typeName))


def _sequence(node: Any, _known: KnownObjects) -> Iterator[Touch]:
    yield True, ("name", name_of(node.sequence))


_READERS: Final[dict[type, Callable[[Any, KnownObjects], Iterable[Touch] | None]]] = {
    ast.CreateStmt: _created_table,
    ast.IndexStmt: _created_index,
    ast.DropStmt: _dropped,
    ast.RenameStmt: _renamed,
    ast.UpdateStmt: _rows,
    ast.InsertStmt: _rows,
    ast.SelectStmt: _rows,
    ast.CreateEnumStmt: _type,
    ast.AlterEnumStmt: _type,
    ast.CreateSeqStmt: _sequence,
    ast.AlterSeqStmt: _sequence,
}
