"""What the result of a rehearsal depends on, of the server that it runs on."""

from __future__ import annotations

from .embedded.clusters import cluster_key

_QUERIES = (
    "SELECT version()",
    # The left out differ between sessions of one server.
    """SELECT name, setting FROM pg_settings
       WHERE name NOT IN ('application_name', 'client_encoding', 'session_authorization', 'role')
         AND name NOT LIKE 'transaction%' ORDER BY name""",
    "SELECT name, version FROM pg_available_extension_versions ORDER BY name, version",
    """SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolconfig,
              ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1)
       FROM pg_roles r WHERE rolname = current_user""",
)


def server_identity(url: str | None) -> str:
    """The build, the settings, the extensions and the role of the server at ``url`` (None: the embedded one,
    whose settings are part of the code).

    Raises ScratchServerError if it can't be asked.
    """
    if url is None:
        return cluster_key()
    from .scratch_server import ask  # noqa: PLC0415 - to know the embedded one takes no driver

    return repr([url, *(ask(url, query) for query in _QUERIES)])
