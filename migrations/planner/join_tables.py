"""The join tables of implicit many-to-many relations: named after the relation, with sides A and B.

Source: Prisma's documentation, "Conventions for relation tables in implicit m-n relations".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from schemas.model import Field, Key, Model, Relation, Schema

from ..ddl.names import Name
from .context import table_name

Side = tuple[str, str]  # a model and its field
_COLUMNS = ("A", "B")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTable:
    """``sides`` are the relation fields of the columns A and B; ``name`` is the table's."""

    name: Name
    sides: tuple[Side, Side]


def join_tables(schema: Schema) -> list[JoinTable]:
    """All of them, by name. They are in the Postgres schema of A's model."""
    sides: dict[str, list[tuple[Model, Field]]] = {}
    for model in schema.models:
        for field in model.relations:
            if field.is_list and field.relation is not None:
                sides.setdefault(field.relation.name, []).append((model, field))
    tables = []
    for relation, both in sorted(sides.items()):
        if len(both) != 2:
            continue
        first, second = sorted(both, key=lambda side: (side[0].name, side[1].name))
        schema_name, _ = table_name(first[0])
        places = (first[0].name, first[1].name), (second[0].name, second[1].name)
        tables.append(JoinTable(name=(schema_name, f"_{relation}"), sides=places))
    return tables


def join_models(schema: Schema) -> Mapping[Name, Model]:
    """The join tables as models, by name: each column has the type of the key that it references."""
    return {table.name: _as_model(table, schema) for table in join_tables(schema)}


def joined_keys(schema: Schema) -> Mapping[tuple[Name, str], tuple[Model, Field]]:
    """The model and its key that each column of a join table references, by table and column."""
    return {
        (table.name, column): _key(schema.models_by_name[model])
        for table in join_tables(schema)
        for column, (model, _field) in zip(_COLUMNS, table.sides, strict=True)
    }


def _key(model: Model) -> tuple[Model, Field]:
    assert model.primary_key is not None, "Prisma accepts such a relation only of models with a key"
    return model, model.field(model.primary_key.fields[0])


def _as_model(table: JoinTable, schema: Schema) -> Model:
    columns: list[Field] = []
    relations: list[Field] = []
    for column, (side, _field) in zip(_COLUMNS, table.sides, strict=True):
        model, key = _key(schema.models_by_name[side])
        columns.append(
            replace(
                key, name=column, column=column, default=None, is_id=False, is_unique=False,
                is_updated_at=False, is_foreign_key=True,
            )
        )  # fmt: skip
        relation = Relation(table.name[1], (column,), (key.name,), on_delete="Cascade", on_update="Cascade")
        relations.append(
            Field(name=f"of{column}", kind="object", type=model.name, column=f"of{column}", relation=relation)
        )
    return Model(
        name=table.name[1],
        table=table.name[1],
        database_schema=table.name[0],
        fields=(*columns, *relations),
        primary_key=Key("A_B", _COLUMNS),
        indexes=(Key("B", ("B",)),),
    )
