"""Which differences a version has permission for: what its up.sql files were asked about, and what the checks
of a downgrade find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...ddl.catalog_model import Database
from ...ddl.ddl_interpreter import DdlInterpreter
from ...ddl.effects import Effect
from ...ddl.names import sql_name
from ...ddl.statements import parse_script
from ...identifiers import quoted
from ...introspection.pg_catalog import Name

# Effects that aren't about one table: what they reach is known only by running them.
_ANYWHERE = ("schema", "columns of type", "attribute", "code", "unread", "referring")
_ROWS = ("table", "rows")


@dataclass(frozen=True, slots=True)
class PermittedLosses:
    """``columns`` of tables may lose values; None stands for a table's rows. ``is_anything``: all may."""

    columns: frozenset[tuple[Name, str | None]]
    is_anything: bool = False

    def allow(self, table: Name, column: str | None) -> bool:
        """Whether a value of this column, or with None a row of the table, may be lost."""
        return self.is_anything or not self.columns.isdisjoint({(table, None), (table, column)})


def losses_going_up(below: Iterable[str], own: Iterable[str], *, is_back: bool = False) -> PermittedLosses:
    """By the names before ``own``, a version's up.sql files; ``below`` are those of the versions before it.

    An author was asked about each of these losses, or wrote the statement by hand. ``is_back``: for values
    that come from the version itself and have been down. Its types can hold them, so that conversions have no
    excuse.
    """
    effects = _effects_of(tuple(below), tuple(own))
    return PermittedLosses(
        frozenset(
            (effect.table, None if effect.kind in _ROWS else effect.column)
            for effect in effects
            if effect.table is not None and _loses(effect, is_back=is_back)
        ),
        is_anything=any(
            effect.kind in _ANYWHERE
            or (effect.kind == "value" and not is_back)
            or (effect.kind == "rewritten" and effect.table is None)
            for effect in effects
        ),
    )


@lru_cache(maxsize=2)  # a rehearsal asks several times about the same scripts
def _effects_of(below: tuple[str, ...], own: tuple[str, ...]) -> tuple[Effect, ...]:
    before = DdlInterpreter(Database())
    for script in below:
        _effects(before, script)
    interpreter = DdlInterpreter(before.database.settled())
    return tuple(effect for script in own for effect in _effects(interpreter, script))


def _effects(interpreter: DdlInterpreter, script: str) -> list[Effect]:
    return [effect for _, effect in interpreter.apply_script(parse_script(script))]


def _loses(effect: Effect, *, is_back: bool) -> bool:
    if effect.retype is not None:
        return not (is_back or effect.retype.keeps_values)
    return effect.kind in (*_ROWS, "column", "overwritten", "rewritten")


@dataclass(frozen=True, slots=True)
class FoundLosses:
    """What the checks of a downgrade found, as ``plan --down`` tells it: a line for each."""

    lines: Sequence[str]

    def allow(self, table: Name, column: str | None) -> bool:
        """Whether a line is about this column's values (with None: about the table's rows)."""
        name = sql_name(table)
        own = [f"table {name} ", f"rows of {name} "]
        own += [f"column {name}.{quoted(column)} "] if column is not None else []
        return any(
            what.startswith(tuple(own)) or not what.startswith(("table ", "rows of ", "column "))
            for what in (line.partition(": ")[2] for line in self.lines)
        )
