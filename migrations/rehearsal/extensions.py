"""The extensions that a history creates, before any of it runs: installed, or told with what helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pglast import ast
from pglast.parser import ParseError

from schemas.errors import Problem
from schemas.workspace.migration import Migration

from ..ddl.statements import line_and_column, normalised, parse_script
from ..errors import RehearsalError
from ..scratch.embedded.binaries import provide_extensions
from ..scratch.scratch_server import ask

#: In whatever a script executes, too: what is found needlessly is only installed.
_CREATED = re.compile(r"\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?([\w-]+)", re.IGNORECASE)
_OFFERED = "SELECT name FROM pg_available_extensions"
FIX_EMBEDDED = (
    "rehearse on a server that has it: set [rehearsal] url_env in schema-service.toml to the name of an "
    "environment variable, and that variable to the server's URL"
)
_FIX_GIVEN = "install it there, or let the variable that [rehearsal] url_env names hold another server's URL"


def provide(migrations: Sequence[Migration], url: str | None) -> None:
    """Let the server at ``url`` (None: the embedded one) have what ``migrations`` create.

    Raises RehearsalError with every extension that it can't have, where it is created first; ToolchainError
    and ScratchServerError.
    """
    if problems := missing_extensions(migrations, url):
        raise RehearsalError(*problems)


def missing_extensions(migrations: Sequence[Migration], url: str | None) -> list[Problem]:
    """What the server can't have, a problem each. Raises ToolchainError and ScratchServerError."""
    scripts = [migration for migration in migrations if _CREATED.search(migration.up)]
    names = {name for migration in scripts for name in _CREATED.findall(migration.up)}
    if not names:
        return []
    if url is None:
        missing = provide_extensions(names)
    else:
        missing = frozenset(names) - {name for (name,) in ask(url, _OFFERED)}
    found: dict[str, Problem] = {}
    for migration in scripts if missing else ():
        for name, line, column in _creations(migration.up):
            if name in missing:
                found.setdefault(name, _missing(name, migration, line, column, url))
    return list(found.values())


def _creations(script: str) -> Iterator[tuple[str, int, int]]:
    """The script's own statements, with their places; none of a script that can't be read."""
    try:
        statements = parse_script(script)
    except ParseError:  # the check of the scripts tells of it
        return
    for statement in statements:
        if isinstance(statement.node, ast.CreateExtensionStmt):
            yield statement.node.extname or "", *line_and_column(normalised(script), statement.offset)


def _missing(name: str, migration: Migration, line: int, column: int, url: str | None) -> Problem:
    server = "the embedded Postgres" if url is None else "the server that [rehearsal] names"
    return Problem(
        code="extension-not-offered",
        message=f"{server} has no extension {name!r}, which {migration.id} creates",
        fix=FIX_EMBEDDED if url is None else _FIX_GIVEN,
        file=migration.script_path("up"),
        line=line,
        column=column,
    )
