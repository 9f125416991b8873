"""Before a run: does something that the package doesn't know depend on what its scripts drop or retype?

What the rehearsal recorded for the version of the database is the package's, and its scripts were seen to
work with it. All else that pg_depend has would make a DROP without CASCADE, or ALTER COLUMN … TYPE, fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..connection.session import Session
from ..fit_checks import Altered, altered_in_a_run
from ..identifiers import quoted
from ..manifest import Manifest
from ..planning.action import Action
from ..planning.state import State
from ..verification.differences import identity_of
from ..verification.verify import as_rehearsed
from .data_checks import Unchecked
from .recorded import recorded_objects

_OF_RETYPES = ("new_type", "is_enum", "keeps_default")
_MAY_BE_FREED = "only running it can tell: what runs before may drop that, or has changed it"
# What a DROP takes along by itself is "gone". A type that a column gets is refused where a foreign key has no
# operator for it and the column that refers, as ALTER TABLE decides it. Internal triggers and the constraints
# of partitions follow those that they are made from.
_DEPENDENT = """
WITH RECURSIVE w AS (
  SELECT w.*, coalesce(w.schema, current_schema()) AS place FROM json_to_recordset(%s) AS w (
    number int, retyped bool, kind text, schema text, "table" text, name text, new_type text, is_enum bool,
    keeps_default bool)
), relation AS (
  SELECT w.*, c.oid FROM w JOIN pg_namespace n ON n.nspname = w.place
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = coalesce(w."table", w.name)
  WHERE w.kind IN ('relation', 'column', 'constraint')
), family AS (
  SELECT number, retyped, name, oid FROM relation WHERE kind = 'column'
  UNION
  SELECT f.number, f.retyped, f.name, i.inhrelid FROM family f
  JOIN pg_inherits i ON i.inhparent = f.oid
), start AS (
  SELECT number, retyped, 'pg_class'::regclass::oid AS classid, oid AS objid, 0 AS objsubid
  FROM relation WHERE kind = 'relation'
  UNION ALL
  SELECT f.number, f.retyped, 'pg_class'::regclass::oid, f.oid, a.attnum::int
  FROM family f JOIN pg_attribute a ON a.attrelid = f.oid AND a.attname = f.name AND a.attnum > 0
  UNION ALL
  SELECT r.number, r.retyped, 'pg_constraint'::regclass::oid, k.oid, 0
  FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid AND k.conname = r.name
  WHERE r.kind = 'constraint'
  UNION ALL
  SELECT w.number, w.retyped, 'pg_type'::regclass::oid, t.oid, 0
  FROM w JOIN pg_namespace n ON n.nspname = w.place
  JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = w.name WHERE w.kind = 'type'
  UNION ALL
  SELECT w.number, w.retyped, 'pg_proc'::regclass::oid, p.oid, 0
  FROM w JOIN pg_namespace n ON n.nspname = w.place JOIN pg_proc p ON p.pronamespace = n.oid
  WHERE w.kind = 'function' AND CASE WHEN w.name LIKE '%%)'
    THEN p.oid = to_regprocedure(quote_ident(w.place) || '.' || w.name)
    ELSE w.name = '"' || replace(p.proname, '"', '""') || '"' END
  UNION ALL
  SELECT w.number, w.retyped, 'pg_namespace'::regclass::oid, n.oid, 0
  FROM w JOIN pg_namespace n ON n.nspname = w.name WHERE w.kind = 'schema'
  UNION ALL
  SELECT w.number, w.retyped, 'pg_extension'::regclass::oid, e.oid, 0
  FROM w JOIN pg_extension e ON e.extname = w.name WHERE w.kind = 'extension'
), gone AS (
  SELECT number, classid, objid, objsubid FROM start WHERE NOT retyped
  UNION
  SELECT g.number, d.classid, d.objid, d.objsubid FROM gone g JOIN pg_depend d
  ON d.refclassid = g.classid AND d.refobjid = g.objid AND g.objsubid IN (0, d.refobjsubid)
  WHERE d.deptype NOT IN ('n', 'x')
), dependent AS (
  SELECT g.number, d.classid, d.objid, d.objsubid FROM gone g JOIN pg_depend d
  ON d.refclassid = g.classid AND d.refobjid = g.objid AND g.objsubid IN (0, d.refobjsubid)
  WHERE d.deptype = 'n'
  UNION
  SELECT s.number, d.classid, d.objid, d.objsubid FROM start s JOIN pg_depend d
  ON d.refclassid = s.classid AND d.refobjid = s.objid AND d.refobjsubid = s.objsubid
  JOIN w USING (number) JOIN pg_attribute o ON o.attrelid = s.objid AND o.attnum = s.objsubid
  CROSS JOIN to_regtype(w.new_type) AS t (new)
  CROSS JOIN LATERAL (SELECT NOT (t.new IS NULL AND w.is_enum) AND (t.new IS NULL OR t.new = o.atttypid
    OR EXISTS (SELECT FROM pg_type y WHERE y.oid IN (t.new, o.atttypid) AND y.typcategory = 'A')
    OR EXISTS (SELECT FROM pg_type y WHERE y.oid = t.new AND y.typcategory = 'S')
    OR EXISTS (SELECT FROM pg_cast x WHERE x.castsource = o.atttypid AND x.casttarget = t.new
               AND x.castcontext IN ('a', 'i'))) AS is_castable) AS conversion
  LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
  LEFT JOIN pg_attrdef e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
  WHERE s.retyped AND (
    d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass,
                  'pg_publication_rel'::regclass)
    OR ((e.adrelid, e.adnum::int) = (s.objid, s.objsubid) AND w.keeps_default AND NOT is_castable)
    OR (e.adrelid, e.adnum::int) <> (s.objid, s.objsubid)  -- a generated column; since Postgres 15:
    OR (d.classid = s.classid AND d.objid = s.objid AND d.objsubid > 0)
    OR (k.contype = 'f' AND k.confrelid = s.objid AND k.conrelid <> s.objid AND EXISTS (
      SELECT FROM unnest(k.confkey, k.conkey) AS pair (own, other)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.other
      WHERE pair.own = s.objsubid AND (t.new <> a.atttypid OR (t.new IS NULL AND w.is_enum))
        AND NOT EXISTS (
          SELECT FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
          JOIN pg_amop o ON o.amopfamily = c.opcfamily AND o.amopstrategy = 3
          WHERE c.opcdefault AND c.opcintype = t.new AND o.amoplefttype = t.new
            AND o.amoprighttype = a.atttypid)
        AND NOT EXISTS (
          SELECT FROM pg_cast x WHERE x.castsource = a.atttypid AND x.castcontext = 'i'
            AND (x.casttarget = t.new OR EXISTS (
              SELECT FROM pg_cast y WHERE y.castsource = t.new AND y.casttarget = x.casttarget
                AND y.castcontext = 'i' AND y.castmethod = 'b'))))))
)
SELECT DISTINCT d.number, d.classid, d.objid, d.objsubid FROM dependent d
WHERE NOT EXISTS (
  SELECT FROM gone g WHERE g.classid = d.classid AND g.objid = d.objid AND g.objsubid IN (0, d.objsubid))
ORDER BY 1, 2, 3, 4
"""
# With an empty search path, so that names are qualified as the rehearsal recorded them. Kinds that it doesn't
# record are left out, but for publications.
_DESCRIBED = """
WITH d AS (
  SELECT d.number, d.position, x.*, EXISTS (
      SELECT FROM pg_attrdef e JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
      WHERE d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid AND a.attgenerated = '') AS is_default
  FROM unnest(%s::int[], %s::oid[], %s::oid[], %s::int[]) WITH ORDINALITY
    AS d (number, classid, objid, objsubid, position)
  CROSS JOIN LATERAL (
    SELECT 'pg_class'::regclass::oid AS classid, r.ev_class AS objid, 0 AS objsubid,
      NULL::text AS part, NULL::text AS name, r.ev_class AS relation
    FROM pg_rewrite r WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
    UNION ALL
    SELECT d.classid, d.objid, 0, format('.%%I', r.rulename), r.rulename::text, r.ev_class
    FROM pg_rewrite r WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'pg_class'::regclass, e.adrelid, e.adnum, format('.%%I', a.attname), a.attname::text, e.adrelid
    FROM pg_attrdef e JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
    JOIN pg_class c ON c.oid = e.adrelid
    WHERE d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid AND NOT c.relispartition
    UNION ALL
    SELECT d.classid, c.oid, d.objsubid, '.' || quote_ident(a.attname), a.attname::text, c.oid
    FROM pg_class c
    LEFT JOIN pg_attribute a ON d.objsubid > 0 AND a.attrelid = c.oid AND a.attnum = d.objsubid
    WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND NOT (c.relispartition AND d.objsubid > 0)
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT d.classid, d.objid, 0, format('.%%I', k.conname), k.conname::text, k.conrelid
    FROM pg_constraint k WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      AND k.conrelid <> 0 AND k.conparentid = 0
    UNION ALL
    SELECT d.classid, d.objid, 0, format('.%%I', g.tgname), g.tgname::text, g.tgrelid
    FROM pg_trigger g WHERE d.classid = 'pg_trigger'::regclass AND g.oid = d.objid AND NOT g.tgisinternal
      AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = d.classid AND p.objid = d.objid
                      AND p.deptype IN ('P', 'S'))
    UNION ALL
    SELECT d.classid, d.objid, 0, format('.%%I', p.polname), p.polname::text, p.polrelid
    FROM pg_policy p WHERE d.classid = 'pg_policy'::regclass AND p.oid = d.objid
    UNION ALL
    SELECT d.classid, d.objid, 0, NULL, p.pubname::text, NULL
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE d.classid = 'pg_publication_rel'::regclass AND r.oid = d.objid
    UNION ALL
    SELECT d.classid, d.objid, 0, NULL, NULL, NULL
    WHERE d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
  ) x
)
SELECT d.number, pg_describe_object(d.classid, d.objid, d.objsubid),
  pg_get_userbyid(coalesce(c.relowner, f.proowner, t.typowner, (
    SELECT p.pubowner FROM pg_publication p
    WHERE d.classid = 'pg_publication_rel'::regclass AND p.pubname = d.name))),
  coalesce(n.nspname, fn.nspname, tn.nspname),
  coalesce(c.relname, f.proname, t.typname),
  d.name,
  CASE WHEN f.oid IS NOT NULL THEN f.oid::regprocedure::text
       WHEN t.oid IS NOT NULL THEN format('%%I.%%I', tn.nspname, t.typname)
       WHEN c.oid IS NOT NULL THEN format('%%I.%%I', n.nspname, c.relname) || coalesce(d.part, '') END,
  d.is_default
FROM d
LEFT JOIN pg_class c ON c.oid = d.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
LEFT JOIN pg_namespace fn ON fn.oid = f.pronamespace
LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
ORDER BY d.position
"""


@dataclass(slots=True)
class Dependents:
    """``refused``: one line for each thing that would make a script fail. ``unchecked``: those of which only
    running the scripts can tell."""

    refused: list[str] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)


def has_altered(actions: Sequence[Action]) -> bool:
    """Whether there is anything to ask about before ``actions``."""
    return any(action.fit_checks.drops or action.fit_checks.retypes for action in actions)


def dependents(session: Session, manifest: Manifest, state: State, actions: Sequence[Action]) -> Dependents:
    """What depends on what ``actions`` drop or retype, and isn't the package's.

    Between two versions, what a script that was begun has made isn't known: then nothing is refused.
    """
    found = Dependents()
    if state.is_empty or not manifest.state_changes or not has_altered(actions):
        return found
    recorded = recorded_objects(manifest, state)
    known = recorded or {n: text for each in manifest.state_changes for n, text in each["set"].items()}
    altered = [*altered_in_a_run([a.fit_checks for a in actions], [a.resumes for a in actions])]
    told: set[str] = set()
    for each, line, dependent in _of_others(session, altered, known, actions) if altered else ():
        migration = actions[each.at].migration.id
        if dependent not in told:
            told.add(dependent)
            if each.is_sure and recorded:
                found.refused.append(f"{migration}: {line}")
            else:
                found.unchecked.append(Unchecked(migration, line, _MAY_BE_FREED))
    return found


def _of_others(
    session: Session, altered: Sequence[Altered], known: Mapping[str, str], actions: Sequence[Action]
) -> Iterator[tuple[Altered, str, str]]:
    rehearsed = as_rehearsed(session.connection, session.address)
    definitions = {identity_of(name): text for name, text in known.items() if not name.startswith("comment ")}
    scripts: list[str] = []
    for number, dependent, owner, schema, name, part, identity, is_default in _dependent(session, altered):
        each = altered[number]
        definition = None if identity is None else definitions.get(rehearsed(identity))
        if definition is not None and (not is_default or " default " in f" {definition} "):
            continue
        scripts = scripts or _statements(actions[: each.at + 1])
        place = [] if schema == session.address.search_path else [schema]
        names = [path for path in ([*place, name], [part]) if None not in path]
        if is_default or not any(all(_is_named(sql, path) for path in names) for sql in scripts):
            what = f"the default of {dependent}" if is_default else dependent
            how = f"and {what} depends on it"
            if is_default and each.retype is not None:
                how = "and its default can't be converted"
            yield each, f"{_shown(each)}, {how}{f' (owned by {owner})' if owner else ''}", what


def _statements(actions: Sequence[Action]) -> list[str]:
    return [each.sql for action in actions for step in action.steps for each in step.statements]


def _dependent(session: Session, altered: Sequence[Altered]) -> list[tuple[Any, ...]]:
    fields = ("kind", "schema", "table", "name")
    wanted = [
        dict(zip(fields, each.name, strict=True), number=number, retyped=each.retype is not None)
        | ({} if each.retype is None else {name: getattr(each.retype, name) for name in _OF_RETYPES})
        for number, each in enumerate(altered)
    ]
    with session.snapshot():
        found = session.connection.execute(_DEPENDENT, (json.dumps(wanted),)).fetchall()
        if not found:
            return []
        session.connection.execute("SET LOCAL search_path = ''")
        columns = [[row[place] for row in found] for place in range(4)]
        return session.connection.execute(_DESCRIBED, columns).fetchall()


def _is_named(sql: str, path: Sequence[str]) -> bool:
    """Whether a statement says the name, so that it may be what drops it."""
    parts = (rf'(?<![\w$])"?{re.escape(part)}"?(?![\w$])' for part in path)
    return re.search(r"\s*\.\s*".join(parts), sql, re.IGNORECASE) is not None


def _shown(altered: Altered) -> str:
    kind, schema, table, own = altered.shown
    name = f"{quoted(schema, own)}" if table is None else f"{quoted(schema, table)}.{quoted(own)}"
    if kind == "function":
        name = ".".join([*([] if schema is None else [quoted(schema)]), own])
    word = "table, view or sequence" if kind == "relation" else kind
    return f"{word} {name} {'gets another type' if altered.retype else 'is dropped'}"
