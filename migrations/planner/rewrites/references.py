"""Foreign keys that use a field: the rows that it can reference."""

from __future__ import annotations

from schemas.model import Field, Model, Relation

from ...ddl.names import sql_name
from ...identifiers import quoted
from ..context import Context, table_name


def points_elsewhere(model: Model, field: Field) -> bool:
    """Whether a foreign key uses the field."""
    return bool(_keys(model, field))


def points_at_nothing(model: Model, field: Field, context: Context) -> bool:
    """Whether a foreign key uses the field to reference a table that is new, and so empty."""
    return any(_is_new(target, context) for target, _ in _targets(model, field, context))


def any_referred(model: Model, field: Field, context: Context) -> str | None:
    """The SQL of the first row's key that a single-column foreign key can reference.

    None for keys with several columns, and if the other table did not exist before.
    """
    targets = _targets(model, field, context)
    if len(targets) != 1:
        return None
    target, relation = targets[0]
    if len(relation.fields) != 1 or _is_new(target, context):
        return None
    column = quoted(target.field(relation.references[0]).column)
    return f"(SELECT {column} FROM {sql_name(table_name(target))} ORDER BY {column} LIMIT 1)"  # noqa: S608 - quoted


def _keys(model: Model, field: Field) -> list[tuple[str, Relation]]:
    """The models that the field references, each with its relation."""
    return [
        (each.type, each.relation)
        for each in model.relations
        if each.relation is not None and field.name in each.relation.fields
    ]


def _targets(model: Model, field: Field, context: Context) -> list[tuple[Model, Relation]]:
    return [(context.after.models_by_name[name], relation) for name, relation in _keys(model, field)]


def _is_new(model: Model, context: Context) -> bool:
    return context.old_model(table_name(model)) is None
