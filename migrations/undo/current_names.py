"""The names that objects have at a point of a script, and those that they had before the migration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pglast import ast, enums

from ..ddl.names import Name, name_of, path_of

_Node: TypeAlias = Any
_Key: TypeAlias = tuple[str, ...]
_OBJECTS = enums.ObjectType
_RELATIONS: Final = (
    *(_OBJECTS.OBJECT_TABLE, _OBJECTS.OBJECT_VIEW, _OBJECTS.OBJECT_MATVIEW, _OBJECTS.OBJECT_SEQUENCE),
    _OBJECTS.OBJECT_FOREIGN_TABLE,
)
_TYPES: Final = (_OBJECTS.OBJECT_TYPE, _OBJECTS.OBJECT_DOMAIN)


#: Follows the first name of an object if another one had that name before it. No identifier contains it.
ANOTHER: Final = "\0"


@dataclass(slots=True)
class CurrentNames:
    """Only what was renamed is noted: everything else has the name that it had before."""

    #: The first name, by what an object is called now: ``("relation", "public", "a")``.
    first: dict[_Key, str] = field(default_factory=dict)

    def copy(self) -> CurrentNames:
        """At the same point of a script."""
        return CurrentNames(dict(self.first))

    def relation(self, name: Name) -> Name:
        """A table, view or sequence by its first name."""
        return name[0], self._first("relation", name)

    def index(self, name: Name) -> Name:
        """The same for an index."""
        return name[0], self._first("index", name)

    def type(self, name: Name) -> Name:
        """The same for a type."""
        return name[0], self._first("type", name)

    def column(self, table: Name, name: str) -> str:
        """The same for a column of the table that has this name now."""
        return self._first("column", (*self.relation(table), name))

    def constraint(self, table: Name, name: str) -> str:
        """The same for a constraint."""
        return self._first("constraint", (*self.relation(table), name))

    def renamed_key(self, node: _Node) -> _Key | None:
        """By its first name, what a statement renames; None for what isn't followed."""
        found = self._renamed(node)
        if found is None:
            return None
        kind, *path = found
        return kind, *path[:-1], self._first(kind, tuple(path))

    def apply(self, node: _Node) -> None:
        """Follow a RENAME."""
        found = self._renamed(node)
        if found is None:
            return
        first = self._first(found[0], found[1:])
        self.first.pop(found, None)
        now = *found[:-1], node.newname
        if now[-1] == first:
            self.first.pop(now, None)
        else:
            self.first[now] = first

    def renamed(self) -> Mapping[_Key, str]:
        """What things are called now that had another name before, by their first name."""
        return {(*now[:-1], first): now[-1] for now, first in self.first.items()}

    def set(self, key: _Key, name: str | None) -> None:
        """Call what has this first name something else now; None: by its first name."""
        for now in [each for each, first in self.first.items() if (*each[:-1], first) == key]:
            del self.first[now]
        if name is not None:
            self.first[(*key[:-1], name)] = key[-1]

    def _first(self, kind: str, path: _Key) -> str:
        now = kind, *path
        if now in self.first:
            return self.first[now]
        name = path[-1]
        # Another object had this name before, and has a new one: this one is not the same.
        while name in self._taken(now):
            name += ANOTHER
        return name

    def _taken(self, now: _Key) -> Iterator[str]:
        return (first for each, first in self.first.items() if each[:-1] == now[:-1])

    def _renamed(self, node: _Node) -> _Key | None:
        if not isinstance(node, ast.RenameStmt):
            return None
        kind, table = node.renameType, node.relation
        found: _Key | None = None
        if kind in _RELATIONS:
            found = "relation", *name_of(table)
        elif kind == _OBJECTS.OBJECT_INDEX:
            found = "index", *name_of(table)
        elif kind in _TYPES:
            found = "type", *path_of(node.object)
        elif kind == _OBJECTS.OBJECT_COLUMN:
            found = "column", *self.relation(name_of(table)), node.subname or ""
        elif kind == _OBJECTS.OBJECT_TABCONSTRAINT:
            found = "constraint", *self.relation(name_of(table)), node.subname or ""
        return found
