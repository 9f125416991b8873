"""The tables that a database keeps about its migrations: made once, read with one query.

They live in a Postgres schema of their own, so that no tool that looks at the application's schema sees
them, and are keyed by the schema's name, so that several teams' migrations can share one database.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors

from .connection import Connection
from .state import State, state_from_json

#: Where the tables are; also what a comparison of catalogues leaves out.
TRACKING_SCHEMA = "schema_service"

_TABLES = """
CREATE SCHEMA IF NOT EXISTS schema_service;
CREATE TABLE IF NOT EXISTS schema_service.versions (
    schema_name text PRIMARY KEY,
    version text,
    target text,
    package_version text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS schema_service.migrations (
    schema_name text NOT NULL,
    migration text NOT NULL,
    version text NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'success', 'failed', 'rolled_back')),
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    checksum text NOT NULL,
    attempt integer NOT NULL,
    applied_at timestamptz NOT NULL,
    applied_by text NOT NULL,
    duration_ms double precision,
    error text,
    package_version text NOT NULL,
    PRIMARY KEY (schema_name, migration)
);
CREATE TABLE IF NOT EXISTS schema_service.steps (
    schema_name text NOT NULL,
    migration text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    step integer NOT NULL,
    checksum text NOT NULL,
    done boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema_name, migration, direction, step)
);
CREATE TABLE IF NOT EXISTS schema_service.history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schema_name text NOT NULL,
    migration text NOT NULL,
    version text NOT NULL,
    status text NOT NULL,
    direction text NOT NULL,
    checksum text NOT NULL,
    attempt integer NOT NULL,
    applied_at timestamptz NOT NULL,
    applied_by text NOT NULL,
    duration_ms double precision,
    error text,
    package_version text NOT NULL
);
COMMENT ON SCHEMA schema_service IS 'Which migrations ran here, when and by whom; kept by their runner.';
COMMENT ON TABLE schema_service.versions IS 'Each schema''s version now, and the one the last run aimed at.';
COMMENT ON TABLE schema_service.migrations IS 'The last thing that happened to each migration.';
COMMENT ON TABLE schema_service.steps IS 'Which steps of a migration are committed: where a run resumes.';
COMMENT ON TABLE schema_service.history IS 'Everything that happened to each migration, oldest first.';
"""
_READ = """
SELECT json_build_object(
    'version', (SELECT version FROM schema_service.versions WHERE schema_name = %(name)s),
    'target', (SELECT target FROM schema_service.versions WHERE schema_name = %(name)s),
    'migrations', (SELECT coalesce(json_agg(m), '[]') FROM schema_service.migrations m
                   WHERE schema_name = %(name)s),
    'steps', (SELECT coalesce(json_agg(s), '[]') FROM schema_service.steps s WHERE schema_name = %(name)s))
"""
_HISTORY = "SELECT to_jsonb(h) FROM schema_service.history h WHERE schema_name = %(name)s ORDER BY id"
_CREATION_ATTEMPTS = 5


def read_state(connection: Connection, schema_name: str) -> State:
    """What the database knows of this schema; needs no more than SELECT on the tables."""
    try:
        row = connection.execute(_READ, {"name": schema_name}).fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return State()
    return State() if row is None else state_from_json(row[0])


def read_history(connection: Connection, schema_name: str) -> list[dict[str, Any]]:
    """Every event of this schema's migrations, oldest first."""
    try:
        return [row[0] for row in connection.execute(_HISTORY, {"name": schema_name})]
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return []


def make_tables(connection: Connection) -> None:
    """Create what is missing. Runners of two schemas may do so at the same moment."""
    for attempt in range(_CREATION_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute("SET LOCAL client_min_messages = warning")
                connection.execute(_TABLES)
        except (errors.UniqueViolation, errors.DuplicateObject, psycopg.errors.DuplicateTable):
            if attempt == _CREATION_ATTEMPTS - 1:
                raise
        else:
            return
