"""One change of a statement: of a key, such as a column or the default of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pglast import enums

from ..ddl.names import Name

#: A kind of object or property, and the names that it has.
Key: TypeAlias = tuple[str, ...]
#: ``replace``: CREATE OR REPLACE. ``touch``: a property gets another value. ``minor``: the same for one that
#: nothing depends on, so that it need not be undone unless the opposite script does. ``rows``: rows are
#: written.
Operation: TypeAlias = Literal["create", "drop", "replace", "touch", "minor", "rows"]
#: Properties that are names: RENAME changes one, SET SCHEMA the other.
NAMING = ("name", "schema of")


@dataclass(frozen=True, slots=True)
class Change:
    """``holders`` are what goes with it when they are dropped: its table, its columns, its type."""

    key: Key
    operation: Operation
    holders: tuple[Key, ...] = ()


class UnknownChangeError(Exception):
    """What a statement changes can't be told from its text."""


def relation_key(name: Name) -> Key:
    """A table, view or sequence."""
    return ("relation", *name)


def column_key(table: Name, column: str) -> Key:
    """A column of a table or view."""
    return ("column", *table, column)


def refuse_cascade(node: Any) -> None:
    """Raises UnknownChangeError where the text of a DROP doesn't say what else goes."""
    if node.behavior == enums.DropBehavior.DROP_CASCADE:
        raise UnknownChangeError
