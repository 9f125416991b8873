"""What a version's schema changes and no migration does, as far as scripts can be read without running them.

The rehearsal compares everything, on a server. This finds the usual case at once, and never says more than is
true: a change counts as missing where the scripts leave its table, column, key or enum as it was before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pglast import ast

from schemas.model import Schema
from schemas.workspace.migration import Migration

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.names import TEMPORARY, Name, sql_name
from ..ddl.statements import parse_script
from .engine_script import corrected
from .losses.loss_warnings import interpreter_of
from .plan import PlanEngine

#: What a fact is about (``column``, ``type``, …), and the names that tell it from others.
_Key = tuple[str, ...]
_UNSEEN = "a default, a key or the kind of an index"


def unmigrated(
    before: Schema | None,
    after: Schema,
    history: Sequence[Migration],
    own: Sequence[Migration],
    bridge: PlanEngine,
    *,
    sql_only: Collection[str] = (),
) -> list[str]:
    """Names of what differs between the two schemas and is still as in ``before`` (None: nothing) after the
    scripts. ``history`` are all migrations, ``own`` those of the version; all of them parse.
    ``sql_only`` are the keys of what is left to SQL: whether it is that, the rehearsal tells.

    Raises BridgeError.
    """
    if before is not None and not own and before.text == after.text:
        return []
    wanted = _facts(interpreter_of(after, bridge).database)
    start = interpreter_of(before, bridge) if before else DdlInterpreter(Database(is_complete=True))
    known = _facts(start.database)
    reached = _facts(_applied(start, own).database)
    missing = {
        key
        for key in known.keys() | wanted.keys()
        if known.get(key) != wanted.get(key) and reached.get(key) == known.get(key)
    }
    if missing:
        # What an earlier version made in SQL only may be what this schema asks for now.
        whole = _applied(DdlInterpreter(Database(is_complete=True)), history)
        if own and whole.runs_code:
            return []
        made = _facts(whole.database)
        missing = {key for key in missing if made.get(key) != wanted.get(key)}
    elif not own and known == wanted and _has_unseen_changes(before, after, bridge):
        return [_UNSEEN]
    told = (key for key in sorted(missing) if not _is_part_of(key, missing))
    return [_shown(key) for key in told if not _may_be_left(key, sql_only)]


def _applied(interpreter: DdlInterpreter, migrations: Iterable[Migration]) -> DdlInterpreter:
    for migration in migrations:
        for _ in interpreter.apply_script(parse_script(migration.up)):
            pass  # what the scripts do to rows is reviewed elsewhere
    return interpreter


def _facts(database: Database) -> Mapping[_Key, object]:
    return dict(_all_facts(database))


def _all_facts(database: Database) -> Iterator[tuple[_Key, object]]:
    names: dict[int, Name] = {}
    for name, table in database.tables.items():
        if name[0] == TEMPORARY:
            continue
        names[id(table)] = name
        yield ("table", *name), True
        for column_name, column in table.columns.items():
            yield ("column", *name, column_name), True
            yield ("type", *name, column_name), column.type
            yield ("nullability", *name, column_name), column.is_required
    for name, table in database.tables.items():
        for target in table.references.values():
            if id(target) in names:
                yield ("foreign key", *name, *names[id(target)]), True
    for relation in database.relations.values():
        owner = names.get(id(relation.owner))
        if relation.kind == "index" and owner is not None:
            columns = {id(column): key for key, column in database.relations[owner].columns.items()}
            yield ("index", *owner, *(columns.get(id(key), "") for key in relation.keys)), True
    for name, enum in database.enums.items():
        yield ("enum", *name), True
        for value in enum.values:
            yield ("value", *name, value), True


def _may_be_left(key: _Key, sql_only: Collection[str]) -> bool:
    """Whether a line may be about it; an index is known by its columns here, and there by its name."""
    kind, schema, table, *_ = key
    lines = {"foreign key": f"foreign key {schema}.{table}.", "index": f"index {schema}."}
    return kind in lines and any(each.startswith(lines[kind]) for each in sql_only)


def _is_part_of(key: _Key, missing: set[_Key]) -> bool:
    """Whether a table, a column or an enum is missing that it belongs to."""
    kind, schema, name, *rest = key
    owners: list[_Key] = [("table", schema, name), ("enum", schema, name)]
    if kind in ("type", "nullability"):
        owners.append(("column", schema, name, *rest))
    return any(owner in missing for owner in owners if owner != key)


def _shown(key: _Key) -> str:
    kind, schema, name, *rest = key
    owner = sql_name((schema, name))
    match kind:
        case "table" | "enum":
            return f"{kind} {owner}"
        case "index":
            return f"index on {owner} ({', '.join(rest)})"
        case "foreign key":
            return f"foreign key from {owner} to {sql_name((rest[0], rest[1]))}"
        case "type" | "nullability":
            return f"{kind} of {owner}.{rest[0]}"
    return f"{kind} {owner}.{rest[0]}"


def _has_unseen_changes(before: Schema | None, after: Schema, bridge: PlanEngine) -> bool:
    """Whether Prisma's engine finds more than other names of indexes and constraints, which a history of
    other names has."""
    script = corrected(bridge.diff(before.text if before else None, after.text))
    return any(not isinstance(statement.node, ast.RenameStmt) for statement in parse_script(script))
