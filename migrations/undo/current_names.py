"""What objects are called at a point of a script, and what they were called before the migration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..ddl.renamed import NameChange
from .change import Key

#: Follows the first name of an object if another one had that name before it. No identifier contains it.
ANOTHER: Final = "\0"
#: The parts of a key: of what is in a schema, and of what is in a table.
_IN_SCHEMA, _IN_TABLE = 3, 4


@dataclass(frozen=True, slots=True)
class Renaming:
    """What is called ``old`` at a point of a script is called ``new`` after it. ``is_along``: since what it
    belongs to was renamed or moved."""

    old: Key
    new: Key
    is_along: bool


@dataclass(slots=True)
class CurrentNames:
    """Only what was renamed is noted: everything else has the name that it had before. A column and the like
    is named in a key with the first name of its table."""

    first: dict[Key, Key] = field(default_factory=dict)  # by what an object is called now
    along: set[Key] = field(default_factory=set)  # what was only ever renamed along, by its first name

    def copy(self) -> CurrentNames:
        """At the same point of a script."""
        return CurrentNames(dict(self.first), set(self.along))

    def key(self, kind: str, *path: str) -> Key:
        """By its first name, what has this one now."""
        return self.first_of(self._now(kind, path))

    def first_of(self, now: Key) -> Key:
        """The same for a key as of now: what is in a table has that by its first name."""
        if not self.first or now in self.first:
            return self.first.get(now, now)
        if len(now) == _IN_SCHEMA:
            kind, schema, name = now  # the schema may have been renamed
            now = kind, self.key("schema", schema)[-1], name
        # Another object had this name before, and has a new one: this one is not the same.
        taken = set(self.first.values())
        while now in taken:
            now = (*now[:-1], now[-1] + ANOTHER)
        return now

    def renamings(self, changes: Iterable[NameChange]) -> list[Renaming]:
        """The ``changes`` of one statement."""
        found = list(changes)
        main = next((each for each in found if each.kind == "schema"), found[0] if found else None)
        return [
            Renaming(self._now(each.kind, each.old), self._now(each.kind, each.new), each is not main)
            for each in found
        ]

    def apply(self, renamings: Iterable[Renaming]) -> None:
        """Follow them."""
        for each in renamings:
            first = self.first_of(each.old)
            was_renamed = self.first.pop(each.old, None) is not None
            if not each.is_along:
                self.along.discard(first)
            elif not was_renamed:
                self.along.add(first)
            if each.new == first:
                self.first.pop(each.new, None)
            else:
                self.first[each.new] = first

    def renamed(self) -> Mapping[Key, Key]:
        """What things are called now that had another name before, by their first name."""
        return {first: now for now, first in self.first.items()}

    def set(self, key: Key, now: Key | None) -> None:
        """Call what has this first name something else now; None: by its first name."""
        for each in [each for each, first in self.first.items() if first == key]:
            del self.first[each]
        if now is not None:
            self.first[now] = key

    def _now(self, kind: str, path: tuple[str, ...]) -> Key:
        if 1 + len(path) < _IN_TABLE:
            return kind, *path
        return kind, *self.key("relation", *path[:2])[1:], *path[2:]
