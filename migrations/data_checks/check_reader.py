"""The checks of a downgrade, derived from what down.sql does.

Each check is a query over the database as it is before the script runs, under the names from before the
script's own renames. If the script writes to a table before it tightens it, only running it can show whether
the rows fit: such a table gets no ``in_use`` check, and the transaction is what protects it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.effects import Effect
from ..ddl.names import Name, sql_name
from ..ddl.statements import ParsedStatement
from ..identifiers import quoted
from . import check_queries as queries
from .check_queries import Check
from .retype_checks import retype_check


@dataclass(frozen=True, slots=True)
class AskedCheck:
    """A check, and the effect from which it was derived."""

    check: Check
    effect: Effect

    @property
    def is_loss(self) -> bool:
        """Whether the downgrade destroys the rows that the check finds; otherwise it would fail on them."""
        return bool(self.check["kind"] == "loss")

    def is_about_new(self, database: Database) -> bool:
        """Whether it concerns an object that is new in ``database``, by its names there."""
        effect = self.effect
        if effect.schema is not None:
            return database.schema_before(effect.schema) is None
        if effect.type_name is not None:
            known = database.types.get(effect.type_name)
            return known is not None and known.origin is None
        table = database.relations.get(effect.table) if effect.table is not None else None
        if table is None:
            return False
        column = table.columns.get(effect.column or "")
        return table.origin is None or (column is not None and column.origin is None)


class CheckReader:
    """Reads scripts in their order, and derives the checks of each for the data before the first.

    ``database`` is the model of the database before, as far as it is known. ``put_off`` are the columns, as
    SQL, that the last script tightens after rows were written: checking their present values proves nothing.
    """

    def __init__(self, database: Database | None = None) -> None:
        self.put_off: list[str] = []
        self.database = database or Database()
        self._interpreter = DdlInterpreter(self.database)
        self._asked: list[AskedCheck] = []
        self._schemas: set[str] = set()  # those that are dropped as a whole

    def checks_of(self, script: Iterable[ParsedStatement]) -> list[AskedCheck]:
        """The checks of the next script."""
        self._asked, self.put_off = [], []
        for _, effect in self._interpreter.apply_script(script):
            if (asked := _ASKED.get(effect.kind)) is not None:
                asked(self, effect)
        return self._asked

    def table(self, effect: Effect) -> None:
        if effect.how == "DROP SCHEMA" and _table(effect)[0] in self._schemas:
            return  # counted with the rest of it
        self._add(effect, queries.rows_lost(_table(effect), effect.how, only=effect.only, but=effect.kept))

    def referring(self, effect: Effect) -> None:
        self._add(effect, queries.rows_referring_lost(_table(effect), effect.kept, effect.how))

    def schema(self, effect: Effect) -> None:
        assert effect.schema is not None
        self._schemas.add(effect.schema)
        self._add(effect, queries.rows_of_schema_lost(effect.schema, effect.kept, effect.how))

    def rows(self, effect: Effect) -> None:
        if effect.deletion is None:
            self._add(effect, queries.rows_lost(_table(effect), effect.how, only=effect.only))
        else:
            deletion = effect.deletion
            check = queries.rows_deleted(
                _table(effect), deletion.alias, deletion.condition, deletion.renamed, only=effect.only
            )
            self._add(effect, check)

    def column(self, effect: Effect) -> None:
        self._add(effect, queries.values_lost(*_column(effect), effect.how, only=effect.only))

    def columns_of_type(self, effect: Effect) -> None:
        assert effect.type_name is not None
        self._add(effect, queries.values_of_type_lost(effect.type_name, effect.told, effect.how))

    def attribute(self, effect: Effect) -> None:
        assert effect.type_name is not None
        check = queries.values_of_attribute_lost(effect.type_name, effect.column or "", effect.how)
        self._add(effect, check)

    def code(self, effect: Effect) -> None:
        self._add(effect, queries.anything_lost(f"what {effect.detail} takes away"))

    def overwritten(self, effect: Effect) -> None:
        self._add(effect, queries.values_overwritten(*_column(effect), effect.deletion, effect.detail))

    def null(self, effect: Effect) -> None:
        if not effect.is_new and not self._is_put_off(effect):
            self._add(effect, queries.nulls(*_column(effect)))

    def new_null(self, effect: Effect) -> None:
        if not self._is_put_off(effect):
            check = queries.rows_without(*_column(effect), unless_there=effect.may_be_missing)
            self._add(effect, check)

    def type(self, effect: Effect) -> None:
        retype = effect.retype
        assert retype is not None
        # A script's own writes may make values fit; what it would destroy is checked nevertheless.
        is_fit = retype.labels is not None and retype.is_cast
        if (effect.is_written if is_fit else effect.was_written) and self._is_put_off(effect):
            return
        check = retype_check(*_column(effect), retype)
        if check is not None:
            self._add(effect, check)

    def _is_put_off(self, effect: Effect) -> bool:
        if not effect.is_written:
            return False
        assert effect.now is not None
        table, column = effect.now
        self.put_off.append(f"{sql_name(table)}.{quoted(column)}")
        return True

    def _add(self, effect: Effect, check: Check) -> None:
        if effect.may_be_missing:
            check = queries.unless_missing(check)
        if all(check != each.check for each in self._asked):
            self._asked.append(AskedCheck(check, effect))


def _table(effect: Effect) -> Name:
    assert effect.table is not None
    return effect.table


def _column(effect: Effect) -> tuple[Name, str]:
    assert effect.column is not None
    return _table(effect), effect.column


_ASKED: Final[dict[str, Callable[[CheckReader, Effect], None]]] = {
    "table": CheckReader.table,
    "schema": CheckReader.schema,
    "rows": CheckReader.rows,
    "column": CheckReader.column,
    "columns of type": CheckReader.columns_of_type,
    "attribute": CheckReader.attribute,
    "code": CheckReader.code,
    "unread": CheckReader.code,
    "overwritten": CheckReader.overwritten,
    "referring": CheckReader.referring,
    "null": CheckReader.null,
    "new null": CheckReader.new_null,
    "type": CheckReader.type,
}
