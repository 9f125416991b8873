"""The names of a model's types in types.py: Prisma Client Python's, unless they are taken."""

from __future__ import annotations

from schemas.model import Schema

#: A model's types; ``{}`` is its name.
PATTERNS = {
    "where": "{}WhereInput",
    "unique": "{}WhereUniqueInput",
    "order": "{}OrderByInput",
    "include": "{}Include",
    "fields": "{}ScalarFieldKeys",
    "numbers": "{}NumberFieldKeys",
    "having": "{}ScalarWhereWithAggregatesInput",
    "averages": "{}AvgAggregateOutput",
    "sums": "{}SumAggregateOutput",
    "extremes": "{}ScalarAggregateOutput",
    "aggregate": "{}AggregateOutput",
    "groups": "{}GroupByOutput",
    "create": "{}CreateInput",
    "update": "{}UpdateInput",
    "update_many": "{}UpdateManyMutationInput",
    "upsert": "{}UpsertInput",
    "relation_filter": "{}RelationFilter",
    "list_filter": "{}ListRelationFilter",
    "find_many": "FindMany{}Args",
    "one": "{}Args",
    "count": "{}CountInclude",
    "relevance": "{}RelevanceOrder",
    "create_one": "{}CreateNestedWithoutRelationsInput",
    "create_list": "{}CreateManyNestedWithoutRelationsInput",
    "connect_or_create": "{}ConnectOrCreateWithoutRelationsInput",
    "update_one": "{}UpdateOneWithoutRelationsInput",
    "update_list": "{}UpdateManyWithoutRelationsInput",
    "update_where": "{}UpdateWithWhereUniqueInput",
    "update_many_where": "{}UpdateManyWithWhereInput",
    "upsert_where": "{}UpsertWithWhereUniqueInput",
}
#: Names of Prisma Client Python for what has another one here; ``{0}`` is the model's.
ALIASES = {
    "keys": "{0}Keys",
    "relation_keys": "{0}RelationalFieldKeys",
    "optional_create": "{0}OptionalCreateInput",
    "create_below": "{0}CreateWithoutRelationsInput",
    "optional_create_below": "{0}OptionalCreateWithoutRelationsInput",
    "find_first": "FindFirst{0}Args",
    "find_many_below": "FindMany{0}ArgsFrom{0}",
    "one_below": "{0}ArgsFrom{0}",
    "include_below": "{0}IncludeFrom{0}",
    "least": "{0}MinAggregateOutput",
    "greatest": "{0}MaxAggregateOutput",
    "counts": "{0}CountAggregateOutput",
    "ask_counts": "{0}CountAggregateInput",
    "ask_least": "{0}MinAggregateInput",
    "ask_greatest": "{0}MaxAggregateInput",
    "ask_numbers": "{0}NumberAggregateInput",
    "ask_averages": "{0}AvgAggregateInput",
    "ask_sums": "{0}SumAggregateInput",
}
_ENUM_TYPES = (
    *("{}Conditions", "{}Filter", "{}ListFilter", "{}ListSet", "{}ListUpdate"),
    *("{}Literal", "{}OrName"),
)


class TypeNames:
    """A name for each type of each model, no two the same: ``UserListRelationFilter`` could be two."""

    def __init__(self, schema: Schema) -> None:
        self._names: dict[tuple[str, str], str] = {}
        taken = {pattern.format(enum.name) for enum in schema.enums for pattern in _ENUM_TYPES}
        for kind, pattern in (PATTERNS | ALIASES).items():
            for model in schema.models:
                name = pattern.format(model.name)
                while name in taken:
                    name += "_"
                taken.add(name)
                self._names[kind, model.name] = name

    def of(self, kind: str, model: str) -> str:
        """The name of one type of a model."""
        return self._names[kind, model]
