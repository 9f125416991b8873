"""Before a run: is there something already of the names that its scripts will give?"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..connection.session import Session
from ..fit_checks import ObjectName, Shape, names_needed, shapes_expected
from ..planning.action import Action

_TAKEN = """
SELECT w.number FROM json_to_recordset(%s) AS w (
  number int, kind text, schema text, "table" text, name text
) WHERE CASE w.kind
WHEN 'schema' THEN EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = w.name)
WHEN 'relation' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w.name)
WHEN 'index' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w.name
    AND c.relkind NOT IN ('i', 'I'))
WHEN 'type' THEN EXISTS (
  SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND t.typname = w.name AND t.typcategory <> 'A')
WHEN 'column' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w."table" AND a.attname = w.name)
WHEN 'constraint' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_constraint k ON k.conrelid = c.oid
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w."table" AND k.conname = w.name)
WHEN 'trigger' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_trigger g ON g.tgrelid = c.oid
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w."table" AND g.tgname = w.name)
WHEN 'policy' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_policy p ON p.polrelid = c.oid
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w."table" AND p.polname = w.name)
WHEN 'rule' THEN EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_rewrite r ON r.ev_class = c.oid
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND c.relname = w."table" AND r.rulename = w.name)
WHEN 'label' THEN EXISTS (
  SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
  WHERE n.nspname = coalesce(w.schema, current_schema()) AND t.typname = w."table" AND e.enumlabel = w.name)
WHEN 'extension' THEN EXISTS (SELECT FROM pg_extension e WHERE e.extname = w.name)
WHEN 'function' THEN
  to_regprocedure(quote_ident(coalesce(w.schema, current_schema())) || '.' || w.name) IS NOT NULL
END ORDER BY w.number
"""
# A modifier, such as a length, is compared where both types have one.
_UNLIKE = """
SELECT w.number, c.oid::regclass::text, c.relkind IN ('r', 'p', 'f'), w.name, w.type,
  format_type(a.atttypid, a.atttypmod)
FROM json_to_recordset(%s) AS w (number int, is_whole bool, schema text, "table" text, name text, type text)
JOIN pg_namespace n ON n.nspname = coalesce(w.schema, current_schema())
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w."table" AND c.relkind NOT IN ('i', 'I', 'c')
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.name AND a.attnum > 0
CROSS JOIN LATERAL (
  SELECT substring(w.type FROM '\\(([0-9, ]+)\\)') AS wanted,
    substring(format_type(a.atttypid, a.atttypmod) FROM '\\(([0-9, ]+)\\)') AS given) AS modifier
WHERE (w.is_whole AND (a.attname IS NULL OR c.relkind NOT IN ('r', 'p', 'f')))
  OR to_regtype(w.type) <> a.atttypid OR replace(modifier.wanted, ' ', '') <> replace(modifier.given, ' ', '')
ORDER BY w.number, w.name
"""
_RELATION = "table, index, view or sequence"


def taken_names(session: Session, actions: Sequence[Action]) -> list[str]:
    """What exists and stands in the way, one line each. An undo before it frees names that aren't known."""
    if any(action.undoes is not None for action in actions):
        return []
    scripts, resumed = [a.fit_checks for a in actions], [a.resumes for a in actions]
    unlike = _unlike(session, actions, [*shapes_expected(scripts, resumed)])
    needed = [*names_needed(scripts, resumed)]
    if not needed:
        return unlike
    fields = ("number", "kind", "schema", "table", "name")
    wanted = [dict(zip(fields, (number, *name), strict=True)) for number, (_, name) in enumerate(needed)]
    with session.snapshot():
        taken = session.connection.execute(_TAKEN, (json.dumps(wanted),)).fetchall()
    names = [f"{actions[needed[number][0]].migration.id}: {_shown(needed[number][1])}" for (number,) in taken]
    return [*names, *unlike]


def _unlike(session: Session, actions: Sequence[Action], expected: Sequence[tuple[int, Shape]]) -> list[str]:
    """What IF NOT EXISTS would leave as it is, although it is another."""
    fields = ("number", "is_whole", "schema", "table", "name", "type")
    wanted = [
        dict(zip(fields, (number, kind == "relation", schema, table, name, new), strict=True))
        for number, (_, (kind, schema, table, types)) in enumerate(expected)
        for name, new in types.items()
    ]
    if not wanted:
        return []
    with session.snapshot():
        found = session.connection.execute(_UNLIKE, (json.dumps(wanted),)).fetchall()
    lines: dict[str, None] = {}
    for number, table, is_table, name, new, there in found:
        migration = actions[expected[number][0]].migration.id
        own = f'its column "{name}" is {there}, not {new}' if there else f'it has no column "{name}"'
        what = own if is_table else "it is no table"
        lines[f"{migration}: there is {table} already, and {what} (IF NOT EXISTS leaves it as it is)"] = None
    return [*lines]


def _shown(name: ObjectName) -> str:
    kind, schema, table, own = name
    words = {"relation": _RELATION, "index": _RELATION, "label": "value of an enum"}
    word = words.get(kind, kind)
    parts = [f'"{part}"' for part in (schema, table) if part is not None]
    shown = ".".join([*parts, own if kind == "function" else f'"{own}"'])
    article = "an" if word[0] in "aeiou" else "a"
    return f"there is {article} {word} {shown} already"
