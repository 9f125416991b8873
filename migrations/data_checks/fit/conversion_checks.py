"""Values that a script converts, by a change of type or an UPDATE: does the new type take all of them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast import ast

from ...casts.cast_expressions import is_cast
from ...casts.lossless import is_lossless
from ...casts.sql_types import BITS, read_type
from ...ddl.catalog_model import Column, is_of_type
from ...ddl.names import sql_name
from ...identifiers import quoted
from ..check_queries import Check
from ..rows.assignments import assigned_value, condition_of, row_alias
from ..rows.expressions import Expression, is_conversion, is_never_null
from ..rows.row_states import UNKNOWN, Rows, Value
from ..rows.row_tracker import Prior, RowTracker
from . import fit_queries as queries

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
        condition = condition_of(node)
        where = self.tracker.on(rows, prior.columns, condition) if condition is not None else None
        reactions = prior.relation.reactions.values()
        if any("UPDATE" in each.events for each in reactions):
            return  # a trigger may put in other values, a rule do something else
        if rows.has_none or self.tracker.children(prior.relation):
            return
        for target in node.targetList or ():
            column = prior.columns.get(target.name)
            if column is None:
                continue
            told = None
            if not target.indirection and not node.withClause and (where is not None or condition is None):
                told = self.tracker.on(rows, prior.columns, assigned_value(node, target))
            shown, is_asked = (
                rows.place(column, target.name),
                self._may_be_refused(prior, node, target, column),
            )
            if told is None or not self.tracker.expressions.is_known(column.type):
                may_be_null = column in prior.required and not is_never_null(target.val)
                if (is_asked or may_be_null) and not rows.is_empty:
                    yield queries.untold(f"column {shown} gets other values", rows, queries.WRITTEN)
                continue
            reads = told.reads | (where.reads if where else set())
            if is_asked:
                what = f"column {shown} gets values that its type refuses"
                converted = _where(where, f"CAST({told.sql} AS {column.type})", "NULL")
                yield queries.refused(what, rows, prior.columns, alias, converted, reads=reads)
            form = read_type(column.type or "")
            if form.name in _CUT and form.numbers and not self._is_cut(target.val):
                what = f"column {shown} gets values that are too long"
                too_long = _where(where, too_long_for(f"({told.sql})", column.type or ""), "false")
                yield queries.rows_that(what, rows, prior.columns, alias, too_long, reads=reads)
            if column in prior.required and not is_never_null(target.val):
                what = f"column {shown} is NOT NULL, and would be set to NULL"
                is_null = _where(where, f"({told.sql}) IS NULL", "false")
                yield queries.rows_that(what, rows, prior.columns, alias, is_null, reads=reads)

    def inserted(self, node: _Node, prior: Prior) -> Iterator[Check]:
        """The same of rows that an INSERT takes from a query; constants are the same in every database."""
        rows = self.tracker.rows_of(prior.relation)
        query = node.selectStmt
        if query is None or query.valuesLists or not (query.fromClause and rows.is_whole and rows.is_known):
            return
        name, alias = sql_name(rows.name), row_alias(node)
        named = [target.name for target in node.cols or ()] or [*prior.columns]
        told = {each: prior.columns[each] for each in named if self._is_whole(rows, prior.columns.get(each))}
        if told:
            what = f"the rows that the script inserts into {name} have values that a column refuses"
            value = f"ROW({', '.join(map(quoted, told))})"
            yield queries.refused(what, rows, told, alias, value, reads=())
        for each, column in told.items():
            if column in prior.required and not rows.value(column).is_never_null:
                what = f"the rows that the script inserts into {name} have NULL in {quoted(each)}"
                yield queries.rows_that(what, rows, told, alias, f"{quoted(each)} IS NULL")

    def _is_whole(self, rows: Rows, column: Column | None) -> bool:
        return column is not None and self.tracker.is_told(rows, column) and not rows.value(column).is_partial

    def _is_cut(self, value: _Node) -> bool:
        """Whether it is a constant, or its own cast makes it as short as it has to be."""
        if isinstance(value, ast.TypeCast) and value.typeName is not None:
            return read_type(self.tracker.interpreter.state.type_text(value.typeName)).name in _CUT
        return isinstance(value, ast.A_Const)

    def _may_be_refused(self, prior: Prior, node: _Node, target: _Node, column: Column) -> bool:
        """Whether the type, or a domain's rule, may refuse what an UPDATE assigns."""
        value = target.val
        if self.tracker.domain_of(column.type) is not None:
            return True
        if node.fromClause and not isinstance(value, ast.A_Const):
            return True  # of another table, whose types are not looked up
        if isinstance(value, ast.ColumnRef):
            source = prior.columns.get(getattr((value.fields or ())[-1], "sval", None) or "")
            return source is not None and not is_lossless(prior.types[source] or "unknown", column.type or "")
        return is_conversion(value)

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
        converted = tracker.rules.collated(converted, column, new)
        form = read_type(new)
        if using is None and form.name in _CUT and form.numbers:
            condition = too_long_for(name, new)
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


def too_long_for(value: str, new: str) -> str:
    """A condition: a text or bit string, or one in a list, that an assignment to the type refuses."""
    form = read_type(new)
    most = form.numbers[0]
    of = "value" if form.lists else value
    if form.name in BITS:
        fits = "=" if form.name == "bit" else "<="
        condition = f"NOT length({of}) {fits} {most}"
    else:
        condition = f"rtrim(substr({of}::text, {most + 1}), ' ') <> ''"
    return f"EXISTS (SELECT FROM unnest({value}) AS value WHERE {condition})" if form.lists else condition


def _where(condition: Expression | None, value: str, otherwise: str) -> str:
    return value if condition is None else f"CASE WHEN {condition.sql} THEN {value} ELSE {otherwise} END"
