"""Values that a script converts, by a change of type or an UPDATE: does the new type take all of them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast

from ..casts.cast_expressions import is_cast
from ..casts.lossless import is_lossless
from ..casts.sql_types import read_type
from ..ddl.catalog_model import Column, is_of_type
from ..identifiers import quoted
from . import fit_queries as queries
from .check_queries import Check
from .expressions import Expression, is_conversion, is_never_null
from .row_states import UNKNOWN, Rows, Value
from .row_tracker import Prior, RowTracker, row_alias

_Node: TypeAlias = Any
_CUT: Final = ("character varying", "character", "bit", "bit varying")
_NULLED: Final = " is NOT NULL, and would become NULL"


@dataclass(slots=True)
class Conversions:
    """Makes the checks of conversions. ``only_nulls``: another reader makes those of a change of type, except
    of the NULLs that it may give."""

    tracker: RowTracker
    only_nulls: bool = False

    def assigned(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """Values that an UPDATE can't convert, or that it would set to NULL in a column that is NOT NULL."""
        rows, alias = self.tracker.rows_of(prior.relation), row_alias(node)
        where = self.tracker.on(rows, prior.columns, node.whereClause) if node.whereClause else None
        is_told = not (node.fromClause or node.withClause) and (where is not None or not node.whereClause)
        reactions = prior.relation.reactions.values()
        if any("UPDATE" in each.events for each in reactions):
            return  # a trigger may put in other values, a rule do something else
        if not is_told or rows.is_empty or self.tracker.children(prior.relation):
            return
        for target in node.targetList or ():
            column = prior.columns.get(target.name)
            told = None if target.indirection else self.tracker.on(rows, prior.columns, target.val)
            if column is None or told is None or not self.tracker.expressions.is_known(column.type):
                continue
            shown, reads = (
                rows.place(column, target.name),
                told.reads | (where.reads if where else set()),
            )
            if is_conversion(target.val):
                what = f"column {shown} gets values that its type refuses"
                converted = _where(where, f"CAST({told.sql} AS {column.type})", "NULL")
                yield queries.refused(what, rows, prior.columns, alias, converted, reads=reads)
            if column in prior.required and not is_never_null(target.val):
                what = f"column {shown} is NOT NULL, and would be set to NULL"
                condition = _where(where, f"({told.sql}) IS NULL", "false")
                yield queries.rows_that(what, rows, prior.columns, alias, condition, reads=reads)

    def retyped(self, prior: Prior, rows: Rows, commands: list[_Node]) -> Iterator[Check]:
        changed: dict[Column, Value] = {}
        for command in commands:
            column = prior.columns.get(command.name)
            if column is None:
                continue
            found: list[Check] = []
            changed[column] = self._converted(prior, rows, command, column, found)
            if not rows.is_empty:
                yield from (check for check in found if not self.only_nulls or _NULLED in check["what"])
        if rows.is_empty:
            rows.is_as_before = False
        else:
            changed |= {c: v for c, v in self.tracker.generated_of(prior).items() if c not in changed}
            rows.change(prior.columns, prior.name[1], changed)

    def _converted(
        self, prior: Prior, rows: Rows, command: _Node, column: Column, found: list[Check]
    ) -> Value:
        """The new value of a column, over the rows under the names before; ``found`` gets the checks."""
        tracker = self.tracker
        expressions, database = tracker.expressions, tracker.interpreter.database
        new = column.type or ""
        name = quoted(command.name)
        what = f"column {rows.place(column, command.name)} becomes {new}, and has values that don't fit"
        enum = next((each for own, each in database.enums.items() if is_of_type(new, own)), None)
        using = command.def_.raw_default
        simple = is_cast(using, command.name)
        while enum is not None and isinstance(using, ast.TypeCast) and self._is_type(using.typeName, new):
            using = using.arg
        node = using if using is not None else ast.ColumnRef(fields=(ast.String(sval=command.name),))
        told = self.tracker.on(rows, prior.columns, node)
        if told is None or (enum is None and not expressions.is_known(new)):
            found.append(queries.untold(what, rows, queries.WRITTEN))
            return UNKNOWN
        reads = told.reads | expressions.types_of(new)
        is_list = new.endswith("[]")
        if enum is not None:
            text = f"({told.sql})::text{'[]' * is_list}"
            condition = queries.not_in(text, enum.values, is_list=is_list)
            found.append(queries.rows_that(what, rows, prior.columns, prior.name[1], condition, reads=reads))
            found += self._null_of(prior, rows, column, text, reads=reads, simple=simple)
            return Value(
                text, is_exact=False, is_never_null=rows.value(column).is_never_null and simple, reads=reads
            )
        converted = f"CAST({told.sql} AS {new})"
        form = read_type(new)
        if using is None and form.name in _CUT and form.numbers and not is_list:
            condition = f"rtrim(substr({name}::text, {form.numbers[0] + 1}), ' ') <> ''"
            found.append(queries.rows_that(what, rows, {command.name: column}, prior.name[1], condition))
        elif not (simple and is_lossless(prior.types[column] or "unknown", new)):
            found.append(queries.refused(what, rows, prior.columns, prior.name[1], converted, reads=reads))
        found += self._null_of(prior, rows, column, converted, reads=reads, simple=simple)
        return Value(converted, is_never_null=rows.value(column).is_never_null and simple, reads=reads)

    def _null_of(
        self, prior: Prior, rows: Rows, column: Column, new: str, *, reads: frozenset[str], simple: bool
    ) -> Iterator[Check]:
        """A required column whose conversion gives NULL for some values: of an empty list, for one."""
        is_first = (prior.types[column] or "").endswith("[]") and not (column.type or "").endswith("[]")
        if column in prior.required and column.is_required and (is_first or not simple):
            name = next(name for name, each in prior.columns.items() if each is column)
            what = f"column {rows.place(column, name)}{_NULLED}"
            condition = f"{new} IS NULL"
            yield queries.rows_that(what, rows, prior.columns, prior.name[1], condition, reads=reads)

    def _is_type(self, type_name: _Node, text: str) -> bool:
        return self.tracker.interpreter.state.type_text(type_name) == text


def _where(condition: Expression | None, value: str, otherwise: str) -> str:
    return value if condition is None else f"CASE WHEN {condition.sql} THEN {value} ELSE {otherwise} END"
