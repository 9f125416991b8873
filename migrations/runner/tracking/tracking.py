"""Reads what a database has recorded about its migrations, with one query."""

from __future__ import annotations

from typing import Any

from psycopg import errors

from ..connection.connection import Connection
from ..planning.state import State, state_from_json

# Tables that older runners made have no column "contains".
_READ = """
SELECT json_build_object(
    'versions', (SELECT json_agg(json_build_object(
                     'version', version, 'target', target, 'digest', digest,
                     'compatible_from', compatible_from, 'contains', to_jsonb(v) -> 'contains'))
                 FROM schema_service.versions v WHERE schema_name = %(name)s),
    'migrations', (SELECT coalesce(json_agg(m), '[]') FROM schema_service.migrations m
                   WHERE schema_name = %(name)s),
    'steps', (SELECT coalesce(json_agg(s), '[]') FROM schema_service.steps s WHERE schema_name = %(name)s))
"""
_READ_VERSION = """
SELECT json_build_object('version', version, 'target', target, 'digest', digest,
                         'compatible_from', compatible_from, 'contains', to_jsonb(v) -> 'contains')
FROM schema_service.versions v WHERE schema_name = %(name)s
"""
_HISTORY = "SELECT to_jsonb(h) FROM schema_service.history h WHERE schema_name = %(name)s ORDER BY id"
_OTHERS = """
SELECT DISTINCT jsonb_array_elements_text(objects) FROM schema_service.versions WHERE schema_name <> %(name)s
"""


def read_state(connection: Connection, schema_name: str) -> State:
    """What the database has recorded of this schema; needs only SELECT on the tables."""
    try:
        row = connection.execute(_READ, {"name": schema_name}).fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return State()
    return State() if row is None else state_from_json(row[0])


def read_version(connection: Connection, schema_name: str) -> State:
    """The same without the migrations: this part any role may read."""
    try:
        row = connection.execute(_READ_VERSION, {"name": schema_name}).fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return State()
    versions = [] if row is None else [row[0]]
    return state_from_json({"versions": versions, "migrations": [], "steps": []})


def read_history(connection: Connection, schema_name: str) -> list[dict[str, Any]]:
    """Every event of this schema's migrations, oldest first."""
    try:
        return [row[0] for row in connection.execute(_HISTORY, {"name": schema_name})]
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return []


def objects_of_others(connection: Connection, schema_name: str) -> frozenset[str]:
    """The objects of other schemas' packages in this database, by kind and name."""
    try:
        return frozenset(row[0] for row in connection.execute(_OTHERS, {"name": schema_name}))
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return frozenset()
