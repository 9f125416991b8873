"""What nested writes should leave, done slowly in memory: rows by their ``id``, and pairs of joined ones.

A reference is emptied when its row goes, unless it is required: then that row has to stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..reading.naive_tables import Link, Row

_CREATES = ("create", "connect", "connect_or_create")


class Refusal(Exception):  # noqa: N818 - its text names the error
    """The write is refused, so nothing of it is saved."""


@dataclass(frozen=True)
class Reference:
    """A column that holds another row's ``id``."""

    table: str
    column: str
    target: str
    is_required: bool = False
    is_unique: bool = False


@dataclass
class Store:
    """Rows by table and ``id``, pairs by name, and what holds them together."""

    rows: dict[str, dict[int, Row]]
    pairs: dict[str, set[tuple[int, int]]]
    links: dict[str, dict[str, Link]]
    references: tuple[Reference, ...]
    columns: dict[str, tuple[str, ...]]

    def create(self, table: str, data: Row, keys: Row | None = None) -> Row:
        """Insert a row and all that is nested in it; ``keys`` are references it gets from above."""
        row = {**dict.fromkeys(self.columns[table]), **self._scalars(table, data), **(keys or {})}
        for name, words in self._relations(table, data, has_key=True):
            link = self.links[table][name]
            [(word, given)] = words.items()
            row[link.own] = self._found_or_created(link, word, given)["id"]
        if row["id"] in self.rows[table]:
            raise Refusal("UniqueViolationError")
        self._check(table, row)
        self.rows[table][row["id"]] = row
        for name, words in self._relations(table, data, has_key=False):
            for word, given in words.items():
                for item in _items(given):
                    self._linked(table, name, row, word, item)
        return row

    def update(self, table: str, row: Row, data: Row) -> None:
        """Change a row and all that is nested in ``data``. Raises KeyError if it deletes itself."""
        changed, goes = self._scalars(table, data), list[tuple[str, int]]()
        for name, words in self._relations(table, data, has_key=True):
            link = self.links[table][name]
            for word, given in words.items():
                if given is not False:
                    changed |= self._own_key(link, row, word, given, goes)
        self._check(table, {**row, **changed})
        row |= changed
        for target, key in goes:
            self.delete(target, key)
        for name, words in self._relations(table, data, has_key=False):
            for word, given in words.items():
                self._change_links(table, name, row, word, given)
                if row["id"] not in self.rows[table]:
                    raise KeyError(row["id"])

    def delete(self, table: str, key: int) -> None:
        """Delete a row, empty what refers to it, and part it from all others."""
        referring = [each for each in self.references if each.target == table]
        for each in referring:
            rows = [row for row in self.rows[each.table].values() if row[each.column] == key]
            if rows and each.is_required:
                raise Refusal("ForeignKeyViolationError")
            for row in rows:
                row[each.column] = None
        for link in self.links[table].values():
            if link.pairs is not None:
                side = 1 if link.is_reversed else 0
                self.pairs[link.pairs] -= {pair for pair in self.pairs[link.pairs] if pair[side] == key}
        del self.rows[table][key]

    def _own_key(self, link: Link, row: Row, word: str, given: Any, goes: list[tuple[str, int]]) -> Row:
        if word in _CREATES:
            return {link.own: self._found_or_created(link, word, given)["id"]}
        parent = self.rows[link.table].get(row[link.own])
        if word in ("disconnect", "delete"):
            if word == "delete":
                if parent is None:
                    raise Refusal("RecordNotFoundError")
                goes.append((link.table, parent["id"]))
            return {link.own: None}
        if parent is None:
            if word == "update":
                raise Refusal("RecordNotFoundError")
            return {link.own: self.create(link.table, given["create"])["id"]}
        self.update(link.table, parent, given if word == "update" else given["update"])
        return {}

    def _change_links(self, table: str, name: str, row: Row, word: str, given: Any) -> None:
        link = self.links[table][name]
        if link.is_list:
            if word == "set":
                self._set(table, name, row, [item["id"] for item in _items(given)])
                return
            for item in _items(given):
                self._linked(table, name, row, word, item)
            return
        present = self._related(link, row)
        if given is False:
            return
        if word in _CREATES:
            for other in present:
                other[link.theirs] = None
            self._linked(table, name, row, word, given)
        elif word == "disconnect":
            for other in present:
                other[link.theirs] = None
        elif present and word == "delete":
            self.delete(link.table, present[0]["id"])
        elif present:
            self.update(link.table, present[0], given if word == "update" else given["update"])
        elif word == "upsert":
            self._linked(table, name, row, "create", given["create"])
        else:
            raise Refusal("RecordNotFoundError")

    def _linked(self, table: str, name: str, row: Row, word: str, item: Any) -> None:
        """One word for one item of a relation whose key the other side or a join holds."""
        link = self.links[table][name]
        if word == "connect" or (
            word == "connect_or_create" and item["where"]["id"] in self.rows[link.table]
        ):
            key = item["id"] if word == "connect" else item["where"]["id"]
            self._link(link, row, self._needed(link.table, key))
        elif word in ("create", "connect_or_create"):
            self._create_linked(link, row, item if word == "create" else item["create"])
        elif word in ("update_many", "delete_many"):
            where = item["where"] if word == "update_many" else item
            for other in self._related(link, row):
                if all(other[field] == value for field, value in where.items()):
                    if word == "update_many":
                        other.update(item["data"])
                    else:
                        self.delete(link.table, other["id"])
        else:
            self._change_linked(link, row, word, item)

    def _change_linked(self, link: Link, row: Row, word: str, item: Any) -> None:
        key = item["id"] if word in ("disconnect", "delete") else item["where"]["id"]
        found = [other for other in self._related(link, row) if other["id"] == key]
        if word == "disconnect":
            for other in found:
                self._part(link, row, other)
        elif found and word == "delete":
            self.delete(link.table, key)
        elif found:
            self.update(link.table, found[0], item["data" if word == "update" else "update"])
        elif word == "upsert":
            self._create_linked(link, row, item["create"])
        else:
            raise Refusal("RecordNotFoundError")

    def _set(self, table: str, name: str, row: Row, keys: list[int]) -> None:
        link = self.links[table][name]
        kept = [self._needed(link.table, key) for key in keys]
        for other in self._related(link, row):
            if other["id"] not in keys:
                self._part(link, row, other)
        for other in kept:
            self._link(link, row, other)

    def _create_linked(self, link: Link, row: Row, data: Row) -> None:
        if link.pairs is None:
            self.create(link.table, data, {link.theirs: row["id"]})
        else:
            self._link(link, row, self.create(link.table, data))

    def _found_or_created(self, link: Link, word: str, given: Any) -> Row:
        if word == "connect":
            return self._needed(link.table, given["id"])
        if word == "create":
            return self.create(link.table, given)
        found = self.rows[link.table].get(given["where"]["id"])
        return found or self.create(link.table, given["create"])

    def _related(self, link: Link, row: Row) -> list[Row]:
        others = self.rows[link.table]
        if link.pairs is None:
            return [other for other in others.values() if other[link.theirs] == row["id"]]
        return [others[key] for key in others if self._pair(link, row["id"], key) in self.pairs[link.pairs]]

    def _link(self, link: Link, row: Row, other: Row) -> None:
        if link.pairs is None:
            self._check(link.table, {**other, link.theirs: row["id"]})
            other[link.theirs] = row["id"]
        else:
            self.pairs[link.pairs].add(self._pair(link, row["id"], other["id"]))

    def _part(self, link: Link, row: Row, other: Row) -> None:
        if link.pairs is None:
            other[link.theirs] = None
        else:
            self.pairs[link.pairs].discard(self._pair(link, row["id"], other["id"]))

    def _needed(self, table: str, key: int) -> Row:
        if key not in self.rows[table]:
            raise Refusal("RecordNotFoundError")
        return self.rows[table][key]

    def _check(self, table: str, row: Row) -> None:
        """No two rows may refer to the same one where that is unique."""
        for each in self.references:
            if each.table == table and each.is_unique and row[each.column] is not None:
                taken = [
                    other for other in self.rows[table].values() if other[each.column] == row[each.column]
                ]
                if any(other["id"] != row["id"] for other in taken):
                    raise Refusal("UniqueViolationError")

    def _scalars(self, table: str, data: Row) -> Row:
        return {name: value for name, value in data.items() if name not in self.links[table]}

    def _relations(self, table: str, data: Row, *, has_key: bool) -> list[tuple[str, Row]]:
        return [
            (name, words)
            for name, words in data.items()
            if name in self.links[table] and (self.links[table][name].own != "id") == has_key
        ]

    @staticmethod
    def _pair(link: Link, mine: int, other: int) -> tuple[int, int]:
        return (other, mine) if link.is_reversed else (mine, other)


def _items(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
