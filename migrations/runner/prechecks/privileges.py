"""Checks before the first statement that the role has the privileges which the migrations need."""

from __future__ import annotations

from collections.abc import Sequence

from ..connection.session import Session
from ..errors import RefusedError
from ..planning.action import Action

_MISSING = """
WITH me AS (SELECT current_user AS role, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user)
SELECT format('CREATE on the schema %%I', n.nspname) FROM me, pg_namespace n
WHERE NOT rolsuper AND n.nspname = ANY (%(schemas)s) AND NOT has_schema_privilege(role, n.oid, 'CREATE')
UNION ALL
SELECT format('ownership of %%s', c.oid::regclass) FROM me, unnest(%(tables)s::text[]) t (name)
JOIN pg_class c ON c.oid = to_regclass(t.name)
WHERE NOT rolsuper AND NOT pg_has_role(role, c.relowner, 'USAGE')
UNION ALL
SELECT format('BYPASSRLS (rows of %%s are changed, which forces row level security on its owner)',
              c.oid::regclass)
FROM me, unnest(%(filled)s::text[]) t (name)
JOIN pg_class c ON c.oid = to_regclass(t.name)
WHERE NOT rolsuper AND NOT rolbypassrls AND c.relrowsecurity AND c.relforcerowsecurity
"""
_TAKES_ROLE = ("set role", "set local role", "set session authorization", "set session role")


def refuse_unprivileged(session: Session, actions: Sequence[Action]) -> None:
    """Raises RefusedError naming the missing privileges; skips scripts that switch to another role."""
    going = [action.migration for action in actions if action.direction == "up"]
    if any(_takes_role(statement.sql) for m in going for step in m.up for statement in step.statements):
        return
    values = {
        "schemas": sorted({schema or session.address.search_path for m in going for schema in m.schemas}),
        "tables": sorted({table for m in going for table in m.tables}),
        "filled": sorted({step.batch.relation for m in going for step in m.up if step.batch is not None}),
    }
    session.begin()
    try:
        missing = [row[0] for row in session.connection.execute(_MISSING, values)]
    finally:
        session.rollback()
    if missing:
        raise RefusedError(
            "privilege",
            f"the role that logged in lacks privileges that these migrations need: {', '.join(missing)}; "
            "nothing was changed",
            "use the role that owns the database, or grant this one what is missing "
            "(CREATE with GRANT, BYPASSRLS with ALTER ROLE)",
        )


def _takes_role(sql: str) -> bool:
    return " ".join(sql[:40].lower().split()).startswith(_TAKES_ROLE)
