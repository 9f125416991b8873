"""The check of a change of type: the rows whose value would not be the same after going back."""

from __future__ import annotations

from ..casts.comparison import Comparison, comparison
from ..ddl.effects import Retype
from ..ddl.names import Name, sql_name
from ..identifiers import literal, quoted
from . import check_queries as queries
from .check_queries import Check


def retype_check(table: Name, column: str, retype: Retype) -> Check | None:
    """None where the types show that no value is lost. What can't be evaluated before may lose them all."""
    if retype.labels is not None:
        return _of_enum(table, column, retype)
    if retype.is_cast and (retype.keeps_values or retype.new == retype.old):
        return None
    if not retype.result:
        return queries.values_of_new_type(table, column, retype.new)
    compared = _compared(table, column, retype)
    if compared is None:
        return queries.values_refused(table, column, retype.result, _shown(retype))
    return _changed(table, column, retype, compared)


def _changed(table: Name, column: str, retype: Retype, compared: Comparison) -> Check:
    differs = f"{compared.before} IS DISTINCT FROM {compared.after}"
    how = f"not all of it fits {_shown(retype)}" if retype.is_cast else f"USING {retype.using} may change it"
    return queries.values_changed(table, column, retype.value, differs, how)


def _shown(retype: Retype) -> str:
    return retype.stand_in or retype.new


def _compared(table: Name, column: str, retype: Retype) -> Comparison | None:
    value, result = retype.value, retype.result
    if retype.old is not None:
        return comparison(
            value,
            result,
            retype.old,
            _shown(retype),
            is_cast=retype.is_cast,
            is_json_text=retype.is_json_text,
        )
    source, name = sql_name(table), quoted(column)  # Postgres knows the type
    again = f"jsonb_populate_record(NULL::{source}, jsonb_build_object({literal(column)}, ({result})::text))"
    return Comparison(value, f"({again}).{name}")


def _of_enum(table: Name, column: str, retype: Retype) -> Check | None:
    """Values that the new enum doesn't have; if USING gives rows others, the values that it changes."""
    assert retype.labels is not None
    lists = "[]" if retype.new.endswith("[]") else ""
    if retype.is_cast and bool(lists) == (retype.old or retype.new).endswith("[]"):
        return queries.values_in_use(table, column, retype.labels, is_array=bool(lists))
    if retype.has_new_names or not retype.converted:
        return queries.values_of_new_type(table, column, retype.new)
    compared = comparison(
        retype.value,
        f"({retype.converted})::text{lists}",
        retype.old or f"text{lists}",
        f"text{lists}",
        is_cast=False,
    )
    assert compared is not None, "it is no cast alone"
    return _changed(table, column, retype, compared)
