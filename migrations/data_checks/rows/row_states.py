"""What a script has made of a table's rows so far, as SQL over the rows as they were before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...ddl.catalog_model import Column
from ...ddl.names import Name, sql_name
from ...identifiers import quoted


@dataclass(frozen=True, slots=True)
class Value:
    """A column's values: ``sql`` over the source of its rows, None where that can't be told.

    ``is_exact``: False for a text in place of a value whose type the script makes. That can be compared with
    others like it, and tested for NULL. ``is_partial``: in some rows NULL stands for a value of their own.
    ``reads`` are tables and types, as SQL, that the value depends on.
    """

    sql: str | None
    is_exact: bool = True
    is_null: bool = False
    is_never_null: bool = False
    is_partial: bool = False
    reads: frozenset[str] = frozenset()


UNKNOWN = Value(None)


@dataclass(frozen=True, slots=True)
class Inserted:
    """Rows that a statement inserts: ``values`` over a ``source``. ``is_constant``: they depend on no row."""

    source: str
    values: Mapping[Column, Value]
    reads: frozenset[str]
    is_constant: bool


@dataclass(slots=True)
class Rows:
    """The rows of one table.

    ``source`` is what a query selects ``values`` from; ``name``, ``columns`` and ``key`` (of the primary key)
    are the names before the script. ``is_whole``: False where the script has inserted rows that no query can
    tell, which are not among these. ``is_known``: False where only running the script can tell which rows are
    left. ``former`` are the rows before those that the transaction has deleted, which still take space.
    """

    name: Name
    source: str
    values: dict[Column, Value] = field(default_factory=dict)
    columns: dict[Column, str] = field(default_factory=dict)
    key: list[Column] = field(default_factory=list)
    reads: frozenset[str] = frozenset()
    is_new: bool = False
    is_empty: bool = False
    is_whole: bool = True
    is_known: bool = True
    is_as_before: bool = True
    former: list[Rows] = field(default_factory=list)

    @classmethod
    def before(cls, name: Name, columns: Mapping[str, Column], key: Iterable[Column]) -> Rows:
        """Those of a table that no statement has changed yet."""
        return cls(
            name=name,
            source=sql_name(name),
            values={
                column: Value(quoted(own), is_never_null=column.is_required)
                for own, column in columns.items()
            },
            columns={column: own for own, column in columns.items()},
            key=list(key),
        )

    @classmethod
    def of_new_table(cls, name: Name) -> Rows:
        """None; those that the script itself writes are nobody's yet."""
        return cls(name=name, source="", is_new=True, is_empty=True, is_as_before=False)

    @property
    def has_none(self) -> bool:
        """Whether there is no row for certain."""
        return self.is_empty and self.is_whole

    def value(self, column: Column) -> Value:
        """The values of a column."""
        return self.values.get(column, UNKNOWN)

    def shown(self, column: Column, name: str) -> str:
        """The name by which people find the column: the one before the script."""
        return self.columns.get(column, name)

    def place(self, column: Column, name: str) -> str:
        """The same with the table, as SQL."""
        return f"{sql_name(self.name)}.{quoted(self.shown(column, name))}"

    def tables(self, *columns: Column) -> frozenset[str]:
        """What a query of these columns reads besides the table itself."""
        return self.reads.union(*(self.value(column).reads for column in columns))

    def view(self, columns: Mapping[str, Column], alias: str, more: Mapping[str, str] | None = None) -> str:
        """The rows under the names of ``columns``, for FROM; ``more`` are columns by their SQL."""
        selected = [
            f"{value.sql} AS {quoted(name)}"
            for name, column in columns.items()
            if (value := self.value(column)).sql is not None
        ]
        selected += [f"{sql} AS {quoted(name)}" for name, sql in (more or {}).items()]
        nothing = " WHERE false" if self.is_empty else ""
        of = f"{self.source}{nothing}"
        return f"(SELECT {', '.join(selected)} FROM {of}) AS {quoted(alias)}"  # noqa: S608 - quoted, or the script's

    def key_columns(self, taken: Iterable[str]) -> dict[str, str]:
        """The primary key under names that are not ``taken``, as SQL; none if a part of it isn't known."""
        found: dict[str, str] = {}
        used = set(taken)
        for number, column in enumerate(self.key):
            value = self.value(column)
            name = next(each for each in _free_names(number) if each not in used)
            if value.sql is None:
                return {}
            found[name] = value.sql
        return found

    def change(
        self,
        columns: Mapping[str, Column],
        alias: str,
        changed: Mapping[Column, Value],
        where: str | None = None,
    ) -> None:
        """From now on, ``changed`` are SQL over the rows under the names of ``columns``; ``where`` keeps some
        of them."""
        keys = self.key_columns(columns)
        source = self.view(columns, alias, keys)
        if where is not None:
            # OFFSET 0: nothing is evaluated for rows that are gone, where it could fail.
            source = f"(SELECT * FROM {source} WHERE {where} OFFSET 0) AS {quoted(alias)}"  # noqa: S608 - a view
        kept = {c: v for c, v in self.values.items() if v.sql is None}
        for name, column in (*zip(keys, self.key, strict=False), *columns.items()):
            if (value := self.value(column)).sql is not None:
                kept[column] = replace(value, sql=quoted(name))
        self.source, self.values = source, {**kept, **changed}
        self.is_as_before = False

    def empty(self) -> None:
        """All rows are deleted."""
        self.remember()
        self.is_empty, self.is_as_before = True, False

    def remember(self) -> None:
        """Note the rows before some of them are deleted."""
        if not self.is_new and not self.is_empty:
            self.former.append(replace(self, values={**self.values}, former=[]))

    def insert(self, columns: Mapping[str, Column], alias: str, inserted: Inserted) -> None:
        """From now on, the rows of an INSERT are among these."""
        keys = self.key_columns(columns)
        by_key = dict(zip(keys, self.key, strict=False))
        both: dict[str, tuple[Column, Value, Value]] = {}
        for name, column in (*columns.items(), *by_key.items()):
            old, new = self.value(column), inserted.values.get(column, UNKNOWN)
            if new.sql is not None and (self.is_empty or old.sql is not None):
                both[name] = column, old, new
        parts = [
            f"SELECT {', '.join(f'{new.sql} AS {quoted(name)}' for name, (_, _, new) in both.items())} "  # noqa: S608
            f"FROM {inserted.source}"
        ]
        if not self.is_empty:
            selected = ", ".join(f"{old.sql} AS {quoted(name)}" for name, (_, old, _) in both.items())
            parts.insert(0, f"SELECT {selected} FROM {self.source}")  # noqa: S608 - quoted
        self.source = f"({' UNION ALL '.join(parts)}) AS {quoted(alias)}"
        self.values = dict.fromkeys(self.values, UNKNOWN) | {
            column: self._joined(name, old, new) for name, (column, old, new) in reversed(both.items())
        }
        self.reads |= inserted.reads
        self.is_empty = self.is_as_before = False

    def _joined(self, name: str, old: Value, new: Value) -> Value:
        """Values of rows that were there, and of rows that were inserted."""
        if self.is_empty:
            return replace(new, sql=quoted(name))
        return Value(
            quoted(name),
            is_exact=old.is_exact and new.is_exact,
            is_null=old.is_null and new.is_null and not new.is_partial,
            is_never_null=old.is_never_null and new.is_never_null,
            is_partial=old.is_partial or new.is_partial,
            reads=old.reads | new.reads,
        )


def _free_names(number: int) -> Iterable[str]:
    return (f"key {number}{'_' * more}" for more in range(100))
