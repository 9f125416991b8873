"""A classified change as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["added", "removed", "renamed", "changed", "documented"]
Subject = Literal["model", "field", "relation", "enum", "value", "key", "index", "partial", "attribute"]

#: ``breaking``: code that uses an earlier client, or that client on the new database, can fail.
#: ``additive``: there is something new to use. ``internal``: users need not know.
Compatibility = Literal["breaking", "additive", "internal"]


@dataclass(frozen=True, slots=True)
class Change:
    """``name`` is the subject's schema name (``Review``, ``Review.rating``), the new one after a rename.

    ``text`` is one sentence without a full stop, on one line. It has schema names and escaped literals in it,
    but is not escaped for markdown or HTML. ``rule`` is the kind of change more exactly, as
    :mod:`schemas.comparison.consumers` lists them; ``was`` the subject's name in the schema before, if it had
    one. ``old`` and ``new`` are the fields of a key, by the names of the schema before and of this one.
    """

    kind: Kind
    subject: Subject
    name: str
    compatibility: Compatibility
    text: str
    rule: str = ""
    was: str = ""
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    @property
    def exact_rule(self) -> str:
        """``rule``, where it has one: else the subject and the kind say all."""
        return self.rule or f"{self.subject}-{self.kind}"
