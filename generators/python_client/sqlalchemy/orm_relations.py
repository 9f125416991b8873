"""Relations in tables.py: ``relationship()`` and the tables between both sides of many to many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.model import Field, Model, Schema

from ...rendering.render import python_string
from ..relations import StoredJoin, StoredRelation, opposite, relation_of, stored_relation
from ..view import literal_or_none
from .orm_columns import schema_of
from .orm_text import attribute_names, called, named


@dataclass(frozen=True, slots=True)
class RelationWriter:
    """Writes the relations of ``model``. Without ``has_foreign_keys`` the database has no keys for them."""

    schema: Schema
    model: Model
    base: str
    has_foreign_keys: bool

    def joins(self) -> Iterable[str]:
        """Calls that make the tables of relations of many to many; each is written by both of its sides."""
        for field in self.model.relations:
            row = self._row(field)
            join = row.join
            if join is None:
                continue
            (own,), (theirs,) = row.own, row.theirs
            sides = {join.own: (self.model.name, own), join.other: (row.model, theirs)}
            text = ", ".join(
                f"{python_string(column)}: ({name}, {python_string(self._stored(name, key))})"
                for column, (name, key) in sorted(sides.items())
            )
            arguments = [
                self.base,
                python_string(join.table),
                literal_or_none(schema_of(join.database_schema)),
                f"{{{text}}}",
            ]
            arguments += [] if self.has_foreign_keys else ["constrained=False"]
            yield called("_orm.join_table", arguments, 0)

    def is_optional(self, field: Field) -> bool:
        """Whether a row may have no related one."""
        return not field.is_list and self._row(field).kind != "parent"

    def relationship(self, field: Field, annotation: str) -> str:
        """The attribute of a relation, annotated as ``Mapped[annotation]``."""
        row = self._row(field)
        arguments = self._keyed(field, row) if row.join is None else self._many(row, row.join)
        given = [f"lambda: {field.type}", *named(arguments)]
        name = attribute_names(self.model)[field.name]
        return called(f"{name}: _Mapped[{annotation}] = _relationship", given, 4)

    def _row(self, field: Field) -> StoredRelation:
        return stored_relation(self.schema, self.model, field, field.name)

    def _many(self, row: StoredRelation, between: StoredJoin) -> dict[str, str]:
        """A relation over a table that joins both sides."""
        target, (own,), (theirs,) = row.model, row.own, row.theirs
        inside = schema_of(between.database_schema)
        name = between.table if inside is None else f"{inside}.{between.table}"
        join = f"{self.base}.metadata.tables[{python_string(name)}]"
        arguments = {"back_populates": self._opposite_name(row), "secondary": f"lambda: {join}"}
        if self.has_foreign_keys and target != self.model.name:
            return arguments
        return {
            **arguments,
            "primaryjoin": f'lambda: {self._attribute(self.model.name, own)} == {join}.c["{between.own}"]',
            "secondaryjoin": f'lambda: {self._attribute(target, theirs)} == {join}.c["{between.other}"]',
        }

    def _keyed(self, field: Field, row: StoredRelation) -> dict[str, str]:
        """A relation over a foreign key, on this side or on the other."""
        target = row.model
        ours = [self._attribute(self.model.name, name) for name in row.own]
        others = [self._attribute(target, name) for name in row.theirs]
        keys = ", ".join(ours if row.is_parent else others)
        arguments = {"back_populates": self._opposite_name(row), "foreign_keys": f"lambda: [{keys}]"}
        if not self.is_constrained(target):
            pairs = ", ".join(f"{one} == {other}" for one, other in zip(ours, others, strict=True))
            arguments["primaryjoin"] = f"lambda: _and({pairs})"
        if row.is_parent and target == self.model.name:
            arguments["remote_side"] = f"lambda: [{', '.join(others)}]"
        if self.model.is_view or self.schema.models_by_name[target].is_view:
            return {**arguments, "viewonly": "True"}
        if not row.is_parent:
            # The database decides about the related rows of a deleted one (onDelete).
            arguments["passive_deletes"] = '"all"'
        overlaps = self._overlaps(field)
        return {**arguments, "overlaps": python_string(",".join(overlaps))} if overlaps else arguments

    def _overlaps(self, field: Field) -> list[str]:
        """Relations that write a column which this one writes too, on either side."""
        owner, own = self.model, field
        if not relation_of(own).fields:
            owner, own = self.schema.models_by_name[field.type], opposite(self.schema, owner, own)
        columns = set(relation_of(own).fields)
        found: set[str] = set()
        for other in owner.relations:
            if other.name != own.name and columns & set(relation_of(other).fields):
                target = self.schema.models_by_name[other.type]
                found.add(attribute_names(owner)[other.name])
                found.add(attribute_names(target)[opposite(self.schema, owner, other).name])
        return sorted(found)

    def is_constrained(self, target: str) -> bool:
        """Whether the database has foreign keys between this model and another."""
        is_view = self.model.is_view or self.schema.models_by_name[target].is_view
        return not is_view and self.has_foreign_keys

    def _opposite_name(self, row: StoredRelation) -> str:
        target = self.schema.models_by_name[row.model]
        other = opposite(self.schema, self.model, self.model.field(row.field))
        return python_string(attribute_names(target)[other.name])

    def _attribute(self, model: str, field: str) -> str:
        return f"{model}.{attribute_names(self.schema.models_by_name[model])[field]}"

    def _stored(self, model: str, field: str) -> str:
        return self.schema.models_by_name[model].field(field).column
