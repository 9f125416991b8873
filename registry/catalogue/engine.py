"""Opening the state database: SQLite in the workspace by default, any SQLAlchemy URL when it is shared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from migrations.runner.address.database_url import (
    InvalidDatabaseUrlError,
    option_value,
    read_database_url,
)
from migrations.runner.connection.timeout_settings import timeout_of
from schemas.errors import Problem
from schemas.workspace.files import private_folder
from schemas.workspace.private_folder import PRIVATE_FOLDER

from ..errors import CatalogueError, SettingsError

_BUSY_TIMEOUT_MS = 15_000
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_ANSWER_SECONDS = "5"  # who only reads can do without


def state_url(url: str, root: Path) -> sa.URL:
    """``[state] url`` made absolute (a relative SQLite file lies in the workspace) and with its driver.

    Raises SettingsError for anything but SQLite and Postgres, without repeating the value, and WorkspaceError
    for a file in the private folder of the workspace if symbolic links lead out of that.
    """
    if url.strip().partition("://")[0] in _POSTGRES:
        return _postgres_url(url)
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise _unusable("is not a database URL") from None
    if parsed.drivername != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise _unusable("is neither a SQLite file nor a Postgres database")
    file = Path(os.path.normpath(root / parsed.database))
    if file.is_relative_to(root / PRIVATE_FOLDER):
        private_folder(root)
    return parsed.set(database=str(file.resolve()))


def _postgres_url(url: str) -> sa.URL:
    """What one URL means, it means here too; a pool's options are for clients."""
    try:
        read = read_database_url(url)
    except InvalidDatabaseUrlError as error:
        raise _unusable(f"can't be used: {error.message}", error.fix) from None
    rest = dict(read.parameters)
    if read.schema is not None:
        path = option_value(read.schema)
        rest["options"] = f"{rest.get('options', '')} -c search_path={path}".strip()
    place: dict[str, Any] = {
        "username": rest.pop("user", None),
        "password": rest.pop("password", None),
        "database": rest.pop("dbname", None),
    }
    host, port = rest.get("host", ""), rest.get("port", "")
    # SQLAlchemy takes several hosts, and folders of sockets, from the query only.
    if host and not host.startswith("/") and "," not in host + port:
        place |= {"host": rest.pop("host"), "port": int(rest.pop("port")) if port else None}
    return sa.URL.create("postgresql+psycopg", **place, query=rest)


def open_engine(url: sa.URL, *, to_read: bool = False) -> sa.Engine:
    """An engine on the state database; SQLite's folder is created, and its writers wait for each other.

    Opened ``to_read``, a missing SQLite file stays missing, and a server has some seconds to answer. Raises
    CatalogueError if the folder can't be created.
    """
    if url.drivername != "sqlite":
        if to_read:
            url = url.update_query_dict(
                {"connect_timeout": url.query.get("connect_timeout", _ANSWER_SECONDS)}
            )
        shared = sa.create_engine(url, pool_pre_ping=True)
        sa.event.listen(shared, "connect", _prepare_postgres)
        return shared
    file = Path(str(url.database))
    if to_read and not file.exists():
        return empty_engine()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogueError(unavailable(error.strerror or str(error))) from error
    try:
        engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000})
    except NoSuchModuleError:
        raise _unusable("needs a driver that isn't installed") from None
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def empty_engine() -> sa.Engine:
    """A database without anything in it, for who only reads; it ends with the engine."""
    return sa.create_engine("sqlite://")


@contextmanager
def catalog_errors() -> Iterator[None]:
    """Turn a state database that fails into CatalogueError. Where a signal ended a query, the connection that
    it left is no fault: what the signal raised goes on."""
    try:
        yield
    except SQLAlchemyError as error:
        interrupt = _interrupt(error)
        if interrupt is not None:
            raise interrupt from None
        cause = getattr(error, "orig", None) or error
        why, setting = str(cause).strip() or type(cause).__name__, timeout_of(cause)
        raise CatalogueError(_ended(why, setting) if setting else unavailable(why)) from error


def _interrupt(error: BaseException) -> KeyboardInterrupt | None:
    """The one in whose clean-up ``error`` was raised."""
    context = error.__context__
    while context is not None and not isinstance(context, KeyboardInterrupt):
        context = context.__context__
    return context


def unavailable(why: str) -> Problem:
    return Problem(
        code="catalogue-unavailable",
        message=f"the state database can't be used: {why}",
        fix="check [state] url and that the database is up and writable, then run this again",
    )


def _ended(why: str, setting: str) -> Problem:
    return Problem(
        code="catalogue-timeout",
        message=f"the state database has ended a query: {why.splitlines()[0]}",
        fix=f"if its {setting} is too short: ALTER ROLE … SET {setting} = 0 for the role of [state] url, "
        "or leave it out of the options there; then run this again",
    )


def _prepare_postgres(connection: Any, _record: object) -> None:
    """psycopg reads times in ISO form only; a server, database or role may have another."""
    connection.autocommit = True
    connection.execute("SET DateStyle = ISO")
    connection.autocommit = False


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")


def _unusable(why: str, fix: str | None = None) -> SettingsError:
    return SettingsError(
        Problem(
            code="invalid-state-url",
            message=f"[state] url {why}",
            fix=fix or 'use "sqlite:///.schema-service/state.db" or "postgresql://user@host/database"',
            file="schema-service.toml",
        )
    )
