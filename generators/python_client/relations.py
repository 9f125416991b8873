"""What a relation field is in the database: whose key it follows, or the table that joins both sides."""

from __future__ import annotations

from schemas.model import Field, Model, Relation, Schema


def stored_relation(schema: Schema, model: Model, field: Field, attribute: str) -> tuple[str, ...]:
    """A relation as the runtime spells it; see the runtime's ``tables.RelationData``."""
    target = schema.models_by_name[field.type]
    relation = relation_of(field)
    if relation.fields:
        kind = "parent" if field.is_required else "parent?"
        return _row(field, attribute, kind, relation.fields, relation.references)
    other = opposite(schema, model, field)
    key = relation_of(other)
    if key.fields:
        kind = "children" if field.is_list else "child"
        return _row(field, attribute, kind, key.references, key.fields)
    return (
        *_row(field, attribute, "many", _identity(model), _identity(target)),
        *_join(relation, (model, field), (target, other)),
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


def _row(
    field: Field, attribute: str, kind: str, own: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[str, ...]:
    return (field.name, attribute, field.type, kind, ",".join(own), ",".join(theirs))


def _join(
    relation: Relation, here: tuple[Model, Field], there: tuple[Model, Field]
) -> tuple[str, str, str, str]:
    """Schema, table, and both columns of Prisma's own table for a relation of many to many.

    Its column ``A`` is of the model that comes first by name; where both are one model, the field decides.
    https://www.prisma.io/docs/orm/prisma-schema/data-model/relations/many-to-many-relations
    """
    first, _ = sorted((here, there), key=lambda side: (side[0].name, side[1].name))
    columns = ("A", "B") if first == here else ("B", "A")
    return (first[0].database_schema or "", f"_{relation.name}", *columns)


def _identity(model: Model) -> tuple[str, ...]:
    """The one field that Prisma lets such a relation refer to."""
    if model.primary_key is not None:
        return model.primary_key.fields
    return next(key.fields for key in model.uniques if len(key.fields) == 1)


def relation_of(field: Field) -> Relation:
    """What is known of a field that is a relation. Raises ValueError for any other."""
    if field.relation is None:
        raise ValueError(f"{field.name} is no relation")
    return field.relation
