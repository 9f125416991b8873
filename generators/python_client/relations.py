"""A relation field in the database: which side has the foreign key, or the table that joins both sides."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.model import Field, Model, Relation, Schema

from ..rendering.render import python_string, python_tuple


class StoredJoin(NamedTuple):
    """The table between both sides of a relation; see the runtime's ``tables.JoinData``."""

    database_schema: str | None
    table: str
    own: str
    other: str

    @property
    def literal(self) -> str:
        """The table as a Python tuple, as _data.py holds it."""
        schema = "None" if self.database_schema is None else python_string(self.database_schema)
        return f"({', '.join([schema, *map(python_string, (self.table, self.own, self.other))])})"


class StoredRelation(NamedTuple):
    """One side of a relation; see the runtime's ``tables.RelationData``."""

    field: str
    attribute: str
    model: str
    kind: Literal["parent", "parent?", "child", "children", "many"]
    own: tuple[str, ...]
    theirs: tuple[str, ...]
    join: StoredJoin | None = None

    @property
    def is_parent(self) -> bool:
        """Whether this side has the key."""
        return self.kind in ("parent", "parent?")

    @property
    def literal(self) -> str:
        """The relation as a Python tuple, as _data.py holds it."""
        texts = [python_string(text) for text in (self.field, self.attribute, self.model, self.kind)]
        join = "None" if self.join is None else self.join.literal
        return f"({', '.join([*texts, python_tuple(self.own), python_tuple(self.theirs), join])})"


def stored_relation(schema: Schema, model: Model, field: Field, attribute: str) -> StoredRelation:
    """A relation as the runtime has it."""
    target = schema.models_by_name[field.type]
    relation = relation_of(field)
    if relation.fields:
        kind: Literal["parent", "parent?"] = "parent" if field.is_required else "parent?"
        return StoredRelation(field.name, attribute, field.type, kind, relation.fields, relation.references)
    other = opposite(schema, model, field)
    key = relation_of(other)
    if key.fields:
        side: Literal["children", "child"] = "children" if field.is_list else "child"
        return StoredRelation(field.name, attribute, field.type, side, key.references, key.fields)
    join = _join(relation, (model, field), (target, other))
    return StoredRelation(
        field.name, attribute, field.type, "many", _identity(model), _identity(target), join
    )


def opposite(schema: Schema, model: Model, field: Field) -> Field:
    """The same relation's field on the other side."""
    target = schema.models_by_name[field.type]
    name = relation_of(field).name
    return next(
        other
        for other in target.relations
        if relation_of(other).name == name and (target.name != model.name or other.name != field.name)
    )


def _join(relation: Relation, here: tuple[Model, Field], there: tuple[Model, Field]) -> StoredJoin:
    """Prisma's own table for a relation of many to many.

    Its column ``A`` is of the model that comes first by name; where both are one model, the field decides.
    https://www.prisma.io/docs/orm/prisma-schema/data-model/relations/many-to-many-relations
    """
    first, _ = sorted((here, there), key=lambda side: (side[0].name, side[1].name))
    own, other = ("A", "B") if first == here else ("B", "A")
    return StoredJoin(first[0].database_schema, f"_{relation.name}", own, other)


def _identity(model: Model) -> tuple[str, ...]:
    """The one field that Prisma lets such a relation refer to."""
    if model.primary_key is not None:
        return model.primary_key.fields
    return next(key.fields for key in model.uniques if len(key.fields) == 1)


def relation_of(field: Field) -> Relation:
    """The relation of a field. Raises ValueError for a field that is not a relation."""
    if field.relation is None:
        raise ValueError(f"{field.name} is not a relation")
    return field.relation
