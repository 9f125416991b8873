"""The entries of a manifest by which a run asks, before its first step, whether the rows fit.

``up_checks`` and ``down_checks`` of a migration::

    {
      "checks": [check, …],        what its script may fail on
      "touches": ["\\"T\\""],        the tables whose rows or columns it changes, by their names before and
                                   after it; null: it may be any
      "fills": {"\\"T\\"": ["\\"U\\""]}  those that it puts rows into, by their names after it, and the tables
                                   that these rows are from, by theirs before; null: not from rows alone
      "makes": [["relation", null, null, "T_a_key"]],
                                   kind, schema (null: where the search path leads), table and name of what
                                   it makes and what nothing may be called before; an
                                   "index" may be there, if it is the same
      "expects": [["column", null, "T", {"a": "integer"}]]
                                   what it makes unless it is there, with the types of its columns: a
                                   "column" of a table, or a "relation", which is the table
      "frees": [[…]]               what it drops or calls otherwise; "anything": more than can be told
      "needs": [["owner", null, "\\"T\\""]]
                                   rights that it needs: kind, schema and name. "owner" of a relation, or to
                                   "drop" it (which the schema's owner may, too), the same of types, schemas
                                   and functions, to "create" in a schema, privileges of tables by their name,
                                   to "set" a parameter, to turn off "system triggers", to make an "extension"
      "renames": {"\\"T\\"": "\\"U\\""}  tables that were there before it, by their names before and after it
      "drops": [["column", null, "T", "a"]]
                                   what it drops, without CASCADE, of what was there before it
      "retypes": [[["column", null, "T", "a"], "bigint", false, true]]
                                   the columns whose type it changes, to what (null: can't be told), whether
                                   that is an enum, and whether the column's default is kept
      "moves": [[["column", null, "T", "a"], ["column", null, "T", "b"]]]
                                   relations, columns and types by their names before and after it
    }

They are written for the database right before the script. In a run of several migrations a check waits for
its turn if an earlier one touches its tables. ``tables`` of a check has the one whose rows are asked about
first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .identifiers import quoted

#: Kind, schema, table and name.
ObjectName: TypeAlias = tuple[str, str | None, str | None, str]
#: Kind, schema and name.
Need: TypeAlias = tuple[str, str | None, str]
#: What may be there ("relation" or "column"), the schema and the name of the table, and types by column.
Shape: TypeAlias = tuple[str, str | None, str, Mapping[str, str]]
#: Among the names that a script frees: it may be others, too; but of these kinds, all are known.
_ANYTHING: ObjectName = ("anything", None, None, "")
_FOLLOWED = ("relation", "index", "column", "constraint", "type", "schema")


@dataclass(frozen=True, slots=True)
class Check:
    """A query on the data before a run. ``converts``: it converts values as the script will, and fails on the
    first that can't be converted."""

    kind: Literal["loss", "in_use"]
    what: str
    sql: str
    missing_ok: bool = False
    converts: bool = False
    tables: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        """From an entry of the manifest."""
        return cls(
            kind=data.get("kind", "in_use"),
            what=data["what"],
            sql=data["sql"],
            missing_ok=data.get("missing_ok", False),
            converts=data.get("converts", False),
            tables=tuple(data.get("tables", ())),
        )


@dataclass(frozen=True, slots=True)
class Retype:
    """A column that gets another type: ``new_type`` is None where it can't be told before the script."""

    column: ObjectName
    new_type: str | None
    is_enum: bool
    keeps_default: bool


@dataclass(frozen=True, slots=True)
class FitChecks:
    """The entry of one script; see this module's docstring. ``touches`` is None for any table."""

    checks: tuple[Check, ...] = ()
    touches: frozenset[str] | None = None
    makes: tuple[ObjectName, ...] = ()
    frees: frozenset[ObjectName] = frozenset()
    renames: tuple[tuple[str, str], ...] = ()
    fills: tuple[tuple[str, frozenset[str] | None], ...] = ()
    needs: tuple[Need, ...] = ()
    drops: tuple[ObjectName, ...] = ()
    retypes: tuple[Retype, ...] = ()
    moves: tuple[tuple[ObjectName, ObjectName], ...] = ()
    expects: tuple[Shape, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> FitChecks:
        """From an entry of the manifest; older packages have none."""
        if data is None:
            return cls()
        touches = data.get("touches", ())
        return cls(
            checks=tuple(map(Check.from_json, data.get("checks", ()))),
            touches=None if touches is None else frozenset(touches),
            makes=tuple(map(_name, data.get("makes", ()))),
            frees=frozenset(map(_name, data.get("frees", ()))),
            renames=tuple(data.get("renames", {}).items()),
            fills=tuple(
                (table, None if sources is None else frozenset(sources))
                for table, sources in data.get("fills", {}).items()
            ),
            needs=tuple((kind, schema, name) for kind, schema, name in data.get("needs", ())),
            drops=tuple(map(_name, data.get("drops", ()))),
            retypes=tuple(Retype(_name(column), *how) for column, *how in data.get("retypes", ())),
            expects=tuple((kind, place, table, of) for kind, place, table, of in data.get("expects", ())),
            moves=tuple((_name(before), _name(after)) for before, after in data.get("moves", ())),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A check of the script number ``at`` in a run; ``is_put_off``: an earlier one touches its tables."""

    at: int
    check: Check
    is_put_off: bool


def in_a_run(scripts: Sequence[FitChecks], resumed: Sequence[bool]) -> Iterator[Asked]:
    """The checks of a run of ``scripts``: not of those that an earlier run has begun, and not about the rows
    of tables that the run itself makes and leaves empty."""
    touched: set[str] = set()
    is_any_touched = False
    made: set[str] = set()  # and empty
    for at, (script, is_resumed) in enumerate(zip(scripts, resumed, strict=True)):
        own = {quoted(name[1], name[3]) for name in script.makes if name[0] in ("relation", "type")}
        for check in () if is_resumed else script.checks:
            if check.tables[0] not in made and not {*check.tables} <= made | own:
                yield Asked(at, check, is_any_touched or not touched.isdisjoint(check.tables))
        of_the_run = {new for old, new in script.renames if old in made}
        empty = made - {table for table, _ in script.fills}
        filled = {table for table, sources in script.fills if sources is None or not sources <= empty}
        made = (made | of_the_run | own) - ({new for _, new in script.renames} - of_the_run) - filled
        made = set() if script.touches is None else made
        touched.update(script.touches or ())
        is_any_touched |= script.touches is None


def names_needed(scripts: Sequence[FitChecks], resumed: Sequence[bool]) -> Iterator[tuple[int, ObjectName]]:
    """The names that must be free before a run, with the number of the script that needs each."""
    touched: set[str] = set()
    freed: set[ObjectName] = set()
    for at, (script, is_resumed) in enumerate(zip(scripts, resumed, strict=True)):
        for name in () if is_resumed else script.makes:
            table = None if name[2] is None else quoted(name[1], name[2])
            known = ("relation", *name[1:]) if name[0] == "index" else name
            any_of_it = (*name[:3], name[3].partition("(")[0])
            is_known = _ANYTHING not in freed or name[0] in _FOLLOWED
            if freed.isdisjoint({known, any_of_it}) and table not in touched and is_known:
                yield at, name
        if script.touches is None:
            return
        touched.update(script.touches)
        freed.update(script.frees, script.makes)


def shapes_expected(scripts: Sequence[FitChecks], resumed: Sequence[bool]) -> Iterator[tuple[int, Shape]]:
    """What a run makes unless it is there, with the number of the script, if nothing before it in the run
    may have made it."""
    changed: set[str] = set()
    for at, (script, is_resumed) in enumerate(zip(scripts, resumed, strict=True)):
        for shape in () if is_resumed else script.expects:
            if quoted(shape[1], shape[2]) not in changed:
                yield at, shape
        if script.touches is None or _ANYTHING in script.frees:
            return
        changed |= script.touches | {quoted(each[1], each[3]) for each in (*script.makes, *script.frees)}
        changed |= {quoted(schema, table) for _, schema, table, _ in script.expects}


@dataclass(frozen=True, slots=True)
class Altered:
    """What the script number ``at`` of a run drops or, with ``retype``, gives another type.

    ``name`` is by its name before the run, ``shown`` by that before the script. ``is_sure``: nothing that
    runs before may drop what depends on it.
    """

    at: int
    name: ObjectName
    shown: ObjectName
    retype: Retype | None
    is_sure: bool


def altered_in_a_run(scripts: Sequence[FitChecks], resumed: Sequence[bool]) -> Iterator[Altered]:
    """What a run drops or retypes of what was there before it, each once: not the rest of a script that an
    earlier run has begun."""
    dropped: set[ObjectName] = set()
    is_sure = True
    for at, (script, is_resumed) in enumerate(zip(scripts, resumed, strict=True)):
        is_sure = is_sure and _ANYTHING not in script.frees
        drops = [(name, None) for name in script.drops]
        for shown, retype in (*drops, *((each.column, each) for each in script.retypes)):
            name = None if is_resumed else _before_run(shown, scripts[:at])
            if name is not None and dropped.isdisjoint({name, _table(name)}):
                yield Altered(at, name, shown, retype, is_sure)
                dropped |= set() if retype else {name}
        is_sure = is_sure and script.touches is not None and not is_resumed


def _before_run(name: ObjectName, scripts: Sequence[FitChecks]) -> ObjectName | None:
    """Its name before ``scripts``; None if they make it."""
    for script in reversed(scripts):
        moved = {after: before for before, after in script.moves}
        table = _table(name)
        if name in moved:
            name = moved[name]
        elif table in moved:
            name = (name[0], moved[table][1], moved[table][3], name[3])
        elif name in script.makes or table in script.makes:
            return None
    return name


def _table(name: ObjectName) -> ObjectName:
    return ("relation", name[1], None, name[2] or "")


def _name(entry: Sequence[str | None]) -> ObjectName:
    kind, schema, table, name = entry
    return kind or "", schema, table, name or ""
