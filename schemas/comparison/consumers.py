"""Which kinds of consumers a change concerns, and how: the table behind every verdict on one consumer.

:mod:`schemas.comparison.compare` says whether a change breaks anybody: the number follows that. Here is
whom. A rule that isn't in the table is a mistake of ours, and a test goes through all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from .change import Change

#: Code that imports one of the packages; whoever reads or writes rows as JSON; the code of the version before
#: on the database of this one; and this version's code on the database of the one before.
Consumer: TypeAlias = Literal["python", "node", "typescript", "json", "old-code", "new-code"]
#: ``changes``: it compiles and runs as before, and does something else.
Effect: TypeAlias = Literal["breaks", "adds", "changes", "none"]

CONSUMERS: Final[tuple[Consumer, ...]] = ("python", "node", "typescript", "json", "old-code", "new-code")
TITLES: Final[Mapping[Consumer, str]] = {
    "python": "Python client",
    "node": "Node client",
    "typescript": "TypeScript types",
    "json": "JSON",
    "old-code": "old code on the new database",
    "new-code": "new code on the old database",
}

_EFFECTS: Mapping[str, Effect] = {"B": "breaks", "A": "adds", "C": "changes", "-": "none"}
#: By rule, one letter for each consumer, in their order.
_BY_RULE: Final[Mapping[str, str]] = {
    "model-added": "AAAA-B",
    "model-removed": "BBBBB-",
    "model-renamed": "BBB---",
    "model-documented": "------",
    "table-name": "----BB",
    "view": "BBB-BB",
    "attribute-renamed": "B-----",
    "field-added": "AAAA-B",
    "field-added-filled-by-clients": "AAAABB",
    "field-added-required": "BBBBBB",
    "field-removed": "BBBBB-",
    "field-removed-required": "BBBBBB",
    "field-renamed": "BBBB--",
    "field-documented": "------",
    "unsupported-added": "-----B",
    "unsupported-removed": "----B-",
    "type": "BBBBBB",
    "column-name": "----BB",
    "optional": "BBBBBB",
    "required": "BBBBBB",
    "wider": "AA-A-B",
    "narrower": "BB-BB-",
    "default-removed": "BBBBB-",
    "default-moved": "----B-",
    "default": "CC----",
    "updated-at": "CC----",
    "relation-added": "AAAA--",
    "relation-removed": "BBBB--",
    "relation-added-with-its-table": "AAAA-B",
    "relation-removed-with-its-table": "BBBBB-",
    "relation-renamed": "BBBB--",
    "relation-documented": "------",
    "foreign-key": "BB--BB",
    "join-table": "----BB",
    "on-delete-internal": "------",
    "on-delete-additive": "CC--CC",
    "on-delete-breaking": "CC--BC",
    "enum-added": "AAAA-B",
    "enum-removed": "BBBBB-",
    "enum-renamed": "BBB---",
    "enum-documented": "------",
    "type-name": "----BB",
    "value-added": "AAAACB",
    "value-removed": "BBBBBB",
    "value-renamed": "BBBB--",
    "value-documented": "------",
    "stored-value": "----BB",
    "primary-key": "BBB-BB",
    "key-added": "AAA-BB",
    "key-added-with-nulls": "AAA--B",
    "key-removed": "BBB-BB",
    "key-renamed": "BBB---",
    "partial-key-added": "----B-",
    "partial-key-added-with-nulls": "------",
    "partial-key-removed": "----B-",
    "index-added": "------",
    "index-removed": "------",
    "partial-added": "A-----",
    "partial-removed": "B-----",
    "partial-changed": "B-----",
    "partial-grown": "A-----",
}
RULES: Final = frozenset(_BY_RULE)


def effects(change: Change) -> Mapping[Consumer, Effect]:
    """What ``change`` means for each kind of consumer. Raises KeyError for a rule that isn't in the table."""
    letters = _BY_RULE[change.exact_rule]
    return {consumer: _EFFECTS[letter] for consumer, letter in zip(CONSUMERS, letters, strict=True)}
