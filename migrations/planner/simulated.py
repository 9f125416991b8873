"""What a script does to a database's tables, told from the script alone.

A model of tables, columns, types and enums that statements are applied to one after the other, and which says
what each of them takes away from rows that exist. It knows what is new (nobody's rows are in it), and follows
renames, so that a loss is told by the name that the thing had before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .script import Name


@dataclass(slots=True)
class Column:
    """``origin`` is the name before the scripts; None for a column that they added. ``is_filled``: existing
    rows were given a value."""

    type: str
    origin: str | None
    is_required: bool = False
    is_filled: bool = False


@dataclass(slots=True)
class Table:
    """``origin`` is None for a table that the scripts created."""

    origin: Name | None
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(slots=True)
class EnumType:
    """``values`` maps each to the name it had before; None for one that the scripts added."""

    origin: Name | None
    values: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Database:
    """Everything by its present name."""

    tables: dict[Name, Table] = field(default_factory=dict)
    enums: dict[Name, EnumType] = field(default_factory=dict)

    def settle(self) -> None:
        """From now on, what is there was there before."""
        for name, table in self.tables.items():
            table.origin = name
            for column_name, column in table.columns.items():
                column.origin, column.is_filled = column_name, False
        for enum_name, enum in self.enums.items():
            enum.origin = enum_name
            enum.values = {value: value for value in enum.values}
