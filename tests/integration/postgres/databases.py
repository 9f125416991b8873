"""Empty databases that are emptied and used again: making one costs more than most tests do in it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migrations.scratch.scratch_server import ScratchServer

_LEAVING_SECONDS = 10
_CATALOGS = (
    *("cast", "class", "collation", "conversion", "default_acl", "event_trigger", "extension", "language"),
    *("foreign_data_wrapper", "foreign_server", "largeobject_metadata", "operator", "opclass", "opfamily"),
    *("policy", "proc", "publication", "statistic_ext", "subscription", "trigger", "ts_config", "ts_dict"),
    *("type", "user_mapping"),
)
# Whatever a test may leave in a database, or set on it, shows in one of these.
_STATE = f"""
SELECT array[{", ".join(f"(SELECT count(*) FROM pg_{catalog})" for catalog in _CATALOGS)}],
  array(SELECT (nspname, nspowner, nspacl)::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%temp\\_%'
    ORDER BY oid),
  (SELECT (datdba, datacl, datallowconn, datconnlimit, datistemplate)::text FROM pg_database
    WHERE datname = current_database()),
  (SELECT count(*) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
    WHERE datname = current_database()),
  (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())
"""
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class EmptyDatabases:
    """Databases of ``server``. One that can't be made empty again is dropped, and never lent again."""

    server: ScratchServer
    _free: list[str] = field(default_factory=list)
    _fresh: Any = None
    _made: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def close(self) -> None:
        """Drop them all."""
        self._made.close()

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """An empty database that no other test uses: its DSN."""
        dsn = self._free.pop() if self._free else self._new()
        yield dsn
        with contextlib.suppress(psycopg.Error):
            if self._emptied(dsn) == self._fresh:
                self._free.append(dsn)

    def _new(self) -> str:
        manager: AbstractContextManager[str] = self.server.new_database()
        dsn = self._made.enter_context(manager)
        if self._fresh is None:
            self._fresh = self._emptied(dsn)
        return dsn

    def _emptied(self, dsn: str) -> Any:
        """Drop what the owner has in the database: what is there then."""
        admin = make_conninfo(self.server.url, dbname=str(conninfo_to_dict(dsn)["dbname"]))
        with psycopg.connect(admin, autocommit=True) as connection:
            deadline = time.monotonic() + _LEAVING_SECONDS
            while connection.execute(_END_OTHERS).fetchone() != (0,):
                if time.monotonic() > deadline:
                    return None
                time.sleep(0.002)
            connection.execute("SET lock_timeout = '10s'")
            connection.execute("DROP OWNED BY scratch_owner CASCADE")
            return connection.execute(_STATE.encode()).fetchone()
