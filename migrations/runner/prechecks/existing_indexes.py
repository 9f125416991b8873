"""Before a run: are indexes that exist under the names in its scripts the ones that these mean?

An index that a script would make counts as made only if it is the same: Postgres builds the statement's own
on an empty copy of the table, which is rolled back, and the two are compared. One that a script drops,
renames or makes a constraint of has to be as the version that the database is at was rehearsed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from ..connection.session import Session
from ..fit_checks import names_needed
from ..identifiers import quoted
from ..manifest import MadeIndex, Manifest, Step
from ..planning.action import Action
from ..planning.state import State
from ..verification.verify import as_rehearsed

_COPY = "schema_service_copy"
_FIND = """
SELECT i.indexrelid, i.indisvalid, i.indrelid IS NOT DISTINCT FROM to_regclass(%s),
       i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i WHERE i.indexrelid = to_regclass(%s)
"""
# Without the table. An index that belongs to a constraint is not the same as one that belongs to none.
_PARTS = """
SELECT i.indisunique, to_jsonb(i) -> 'indnullsnotdistinct', i.indnkeyatts, a.amname, i.indclass::text,
       i.indcollation::text, i.indoption::text, c.reloptions, pg_get_expr(i.indpred, i.indrelid),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnatts) k),
       ARRAY(SELECT t.attoptions::text FROM pg_attribute t WHERE t.attrelid = c.oid ORDER BY t.attnum),
       EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid AND contype IN ('p', 'u', 'x'))
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE i.indexrelid = %s
"""
_NAMES = "SELECT relname FROM pg_class WHERE relkind IN ('i', 'I') AND relname = ANY (%s)"
_BUILT = "SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass(%s)"
_DEFINITION = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = to_regclass(%s)"


def other_index(session: Session, index: MadeIndex, settings: Sequence[str] = ()) -> str | None:
    """The part of a sentence that tells of an index which has the name of ``index`` and is not the same; None
    where there is none, or only an invalid one on its table: an interrupted build leaves that.

    ``settings`` are the script's own before the statement.
    """
    connection = session.connection
    name = sql.Identifier(*filter(None, (index.schema, index.name))).as_string(connection)
    with session.trial():
        for setting in settings:
            connection.execute(setting.encode())
        row = connection.execute(_FIND, (index.table, name)).fetchone()
        if row is None:
            return None
        number, is_valid, is_on_table, table, definition = row
        why = "its definition is another" if is_on_table else f"it is on {table}"
        if is_on_table:
            if not is_valid:
                return None
            try:
                if _parts(session, number) == _parts(session, _built_on_copy(session, index)):
                    return None
            except psycopg.Error as error:
                if session.connection.closed:
                    raise
                why = f"whether it is the same can't be told ({error.diag.message_primary or error})"
    return f"there is an index {name} already, and {why}: {definition}"


def has_indexes(actions: Sequence[Action]) -> bool:
    """Whether there is an index to ask about before ``actions``."""
    return any(step.makes_indexes or step.uses_indexes for action in actions for step in _to_do(action))


def indexes_in_the_way(
    session: Session, manifest: Manifest, state: State, actions: Sequence[Action]
) -> list[str]:
    """The indexes of other definitions that have a name which the run will give, one line each."""
    upgrades = all(action.direction == "up" for action in actions)
    wanted = [*(_of_upgrades(actions) if upgrades else _of_downgrades(manifest, state, actions))]
    there = _present(session, [index.name for _, _, index in wanted])
    found = []
    for action, step, index in wanted:
        other = other_index(session, index, step.settings) if index.name in there else None
        if other is not None:
            statement = " ".join(step.statements[index.statement].sql.split())
            found.append(f"{action.migration.id}: {other}; {action.direction}.sql has: {statement}")
    return found


def changed_indexes(
    session: Session, manifest: Manifest, state: State, actions: Sequence[Action]
) -> list[str]:
    """The indexes that the run drops, renames or makes a constraint of, and that are not as rehearsed, one
    line each. Between versions nothing tells how they should be."""
    used = [
        (action.migration.id, *index)
        for action in actions
        for step in _to_do(action)
        for index in step.uses_indexes
    ]
    recorded = _recorded(manifest, state) if used else {}
    if not recorded:
        return []
    rehearsed = as_rehearsed(session.connection, session.address)
    told: dict[str, str] = {}
    with session.snapshot():
        session.connection.execute("SET LOCAL search_path = ''")  # fully qualified, as when it was recorded
        for migration, schema, name in used:
            place = sql.Identifier(schema or session.address.search_path, name).as_string(session.connection)
            expected = next((recorded[key] for key in _keys(schema, name) if key in recorded), None)
            row = expected and session.connection.execute(_DEFINITION, (place,)).fetchone()
            if row and rehearsed(row[0]) != expected:
                line = f"index {place} is {row[0]}, and was rehearsed as {expected}"
                told.setdefault(line, f"{migration}: {line}")
    return list(told.values())


def _present(session: Session, names: Sequence[str]) -> set[str]:
    if not names:
        return set()
    with session.snapshot():
        return {name for (name,) in session.connection.execute(_NAMES, (list(names),))}


def _of_upgrades(actions: Sequence[Action]) -> Iterator[tuple[Action, Step, MadeIndex]]:
    """Those that nothing may be called before. Of a script that was begun, what is left to do comes first."""
    resumed = [action.resumes for action in actions]
    needed = {*names_needed([action.fit_checks for action in actions], resumed)}
    needed |= {(0, name) for action in actions[:1] if action.resumes for name in action.fit_checks.makes}
    names = {(at, name[3]) for at, name in needed if name[0] == "index"}
    for at, action, step, index in _made(actions):
        if (at, index.name) in names:
            yield action, step, index


def _of_downgrades(
    manifest: Manifest, state: State, actions: Sequence[Action]
) -> Iterator[tuple[Action, Step, MadeIndex]]:
    """Those whose name the version of the database doesn't use, so that the scripts before free none."""
    if recorded := _recorded(manifest, state):
        constraints = [key for key in recorded if key.startswith("constraint ")]
        for _, action, step, index in _made(actions):
            endings = tuple(f".{spelling}" for spelling in _spellings(index.name))
            is_known = any(key in recorded for key in _keys(index.schema, index.name))
            if not is_known and not any(key.endswith(endings) for key in constraints):
                yield action, step, index


def _made(actions: Sequence[Action]) -> Iterator[tuple[int, Action, Step, MadeIndex]]:
    for at, action in enumerate(actions):
        for step in _to_do(action):
            for index in step.makes_indexes:
                yield at, action, step, index


def _to_do(action: Action) -> Sequence[Step]:
    return action.steps[action.first_step :]


def _recorded(manifest: Manifest, state: State) -> Mapping[str, str]:
    """The objects of a database that is at a version, and not between two."""
    if state.version not in manifest.versions or state.unfinished():
        return {}
    above = manifest.above(state.version)
    if any(state.is_applied(migration.id) for migration in above):
        return {}
    return manifest.objects_at(state.version) or {}


def _keys(schema: str | None, name: str) -> Iterator[str]:
    """An index's name in a record."""
    for spelling in _spellings(name):
        yield f"index {schema or 'public'}.{spelling}"


def _spellings(name: str) -> tuple[str, str]:
    """Postgres quotes the names that need it."""
    return name, quoted(name)


def _built_on_copy(session: Session, index: MadeIndex) -> int:
    schema = () if index.schema is None else (index.schema,)
    copy = sql.Identifier(*schema, _COPY).as_string(session.connection)
    unique = "UNIQUE " if index.unique else ""
    session.connection.execute(f"CREATE TABLE {copy} (LIKE {index.table})".encode())
    session.connection.execute(f"CREATE {unique}INDEX ON {copy} {index.on}".encode())
    row = session.connection.execute(_BUILT, (copy,)).fetchone()
    return 0 if row is None else row[0]


def _parts(session: Session, number: int) -> tuple[object, ...] | None:
    return session.connection.execute(_PARTS, (number,)).fetchone()
