"""The changes of a model's keys and indexes, and what they break."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Key, Model
from .change import Change
from .fields import is_filled_by_database
from .renames import Renames


def key_changes(before: Model, after: Model, renames: Renames) -> Iterator[Change]:
    """Primary key, uniques and indexes of one model, which may have been renamed."""
    if _translated(before, before.primary_key, renames) != _fields(after.primary_key):
        words = f"{_words(before.primary_key)} and is {_words(after.primary_key)}"
        text = f"the primary key of {after.name} was {words}"
        old, new = _fields(before.primary_key), _fields(after.primary_key)
        yield Change("changed", "key", after.name, "breaking", text, "primary-key", old=old, new=new)
    elif before.primary_key and after.primary_key:
        yield from _name_changes(before.primary_key, after.primary_key, after, before, renames)
    yield from _unique_changes(before, after, renames)
    yield from _partial_unique_changes(before, after, renames)
    yield from _index_changes(before, after, renames)


def _unique_changes(before: Model, after: Model, renames: Renames) -> Iterator[Change]:
    old = {_translated(before, key, renames): key for key in before.uniques}
    new = {key.fields: key for key in after.uniques}
    for fields, key in old.items():
        if fields in new:
            yield from _name_changes(key, new[fields], after, before, renames)
        elif fields != _fields(after.primary_key):
            yield _removed_unique(after, key)
    for fields, key in new.items():
        if fields not in old and fields != _translated(before, before.primary_key, renames):
            yield _added_unique(before, after, key, renames)


def _partial_unique_changes(before: Model, after: Model, renames: Renames) -> Iterator[Change]:
    """The changes of partial unique indexes. Fields that are or were unique in all rows are left to
    :func:`_unique_changes`."""
    old = {(_translated(before, key, renames), key.where): key for key in before.partial_uniques}
    new = {(key.fields, key.where): key for key in after.partial_uniques}
    whole = {_translated(before, key, renames) for key in before.uniques}
    whole |= {key.fields for key in after.uniques}
    for identity, key in old.items():
        if identity not in new and identity[0] not in whole:
            yield _removed_unique(after, key)
    for identity, key in new.items():
        if identity not in old and identity[0] not in whole:
            yield _added_unique(before, after, key, renames)


def _removed_unique(after: Model, key: Key) -> Change:
    text = f"{after.name} is no longer unique by {_words(key)}: code that finds one row by it fails"
    return Change("removed", "key", after.name, "breaking", text, _of(key, "key-removed"), old=key.fields)


def _added_unique(before: Model, after: Model, key: Key, renames: Renames) -> Change:
    known = {renames.member(before.name, field.name) for field in before.fields}
    fresh = [after.field(name) for name in key.fields if name not in known]
    if any(field.default is None and is_filled_by_database(field) for field in fresh):
        # Earlier clients leave that column NULL, and NULLs are not equal to each other.
        rule = _of(key, "key-added-with-nulls")
        text = f"{after.name} is unique by {_words(key)}"
        return Change("added", "key", after.name, "additive", text, rule, new=key.fields)
    text = f"{after.name} is now unique by {_words(key)}: duplicate rows are refused"
    return Change("added", "key", after.name, "breaking", text, _of(key, "key-added"), new=key.fields)


def _of(key: Key, rule: str) -> str:
    """A key of some rows addresses none, so clients don't take it."""
    return rule if key.where is None else f"partial-{rule}"


def _name_changes(old: Key, new: Key, after: Model, before: Model, renames: Renames) -> Iterator[Change]:
    """A renamed compound key: code uses the name. A name made of the fields follows their renames."""
    if len(new.fields) == 1 or old.name == new.name:
        return
    if old.name == "_".join(old.fields) and new.name == "_".join(_translated(before, old, renames)):
        return
    text = f"the key {old.name} of {after.name} is now called {new.name}"
    yield Change("renamed", "key", after.name, "breaking", text, old=old.fields, new=new.fields)


def _index_changes(before: Model, after: Model, renames: Renames) -> Iterator[Change]:
    old = {_translated(before, key, renames) for key in before.indexes}
    new = {key.fields for key in after.indexes}
    for fields in sorted(new - old):
        text = f"{after.name} has an index on {', '.join(fields)}"
        yield Change("added", "index", after.name, "internal", text)
    for fields in sorted(old - new):
        text = f"{after.name} no longer has an index on {', '.join(fields)}"
        yield Change("removed", "index", after.name, "internal", text)


def _translated(model: Model, key: Key | None, renames: Renames) -> tuple[str, ...]:
    return tuple(renames.member(model.name, name) for name in _fields(key))


def _fields(key: Key | None) -> tuple[str, ...]:
    return key.fields if key else ()


def _words(key: Key | None) -> str:
    if key is None:
        return "nothing"
    condition = "" if key.where is None else f" where {key.where}"
    return ", ".join(key.fields) + condition
