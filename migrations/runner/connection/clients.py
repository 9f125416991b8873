"""Who is connected to a database: the schema's clients by their versions, as they call their sessions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..manifest import Manifest
from ..semver import precedence
from .connection import Connection
from .session_name import session_name

# The server tells everybody of a session's role and name, and of the rest only its own role and those with
# pg_read_all_stats.
_SESSIONS = """
SELECT application_name, usename, host(client_addr), count(*),
       to_char(min(backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       count(*) FILTER (WHERE backend_start IS NULL)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND coalesce(backend_type, 'client backend') = 'client backend'
  AND application_name NOT LIKE 'schema-service%'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedClient:
    """The connections of one version of a package, from one address, by one role of Postgres.

    ``application`` is what the application calls itself; ``address`` is None for a socket of the server's
    machine, and where the rights to see it are missing; ``since`` is ISO 8601, of the oldest connection.
    """

    package: str
    version: str
    application: str | None
    role: str
    address: str | None
    connections: int
    since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """``others`` are the connections of whatever is no client of this schema, by their names; of ``unseen``
    connections the role may not see address and time."""

    schema_name: str
    clients: tuple[ConnectedClient, ...]
    others: dict[str, int]
    unseen: int

    def as_json(self) -> dict[str, Any]:
        """The answer of ``users --json``."""
        return asdict(self)


def connected_clients(
    connection: Connection, manifest: Manifest, is_wanted: Callable[[str], bool] = lambda _: True
) -> Users:
    """Who is connected now; of the clients those whose version ``is_wanted``."""
    clients: list[ConnectedClient] = []
    others: Counter[str] = Counter()
    unseen = 0
    for name, role, address, connections, since, hidden in connection.execute(_SESSIONS):
        unseen += hidden
        found = _packaged(name, manifest.clients)
        if found is None:
            others[name] += connections
            continue
        package, version, application = found
        if is_wanted(version):
            clients.append(
                ConnectedClient(
                    package=package,
                    version=version,
                    application=application,
                    role=role,
                    address=address,
                    connections=connections,
                    since=since,
                )
            )
    clients.sort(key=lambda each: (precedence(each.version), each.package, each.role, each.address or ""))
    return Users(
        schema_name=manifest.schema_name,
        clients=tuple(clients),
        others=dict(others.most_common()),
        unseen=unseen,
    )


def is_broken_by(manifest: Manifest, version: str, client: str) -> bool:
    """Whether a client that works now doesn't on a database at ``version``, one of the package's."""
    oldest = manifest.compatible_from.get(version, version)
    if precedence(client) >= precedence(version):
        return False
    is_of_another_line = client in manifest.versions and not manifest.contains(version, client)
    return precedence(client) < precedence(oldest) or is_of_another_line


def _packaged(name: str, packages: Sequence[str]) -> tuple[str, str, str | None] | None:
    """Package, version, and what else the session is called: the client writes its own name behind it, and a
    pooler an address behind that."""
    words = name.split()
    for index, word in reversed(list(enumerate(words))):
        package, _, version = word.rpartition("/")
        if package and _VERSION.fullmatch(version):
            known = [each for each in packages if session_name(f"{each}/{version}") == word]
            if known or not packages:  # a package from before its manifest named the clients
                rest = " ".join([*words[:index], *words[index + 1 :]])
                return (known or [package])[0], version, rest or None
    return None
