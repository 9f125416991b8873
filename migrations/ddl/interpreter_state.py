"""The interpreter's state besides the model: what was read and written, and where names are looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pglast import ast

from .catalog_model import Database, Relation
from .names import PUBLIC, TEMPORARY, Name, name_of, path_of, type_text, type_text_of


@dataclass(slots=True)
class InterpreterState:
    """What the scripts so far have read and written; the search path of the present one."""

    database: Database
    read: set[tuple[Name, str]] = field(default_factory=set)  # columns that writing statements read
    written: set[Relation] = field(default_factory=set)  # the tables whose rows were written
    runs_code: bool = False  # code ran that may have written any table
    written_before: frozenset[Relation] = frozenset()  # ``written`` before the present script
    ran_code_before: bool = False  # ``runs_code`` before the present script
    search_path: tuple[str, ...] | None = None  # set by the present script; None: the runner's
    is_only: bool = False  # the present ALTER TABLE leaves out tables that inherit from its own
    added: dict[int, str] = field(default_factory=dict)  # see :meth:`note_added`

    def name(self, relation: ast.RangeVar | None) -> Name:
        """The relation that a statement names or creates."""
        is_bare = relation is not None and relation.schemaname is None
        return self._looked_up(name_of(relation), is_bare, self.database.relations)

    def type_name(self, parts: Iterable[object] | None) -> Name:
        """The type that a statement names or creates."""
        spelled = tuple(parts or ())
        return self._looked_up(path_of(spelled), len(spelled) < 2, self.database.types)

    def relation_path(self, parts: Iterable[object] | None) -> Name:
        """The relation that a statement names by a list of strings."""
        spelled = tuple(parts or ())
        return self._looked_up(path_of(spelled), len(spelled) < 2, self.database.relations)

    def table(self, relation: ast.RangeVar | None) -> Relation:
        """The table of that name."""
        return self.database.relation(self.name(relation))

    def type_text(self, type_name: ast.TypeName) -> str:
        """A type as :func:`~migrations.ddl.names.type_text` writes it, with the schema that has it."""
        spelled = type_name.names or ()
        name = self.type_name(spelled)
        if len(spelled) > 1 or name not in self.database.types:
            return type_text(type_name)
        return type_text_of(name) + "[]" * len(type_name.arrayBounds or ())

    def begin_script(self) -> None:
        """End a script: its settings end with it."""
        self.search_path = None
        self.written_before, self.ran_code_before = frozenset(self.written), self.runs_code

    def look_in(self, schemas: Iterable[str | None]) -> None:
        """Set the search path. What belongs to the role that runs it, by its name, isn't known."""
        self.search_path = tuple(name for name in schemas if name and name != "$user") or None

    def note_added(self, node: object, name: str) -> None:
        """Note the name of a constraint or index that the present statement adds, by its definition."""
        self.added.setdefault(id(node), name)

    def mark_written(self, relation: Relation) -> None:
        """Note that rows of the table were written."""
        self.written.add(relation)

    def is_written(self, relation: Relation) -> bool:
        """Whether its rows may have been written, so that querying it before the scripts proves nothing."""
        return self.runs_code or relation in self.written

    def was_written(self, relation: Relation) -> bool:
        """Whether its rows may have been written by a script before the present one."""
        return self.ran_code_before or relation in self.written_before

    def _looked_up(self, name: Name, is_bare: bool, known: dict[Name, Any]) -> Name:
        if not is_bare:
            return name
        if (TEMPORARY, name[1]) in known:
            return TEMPORARY, name[1]
        if not self.search_path:
            return name
        places = ((schema, name[1]) for schema in self.search_path)
        return next((place for place in places if place in known), (self.search_path[0], name[1]))


def made_in(state: InterpreterState, relation: ast.RangeVar | None) -> Name:
    """Where a statement that makes a relation puts it: the first schema of the search path."""
    assert relation is not None
    if relation.relpersistence == "t":
        return TEMPORARY, relation.relname or ""
    schema = relation.schemaname or (state.search_path[0] if state.search_path else PUBLIC)
    return schema, relation.relname or ""


def type_made_in(state: InterpreterState, parts: Iterable[object] | None) -> Name:
    """The same for a type or a function."""
    spelled = tuple(parts or ())
    name = path_of(spelled)
    if len(spelled) > 1 or not state.search_path:
        return name
    return state.search_path[0], name[1]
