"""Checks before the first statement that the role has the rights which the migrations need."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..connection.session import Session
from ..errors import RefusedError
from ..planning.action import Action

# What the run itself makes isn't there yet, and belongs to the role. Steps run with row_security off, so that
# a policy never hides rows from them: where one applies, a statement fails.
_MISSING = """
WITH me AS (SELECT current_user AS role FROM pg_roles WHERE rolname = current_user AND NOT rolsuper),
w AS (
  SELECT w.kind, w.name, coalesce(w.schema, %(search_path)s) AS schema,
    coalesce(quote_ident(w.schema) || '.', '') || w.name AS full_name
  FROM json_to_recordset(%(needs)s) AS w (kind text, schema text, name text)
)
SELECT format('CREATE on the schema %%I', n.nspname) FROM me, w JOIN pg_namespace n ON n.nspname = w.schema
WHERE w.kind = 'create' AND NOT has_schema_privilege(role, n.oid, 'CREATE')
UNION ALL
SELECT format('CREATE on the database %%I', current_database()) FROM me, w
WHERE w.kind = 'create in database' AND NOT has_database_privilege(role, current_database(), 'CREATE')
UNION ALL
SELECT format('ownership of %%s', c.oid::regclass) FROM me, w
JOIN pg_class c ON c.oid = to_regclass(w.full_name)
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE w.kind IN ('owner', 'drop') AND NOT pg_has_role(role, c.relowner, 'USAGE')
  AND NOT (w.kind = 'drop' AND pg_has_role(role, n.nspowner, 'USAGE'))
UNION ALL
SELECT format('%%s on %%s', w.kind, c.oid::regclass) FROM me, w
JOIN pg_class c ON c.oid = to_regclass(w.full_name)
WHERE w.kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
  AND NOT has_table_privilege(role, c.oid, w.kind)
  AND NOT CASE WHEN w.kind IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
    THEN has_any_column_privilege(role, c.oid, w.kind) ELSE false END
UNION ALL
SELECT format('ownership of the type %%s', t.oid::regtype) FROM me, w
JOIN pg_type t ON w.kind IN ('own type', 'drop type') AND t.oid = to_regtype(w.full_name)
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE NOT pg_has_role(role, t.typowner, 'USAGE')
  AND NOT (w.kind = 'drop type' AND pg_has_role(role, n.nspowner, 'USAGE'))
UNION ALL
SELECT format('ownership of the schema %%I', n.nspname) FROM me, w JOIN pg_namespace n ON n.nspname = w.name
WHERE w.kind = 'own schema' AND NOT pg_has_role(role, n.nspowner, 'USAGE')
UNION ALL
SELECT format('ownership of the function %%s', p.oid::regprocedure) FROM me, w
JOIN pg_namespace n ON n.nspname = w.schema
JOIN pg_proc p ON p.pronamespace = n.oid AND w.name IN (
  quote_ident(p.proname), '"' || p.proname || '"',
  format('"%%s"(%%s)', p.proname, array_to_string(
    ARRAY(SELECT format_type(a, NULL) FROM unnest(p.proargtypes) a), ', ')))
WHERE w.kind IN ('own function', 'drop function') AND NOT pg_has_role(role, p.proowner, 'USAGE')
  AND NOT (w.kind = 'drop function' AND pg_has_role(role, n.nspowner, 'USAGE'))
UNION ALL
SELECT format('superuser (for the triggers of foreign keys of %%s)', c.oid::regclass) FROM me, w
JOIN pg_class c ON c.oid = to_regclass(w.full_name)
WHERE w.kind = 'system triggers'
  AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgisinternal)
UNION ALL
SELECT format('BYPASSRLS (rows of %%s are changed, to which row level security applies)', c.oid::regclass)
FROM me, pg_class c
WHERE %(keeps_security)s AND row_security_active(c.oid) AND c.oid IN (
  SELECT to_regclass(w.full_name) FROM w WHERE w.kind IN ('INSERT', 'UPDATE', 'DELETE')
  UNION ALL SELECT to_regclass(name) FROM unnest(%(filled)s::text[]) t (name))
"""
# Asked only where a script has such a statement: Postgres looks for extensions on its disk.
_MORE = {
    "set": """UNION ALL
SELECT format('SET on the parameter %%I', s.name) FROM me, w
JOIN pg_settings s ON w.kind = 'set' AND lower(s.name) = w.name
WHERE s.context = 'superuser' AND NOT {may_set}
""",
    "extension": """UNION ALL
SELECT format('superuser (for the extension %%I)', v.name) FROM me, w
JOIN pg_available_extensions a ON w.kind = 'extension' AND a.name = w.name AND a.installed_version IS NULL
JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
WHERE v.superuser AND NOT (coalesce((to_jsonb(v) ->> 'trusted')::boolean, false)
                           AND has_database_privilege(role, current_database(), 'CREATE'))
""",
}
# Since Postgres 15.
_MAY_SET, _RIGHTS_TO_SET = "has_parameter_privilege(role, s.name, 'SET')", 150000
_TAKES_ROLE = ("set role", "set local role", "set session authorization", "set session role")


def refuse_unprivileged(session: Session, actions: Sequence[Action]) -> None:
    """Raises RefusedError naming the missing rights; skips scripts that switch to another role."""
    steps = [step for action in actions for step in action.steps]
    statements = [statement.sql for step in steps for statement in step.statements]
    if any(map(_takes_role, statements)):
        return
    needs = dict.fromkeys(need for action in actions for need in action.fit_checks.needs)
    fields = ("kind", "schema", "name")
    values = {
        "needs": json.dumps([dict(zip(fields, need, strict=True)) for need in needs]),
        "search_path": session.address.search_path,
        "keeps_security": not any(map(_sets_row_security, statements)),
        "filled": sorted({step.batch.relation for step in steps if step.batch is not None}),
    }
    has_rights_to_set = session.connection.info.server_version >= _RIGHTS_TO_SET
    query = _MISSING + "".join(part for kind, part in _MORE.items() if any(kind == need[0] for need in needs))
    query = query.replace("{may_set}", _MAY_SET if has_rights_to_set else "false")
    session.begin()
    try:
        missing = [*dict.fromkeys(row[0] for row in session.connection.execute(query.encode(), values))]
    finally:
        session.rollback()
    if missing:
        raise RefusedError(
            "privilege",
            f"the role that logged in lacks rights that these migrations need: {', '.join(missing)}; "
            "nothing was changed",
            "use the role that owns the database, or give this one what is missing "
            "(privileges with GRANT, ownership with GRANT of the owner's role, BYPASSRLS with ALTER ROLE); "
            "what needs a superuser, one can do before",
        )


def _sets_row_security(sql: str) -> bool:
    """Whether it may ease the row level security of a table for what follows."""
    return "row level security" in " ".join(sql.lower().split())


def _takes_role(sql: str) -> bool:
    return " ".join(sql[:40].lower().split()).startswith(_TAKES_ROLE)
