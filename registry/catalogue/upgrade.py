"""Upgrades the tables of the state database to this tool's revision when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

from schemas.errors import Problem

from ..errors import NewerCatalogueError, OlderCatalogueError
from . import tables
from .revisions import HEAD, revision

_LOCK = 0x736368656D61  # any number on which nobody else takes an advisory lock


def bring_up_to_date(engine: sa.Engine) -> None:
    """Create or change the tables, unless they are at HEAD already, which one query finds out.

    Any number of processes may do this at once: one works, the others wait for it. Raises NewerCatalogueError
    for a database that a newer tool has changed.
    """
    if _is_at_head(engine):
        return
    with _alone(engine) as connection:
        found = _revision_of(connection) if _has(connection, revision) else None
        if found is None and not _has(connection, tables.versions):
            _create(connection)
        elif found != HEAD:
            _apply_revisions(connection, found)


def is_ready_to_read(engine: sa.Engine) -> bool:
    """Whether a database that others share can be read as it is; False where it has no tables yet. Nothing is
    written. Raises OlderCatalogueError where its tables would have to be changed first, and
    NewerCatalogueError."""
    if _is_at_head(engine):
        return True
    with engine.connect() as connection:
        found = _revision_of(connection) if _has(connection, revision) else None
        if found is None and not _has(connection, tables.versions):
            return False
    if found is not None and found > HEAD:
        raise NewerCatalogueError(_newer(found))
    raise OlderCatalogueError(_older(found))


def check_revision(engine: sa.Engine) -> None:
    """Raises NewerCatalogueError for tables that another tool has changed since they were opened here."""
    with engine.connect() as connection:
        found = _revision_of(connection)
    if found != HEAD:
        raise NewerCatalogueError(_newer(str(found)))


def _is_at_head(engine: sa.Engine) -> bool:
    no_table = OperationalError if engine.dialect.name == "sqlite" else ProgrammingError
    try:
        with engine.connect() as connection:
            return _revision_of(connection) == HEAD
    except no_table:  # or any other fault: the upgrade below will report it
        return False


def _revision_of(connection: sa.Connection) -> str | None:
    return connection.scalar(sa.select(revision.c.version_num))


def _has(connection: sa.Connection, table: sa.Table) -> bool:
    return sa.inspect(connection).has_table(table.name)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other process is in at the same time."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins a transaction only before it writes rows, and not for changes of tables.
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection
        connection.commit()


def _create(connection: sa.Connection) -> None:
    """All tables of a new database. Alembic, which takes long to load, isn't needed for that."""
    tables.metadata.create_all(connection)
    revision.create(connection)
    connection.execute(revision.insert().values(version_num=HEAD))


def _apply_revisions(connection: sa.Connection, found: str | None) -> None:
    """Those after ``found``; all of them for a database from before there were any."""
    from alembic import command  # noqa: PLC0415 - seldom needed, and it takes long to load
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "registry.catalogue:revisions")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise NewerCatalogueError(_newer(found))
    command.upgrade(config, "head")


def _older(found: str | None) -> Problem:
    at = f"at revision {found}" if found else "from before there were revisions"
    return Problem(
        code="catalogue-is-older",
        message=f"the shared state database is {at}: an older schema-service made its tables, and a command "
        f"that only reads doesn't bring them to {HEAD}, after which older ones refuse the database",
        fix="once everybody who shares it has this version, run a command that writes, such as "
        "schema-service repair, which upgrades the tables; until then use the older version to read",
    )


def _newer(found: str) -> Problem:
    return Problem(
        code="catalogue-is-newer",
        message=f"the state database is at revision {found}: a newer schema-service has changed it, and this "
        f"one knows the revisions up to {HEAD}",
        fix="update schema-service here to the version that was used on the database last, "
        "or name another database in [state] url",
    )
