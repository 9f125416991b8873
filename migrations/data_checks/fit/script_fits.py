"""Whether the rows fit each script of a history: the entries ``up_checks`` and ``down_checks``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...ddl.catalog_model import Database
from ...ddl.ddl_interpreter import DdlInterpreter
from ...ddl.names import Name
from ...ddl.statements import ParsedScript
from ..check_queries import Check
from ..rows.row_tracker import RowTracker
from .altered_objects import AlteredObjects
from .constraint_checks import ConstraintChecks
from .made_names import MadeNames
from .overwritten_values import overwritten_places, overwritten_values


def fit_checks(history: Sequence[tuple[ParsedScript, ParsedScript | None]]) -> list[dict[str, Any]]:
    """The entries for each migration of a whole history in order, given its up.sql and down.sql (None: no
    file)."""
    interpreter = DdlInterpreter(Database())
    checks, names = ConstraintChecks(RowTracker(interpreter)), MadeNames(interpreter.database)
    entries = []
    for up, down in history:
        entries.append({"up_checks": _followed(up, checks, names)})
        if down is not None:
            entries[-1]["down_checks"] = _down_entry(down, up, checks.tracker)
    return entries


def _down_entry(down: ParsedScript, up: ParsedScript, tracker: RowTracker) -> dict[str, Any]:
    """Of keys, constraints and names; :mod:`..check_reader` makes the other checks of a downgrade."""
    before = tracker
    tracker = _settled(before)
    checks = ConstraintChecks(tracker, only_constraints=True)
    places: list[tuple[Name, str]] = []
    entry = _followed(down, checks, MadeNames(tracker.interpreter.database), places)
    if places:
        lost = overwritten_values(down, up, places, _settled(before))
        entry["checks"] = _once([*entry.get("checks", ()), *lost])
    return entry


def _settled(tracker: RowTracker) -> RowTracker:
    """One for a copy of the database, in which everything counts as existing before."""
    before = tracker.interpreter.database
    there = before.settled()
    named = ((relation, there.relations.get(name)) for name, relation in before.relations.items())
    copies = {relation: copy for relation, copy in named if copy is not None}
    columns = {
        column: copy.columns[name]
        for relation, copy in copies.items()
        for name, column in relation.columns.items()
    }
    types = {each: there.types[name] for name, each in before.types.items()}
    return RowTracker(DdlInterpreter(there), tracker.rules.settled(copies, columns, types))


def _followed(
    script: ParsedScript,
    checks: ConstraintChecks,
    names: MadeNames,
    overwritten: list[tuple[Name, str]] | None = None,
) -> dict[str, Any]:
    """``overwritten`` gets the places whose values the script makes from their old ones."""
    tracker = checks.tracker
    tracker.begin_script()
    names.begin_script()
    altered = AlteredObjects(tracker.interpreter.database)
    altered.begin_script(script)
    found: list[Check] = []
    for statement in script:
        names.follow(statement.node, tracker.interpreter.state, is_opaque=tracker.is_opaque)
        altered.follow(statement.node, tracker.interpreter.state)
        if overwritten is not None:
            overwritten += overwritten_places(statement.node, tracker.interpreter.state)
        found += checks.follow(statement.node, statement.sql)
    entry: dict[str, Any] = {
        "checks": _once(found),
        "touches": tracker.names_touched(),
        "fills": tracker.names_filled(),
        "makes": names.made,
        "expects": names.expected,
        "frees": names.freed(),
        "renames": tracker.renamed(),
        "drops": altered.drops,
        "retypes": altered.retypes,
        "moves": altered.moved(),
    }
    return {key: value for key, value in entry.items() if value not in ([], {})}


def _once(found: Iterable[Check]) -> list[Check]:
    checks: list[Check] = []
    for check in found:
        if check not in checks:
            checks.append(check)
    return checks
