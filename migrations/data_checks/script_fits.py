"""Whether the rows fit each script of a history: the entries ``up_checks`` and ``down_checks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.statements import ParsedScript
from .check_queries import Check
from .constraint_checks import ConstraintChecks
from .made_names import MadeNames
from .row_tracker import RowTracker


def fit_checks(history: Sequence[tuple[ParsedScript, ParsedScript | None]]) -> list[dict[str, Any]]:
    """The entries for each migration of a whole history in order, given its up.sql and down.sql (None: no
    file)."""
    interpreter = DdlInterpreter(Database())
    checks, names = ConstraintChecks(RowTracker(interpreter)), MadeNames(interpreter.database)
    entries = []
    for up, down in history:
        entries.append({"up_checks": _up_entry(up, checks, names)})
        if down is not None:
            entries[-1]["down_checks"] = _down_entry(down, checks.tracker)
    return entries


def _down_entry(script: ParsedScript, tracker: RowTracker) -> dict[str, Any]:
    """Of keys and constraints that come again; :mod:`.check_reader` makes the other checks of a downgrade."""
    before = tracker.interpreter.database
    there = before.settled()
    names = {relation: there.relations.get(name) for name, relation in before.relations.items()}
    keys = {names.get(table): names.get(index) for table, index in tracker.keys.items()}
    known = {table: index for table, index in keys.items() if table is not None and index is not None}
    generated = {
        copy.columns[column_name]
        for relation, copy in names.items()
        for column_name, column in (relation.columns.items() if copy is not None else ())
        if copy is not None and column in tracker.generated
    }
    tracker = RowTracker(DdlInterpreter(there), keys=known, generated=generated)
    checks = ConstraintChecks(tracker, only_constraints=True)
    checks.tracker.begin_script()
    found = [check for statement in script for check in checks.follow(statement.node, statement.sql)]
    entry: dict[str, Any] = {"checks": found, "touches": checks.tracker.names_touched()}
    return {key: value for key, value in entry.items() if value != []}


def _up_entry(script: ParsedScript, checks: ConstraintChecks, names: MadeNames) -> dict[str, Any]:
    tracker = checks.tracker
    tracker.begin_script()
    names.begin_script()
    found: list[Check] = []
    for statement in script:
        names.follow(statement.node, tracker.interpreter.state, is_opaque=tracker.is_opaque)
        found += checks.follow(statement.node, statement.sql)
    entry: dict[str, Any] = {
        "checks": found,
        "touches": tracker.names_touched(),
        "makes": names.made,
        "frees": names.freed(),
        "renames": tracker.renamed(),
    }
    return {key: value for key, value in entry.items() if value not in ([], {})}
