"""Template databases of earlier versions, kept on the server to be copied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from secrets import token_hex

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..scratch.embedded.clusters import cluster_key
from ..scratch.scratch_server import DATABASE_PREFIX, ScratchServer, let_go

_TEMPLATE_PREFIX = "schema_service_tmpl_"
_MOST_STATES = 500
# The code that makes a template: after any change of it, the templates are made again.
_MAKERS = ("migrations.rehearsal.seeding", "migrations.runner")


def template_key(kind: str, ingredients: Iterable[str]) -> str:
    """A name for what a template holds: different ingredients give a different name."""
    content = json.dumps([kind, _makers_digest(), *ingredients])
    return f"{kind}_{hashlib.sha256(content.encode()).hexdigest()[:20]}"


class TemplateStore:
    """The templates on one server. With a ``folder`` they stay for the next rehearsal; without one they are
    dropped by :meth:`close`. The folder is a cache and may be deleted."""

    def __init__(self, server: ScratchServer, folder: Path | None) -> None:
        self._server = server
        self._folder = folder
        self._run = "" if folder else f"{token_hex(4)}_"
        self._states: dict[str, dict[str, str]] = {}
        self._there = self._databases() if folder else set()

    def find(self, key: str) -> str | None:
        """The template's database, or None."""
        name = self._name(key)
        return name if name in self._there else None

    def keep(self, key: str, database: str) -> str:
        """Make a scratch database (given by its DSN) the template ``key``: it is renamed, not copied."""
        name = self._name(key)
        if name in self._there:  # made for another line that shares these versions
            return name
        current = str(conninfo_to_dict(database)["dbname"])
        with self._server.session() as connection:
            let_go(connection, current)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(current), sql.Identifier(name)
                )
            )
        self._there.add(name)
        return name

    def prune(self, keys: Collection[str]) -> None:
        """Drop all templates except ``keys``, and scratch databases that a killed rehearsal left."""
        kept = {self._name(key) for key in keys}
        ours = (_TEMPLATE_PREFIX + self._run, *([DATABASE_PREFIX] if self._folder else []))
        with self._server.session() as connection:
            for name in self._databases():
                if name.startswith(ours) and name not in kept:
                    connection.execute(
                        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                    )
                    self._there.discard(name)

    def close(self) -> None:
        """Drop the templates, unless they are kept in a folder."""
        if not self._folder:
            self.prune(())

    def state(self, key: str) -> dict[str, str] | None:
        """The objects that were stored under ``key``."""
        if key not in self._states and self._folder:
            stored = read_state(self._folder, key)
            if stored is None:
                return None
            self._states[key] = stored
        return self._states.get(key)

    def keep_state(self, key: str, objects: Mapping[str, str]) -> None:
        """Store the objects of a database under ``key``."""
        self._states[key] = dict(objects)
        if self._folder:
            write_state(self._folder, key, objects)

    def _name(self, key: str) -> str:
        return f"{_TEMPLATE_PREFIX}{self._run}{key}"

    def _databases(self) -> set[str]:
        with self._server.session() as connection:
            return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def read_state(folder: Path, key: str) -> dict[str, str] | None:
    """A stored state; a damaged one counts as absent."""
    try:
        stored = json.loads((folder / "states" / f"{key}.json").read_text("utf-8"))
        objects, digest = dict(stored["objects"]), stored["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return objects if digest == _digest(objects) else None


def write_state(folder: Path, key: str, objects: Mapping[str, str]) -> None:
    """Store a state, and delete the oldest ones where there are too many."""
    states = folder / "states"
    states.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"digest": _digest(objects), "objects": dict(objects)}, sort_keys=True)
    partial = states / f".{key}.{token_hex(4)}"
    partial.write_text(text, "utf-8")  # not synced: a file cut short by a crash counts as absent
    partial.replace(states / f"{key}.json")
    by_age = sorted(states.glob("*.json"), key=lambda file: (file.stat().st_mtime, file.name))
    for file in by_age[:-_MOST_STATES]:
        file.unlink(missing_ok=True)


def _digest(objects: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(objects), sort_keys=True).encode()).hexdigest()


@cache
def _makers_digest() -> str:
    digest = hashlib.sha256(cluster_key().encode())
    for package in _MAKERS:
        folder = Path(str(resources.files(package)))
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
