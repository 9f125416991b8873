"""Foreign keys and indexes in tables.py: statements behind all classes, as they refer to columns of any."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.model import Model

from ...rendering.render import python_string, python_tuple
from ..relations import relation_of
from .database_keys import DatabaseKeys, Index
from .orm_relations import RelationWriter
from .orm_text import called, named

_ACTIONS = {"Cascade": "CASCADE", "Restrict": "RESTRICT", "NoAction": "NO ACTION", "SetNull": "SET NULL",
            "SetDefault": "SET DEFAULT"}  # fmt: skip


def foreign_keys(relations: RelationWriter, keys: DatabaseKeys) -> Iterable[str]:
    """A call for each foreign key that the database has for the model of ``relations``."""
    model = relations.model
    for field in model.relations:
        relation = relation_of(field)
        if not relation.fields or not relations.is_constrained(field.type):
            continue
        target = relations.schema.models_by_name[field.type]
        is_required = any(model.field(name).is_required for name in relation.fields)
        on_delete = relation.on_delete or ("Restrict" if is_required else "SetNull")
        name = keys.foreign_key(field.name, relation.fields)
        arguments = {
            "name": python_string(name),
            "ondelete": python_string(_ACTIONS[on_delete]),
            "onupdate": python_string(_ACTIONS[relation.on_update or "Cascade"]),
        }
        columns = _columns(model, relation.fields)
        references = _columns(target, relation.references)
        given = [model.name, columns, target.name, references, *named(arguments)]
        yield called("_orm.foreign_key", given, 0)


def _columns(model: Model, fields: Iterable[str]) -> str:
    return python_tuple(model.field(name).column for name in fields)


def indexes(model: Model, keys: DatabaseKeys) -> Iterable[str]:
    """A call for each index."""
    return (called("_orm.index", [model.name, *_index(index)], 0) for index in keys.indexes)


def _index(index: Index) -> list[str]:
    arguments = [python_string(index.name), python_tuple(part.column for part in index.parts)]
    if index.is_unique:
        arguments.append("unique=True")
    descending = [part.column for part in index.parts if part.is_descending]
    if descending:
        arguments.append(f"descending={python_tuple(descending)}")
    if index.method is not None:
        arguments.append(f"using={python_string(index.method)}")
    operators = [(part.column, part.operators) for part in index.parts if part.operators is not None]
    if operators:
        pairs = ", ".join(f"{python_string(column)}: {python_string(name)}" for column, name in operators)
        arguments.append(f"operators={{{pairs}}}")
    if index.where is not None:
        arguments.append(f"where={python_string(index.where)}")
    return arguments
