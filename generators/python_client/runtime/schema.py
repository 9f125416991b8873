"""All models of a generated package; their tables are made the first time a model is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

from . import codecs
from .codecs import Codec
from .compatibility.database_range import DatabaseRange
from .identifiers import qualified
from .tables import ModelData, Table

#: ``(class, database schema, type, ((name, database name), ...))``
EnumData: TypeAlias = tuple[str, str | None, str, tuple[tuple[str, str], ...]]


class Schema:
    """All models of one generated ``package``. Tables are made on first use and shared by its clients."""

    def __init__(
        self,
        *,
        models: Mapping[str, ModelData],
        enums: Mapping[str, EnumData],
        package: str,
        database: DatabaseRange,
    ) -> None:
        self._models, self._enums = models, enums
        self.package: str = package
        self.database: DatabaseRange = database
        self._tables: dict[str, Table[Any]] = {}

    def table(self, model: str) -> Table[Any]:
        """The table of ``model``. Two threads may both make it the first time; both are equally good."""
        table = self._tables.get(model)
        if table is None:
            data = self._models[model]
            row_class = getattr(self._module("models"), data[0])
            table = self._tables[model] = Table(model, data, row_class, self._codec, self.table)
        return table

    def _module(self, name: str) -> ModuleType:
        # Not until a model is used: creating all classes takes longer than the rest of importing a client.
        return import_module(f".{name}", self.package)

    def table_of(self, row_class: type[Any]) -> Table[Any] | None:
        """The table whose rows a generated class, or a class made from one, represents."""
        for base in row_class.__mro__:
            if base.__module__ == f"{self.package}.models" and base.__name__ in self._models:
                return self.table(base.__name__)
        return None

    def fields_of(
        self, database_schema: str | None, table: str, columns: Sequence[str]
    ) -> tuple[str, list[str]] | None:
        """The model of a table of the database, and those of its fields that are these columns."""
        for model, (_, model_schema, model_table, stored, *_rest) in self._models.items():
            if model_table == table and model_schema in (None, database_schema):
                names = {column: field for field, _, column, *_ in stored}
                return model, [names[column] for column in columns if column in names]
        return None

    def _codec(self, spelled: str) -> Codec:
        if not spelled.startswith("@"):
            return codecs.for_type(spelled)
        class_name, database_schema, type_name, values = self._enums[spelled[1:]]
        members = {member.value: member for member in getattr(self._module("enums"), class_name)}
        return codecs.for_enum(qualified(database_schema, type_name), members, dict(values))
