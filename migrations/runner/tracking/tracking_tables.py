"""The tables and views in which a database records its migrations.

They live in a Postgres schema of their own, so that tools which read the application's schema don't see them,
and are keyed by the schema's name, so that several teams' migrations can share one database. The views are a
stable interface for people and their dashboards; the tables are internal to the runner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import errors

if TYPE_CHECKING:
    from ..connection.session import Session

#: The Postgres schema of the tables; comparisons of databases leave it out.
TRACKING_SCHEMA: Final = "schema_service"

_TABLES = """
CREATE SCHEMA IF NOT EXISTS schema_service;
CREATE TABLE IF NOT EXISTS schema_service.versions (
    schema_name text PRIMARY KEY,
    version text,
    target text,
    digest text,
    compatible_from text,
    package_version text NOT NULL,
    objects jsonb,
    contains jsonb,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS schema_service.migrations (
    schema_name text NOT NULL,
    migration text NOT NULL,
    version text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('pending', 'running', 'retried', 'success', 'failed', 'rolled_back')),
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    checksum text NOT NULL,
    attempt integer NOT NULL,
    applied_at timestamptz,
    applied_by text,
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
    position text,
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
CREATE OR REPLACE VIEW schema_service.schema_versions AS
    SELECT schema_name, version, target, digest IS NOT NULL AS settled, package_version, compatible_from,
           updated_at
    FROM schema_service.versions;
CREATE OR REPLACE VIEW schema_service.migration_status AS
    SELECT m.schema_name, m.migration, m.version, replace(m.status, '_', ' ') AS status, m.applied_at,
           m.applied_by, m.duration_ms, m.attempt, m.error, m.checksum, m.package_version, m.direction,
           v.version AS version_now, v.target
    FROM schema_service.migrations m LEFT JOIN schema_service.versions v USING (schema_name);
CREATE OR REPLACE VIEW schema_service.migration_history AS
    SELECT id, schema_name, migration, version, direction, replace(status, '_', ' ') AS status, applied_at,
           applied_by, duration_ms, attempt, error, checksum, package_version
    FROM schema_service.history;
COMMENT ON SCHEMA schema_service IS 'Which migrations ran here, when and by whom; kept by their runner.';
COMMENT ON TABLE schema_service.versions IS 'Each schema''s version now, and the one the last run aimed at.';
COMMENT ON TABLE schema_service.migrations IS 'The last thing that happened to each migration.';
COMMENT ON TABLE schema_service.steps IS 'Which steps of a migration are committed: where a run resumes.';
COMMENT ON TABLE schema_service.history IS 'Everything that happened to each migration, oldest first.';
COMMENT ON VIEW schema_service.schema_versions IS 'Each schema''s version; settled: no run is under way.';
COMMENT ON VIEW schema_service.migration_status IS 'Every migration of each schema, and how it stands.';
COMMENT ON VIEW schema_service.migration_history IS 'Everything that happened, in the order of id.';
GRANT USAGE ON SCHEMA schema_service TO PUBLIC;
GRANT SELECT ON schema_service.versions, schema_service.schema_versions TO PUBLIC;
"""
_CREATION_ATTEMPTS = 5


def make_tables(session: Session) -> None:
    """Create what is missing. Runners of two schemas may do so at the same moment.

    Every role may read the versions, so that an application's pods can wait for one. Names of migrations and
    error messages, which can quote rows, need a grant.
    """
    for attempt in range(_CREATION_ATTEMPTS):
        try:
            session.write("SET LOCAL client_min_messages = warning", _TABLES)
        except (errors.UniqueViolation, errors.DuplicateObject, psycopg.errors.DuplicateTable):
            if attempt == _CREATION_ATTEMPTS - 1:
                raise
        else:
            return
