"""The objects that a statement names, by the names that they had before the migration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pglast import ast

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.definitions.chosen_names import constraint_name, index_name
from ..ddl.interpreter_state import InterpreterState, made_in, type_made_in
from ..ddl.names import Name
from ..ddl.renamed import name_changes
from .change import Key
from .current_names import CurrentNames, Renaming

_Node: TypeAlias = Any


@dataclass(slots=True)
class FirstNames:
    """Where an object is looked up, and what it was renamed to so far, the interpreter knows. A table is
    given as the statement has it, or by its first name."""

    current: CurrentNames = field(default_factory=CurrentNames)
    interpreter: DdlInterpreter = field(default_factory=lambda: DdlInterpreter(Database()))

    @property
    def state(self) -> InterpreterState:
        """What the interpreter knows at this point."""
        return self.interpreter.state

    def begin_script(self) -> None:
        """The settings of the script before have ended."""
        self.state.begin_script()

    def follow(self, node: _Node, sql: str) -> list[Renaming]:
        """Go on behind a statement; returns what it renames."""
        renamings = self.current.renamings(name_changes(self.state, node))
        self.current.apply(renamings)
        self.interpreter.apply(node, sql)
        return renamings

    def renamed(self, node: _Node) -> Key | None:
        """What a statement renames or moves; None for what isn't followed."""
        renamings = self.current.renamings(name_changes(self.state, node))
        main = (self.current.first_of(each.old) for each in renamings if not each.is_along)
        return next(main, None)

    def relation(self, node: ast.RangeVar | None) -> Name:
        """A table, view or sequence."""
        return self._named("relation", self.state.name(node))

    def made(self, node: ast.RangeVar | None) -> Name:
        """The same for one that the statement makes."""
        return self._named("relation", made_in(self.state, node))

    def listed(self, parts: Iterable[object]) -> Name:
        """The same for one that it lists."""
        return self._named("relation", self.state.relation_path(parts))

    def index(self, name: Name) -> Key:
        """An index of a schema and a name."""
        return self.current.key("index", *name)

    def listed_index(self, parts: Iterable[object]) -> Key:
        """An index that the statement lists."""
        return self.index(self.state.relation_path(parts))

    def made_index(self, node: _Node) -> Key:
        """The index of a CREATE INDEX."""
        table = self.state.name(node.relation)
        return self.index(
            (table[0], node.idxname) if node.idxname else index_name(self.state.database, table, node)
        )

    def columns_of_index(self, table: ast.RangeVar, name: str) -> list[str]:
        """The columns of a table's index, as far as the script has made it."""
        known, place = self.state.database.relations, self.state.name(table)
        index, relation = known.get((place[0], name)), known.get(place)
        columns = relation.columns.items() if relation is not None else ()
        return [own for own, column in columns if index is not None and column in index.keys]

    def type(self, parts: Iterable[object] | None) -> Key:
        """A type."""
        return self.current.key("type", *self.state.type_name(parts))

    def made_type(self, parts: Iterable[object] | None) -> Key:
        """The same for one that the statement makes."""
        return self.current.key("type", *type_made_in(self.state, parts))

    def made_constraint(self, table: ast.RangeVar, node: _Node) -> Key:
        """The constraint that a statement adds to a table."""
        name = self.state.name(table)
        return self.part("constraint", self.relation(table), constraint_name(self.state.database, name, node))

    def column(self, table: Name, name: str) -> str:
        """A column, by the first name of its table."""
        return self.part("column", table, name)[-1]

    def part(self, kind: str, table: Name, name: str) -> Key:
        """The same for whatever else has a name of its own in a table."""
        return self.current.first_of((kind, *table, name))

    def _named(self, kind: str, name: Name) -> Name:
        _, schema, own = self.current.key(kind, *name)
        return schema, own
