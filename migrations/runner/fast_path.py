"""The fast path: a start that has nothing to do needs one query, sent through libpq without psycopg.

Most starts of an init container have nothing to do. Importing psycopg takes five times as long as the rest,
so its bundled libpq is called directly. Unless the database is clearly up to date, the full start follows.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ctypes import CDLL

_QUERY = b"SELECT version, digest FROM schema_service.versions WHERE schema_name = $1"
# The full start says what is wrong where names without a schema lead elsewhere.
_QUERY_IN_PUBLIC = _QUERY + b" AND coalesce(current_schema(), 'public') = 'public'"
_CONNECT_SECONDS = b"2"
_CONNECTED, _TUPLES = 0, 2
# Commands that have nothing to do on an up-to-date database: the event and the message that say so.
_ANSWERS = {
    "upgrade": ("up_to_date", "nothing to do: the database is at {}"),
    "wait": ("ready", "the database is at {}"),
}


def is_done(
    arguments: Sequence[str], schema_name: str, digest: str, environment: Mapping[str, str] = os.environ
) -> bool:
    """Whether there is nothing to do for the command; if so, the message has been printed.

    ``digest`` identifies the package's migrations (``Manifest.digest_at``).
    """
    command, *options = arguments or [""]
    if command not in _ANSWERS or any(option != "--json" for option in options):
        return False
    version = version_at(schema_name, digest, environment)
    if version is None:
        return False
    event, sentence = _ANSWERS[command]
    from .output import is_terminal, write_line  # noqa: PLC0415

    if options or not is_terminal(sys.stdout):
        write_line(sys.stdout, f'{{"at": "{_now()}", "event": "{event}", "version": "{version}"}}')
    else:
        write_line(sys.stdout, sentence.format(version))
    return True


def version_at(schema_name: str, digest: str, environment: Mapping[str, str]) -> str | None:
    """The database's version if exactly the migrations of ``digest`` are applied; None for anything else."""
    from .address.address import address_from_environment  # noqa: PLC0415

    try:
        address = address_from_environment(None, environment)
        libpq = _load_libpq()
        query = _QUERY if address.names_schema else _QUERY_IN_PUBLIC
        name = address.tracked_name(schema_name)
        row = None if libpq is None else _ask(libpq, address.conninfo, query, name)
    except Exception:  # no address, no libpq, no ctypes: the full start reports what is wrong
        return None
    return row[0] if row is not None and row[1] == digest else None


def _ask(libpq: CDLL, conninfo: str, query: bytes, schema_name: str) -> tuple[str, str] | None:
    from ctypes import c_char_p, c_int, c_void_p  # noqa: PLC0415

    for name, returned, taken in (
        ("PQconnectdbParams", c_void_p, (c_void_p, c_void_p, c_int)),
        ("PQstatus", c_int, (c_void_p,)),
        ("PQexecParams", c_void_p, (c_void_p, c_char_p, c_int, *[c_void_p] * 4, c_int)),
        ("PQresultStatus", c_int, (c_void_p,)),
        ("PQntuples", c_int, (c_void_p,)),
        ("PQgetvalue", c_char_p, (c_void_p, c_int, c_int)),
        ("PQfinish", None, (c_void_p,)),
    ):
        function = getattr(libpq, name)
        function.restype, function.argtypes = returned, taken
    parameters = {
        b"dbname": conninfo.encode(),
        b"connect_timeout": _CONNECT_SECONDS,
        b"application_name": b"schema-service-read",
        b"client_encoding": b"utf8",
    }
    length = len(parameters) + 1
    names, values = (c_char_p * length)(*parameters), (c_char_p * length)(*parameters.values())
    connection = libpq.PQconnectdbParams(names, values, 1)
    try:
        if libpq.PQstatus(connection) != _CONNECTED:
            return None
        given = (c_char_p * 1)(schema_name.encode())
        # The result is not freed: the process ends now.
        result = libpq.PQexecParams(connection, query, 1, None, given, None, None, 0)
        if libpq.PQresultStatus(result) != _TUPLES or libpq.PQntuples(result) != 1:
            return None
        version, digest = (libpq.PQgetvalue(result, 0, column).decode() for column in (0, 1))
        return version, digest
    finally:
        libpq.PQfinish(connection)


def _load_libpq() -> CDLL | None:
    """The libpq bundled in psycopg's wheel. Raises OSError where it can't be loaded."""
    path = _find_libpq()
    if path is None:
        return None
    import ctypes  # noqa: PLC0415

    return ctypes.CDLL(path)


def _find_libpq() -> str | None:
    for entry in sys.path:
        for folder in ("psycopg_binary.libs", "psycopg_binary/.dylibs"):
            try:
                names = os.listdir(f"{entry}/{folder}")  # noqa: PTH208 - pathlib takes longer than the query
            except OSError:
                continue
            for name in names:
                if name.startswith(("libpq-", "libpq.")):
                    return f"{entry}/{folder}/{name}"
    return None


def _now() -> str:
    import time  # noqa: PLC0415

    seconds = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}+00:00"
