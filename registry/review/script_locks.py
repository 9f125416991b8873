"""What the scripts lock that lead from one version to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from migrations.errors import MigrationSyntaxError
from migrations.scripts.locks import TableLock, runs_code, script_locks
from migrations.scripts.split import split
from schemas.errors import Problem
from schemas.workspace.migration import Migration

Script: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLocks:
    """What one script locks, of tables that are there before. ``is_missing``: there is no way back.
    ``problems``: why it can't be read; ``runs_code``: it may lock more than it tells."""

    id: str
    script: Script
    locks: tuple[TableLock, ...] = ()
    runs_code: bool = False
    is_missing: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """As ``005_monitoring/up.sql``."""
        return f"{self.id}/{self.script}.sql"

    def to_json(self) -> dict[str, Any]:
        """As JSON values; the locks of a script that can't be read are null."""
        locks = [{**asdict(lock), "waiting": lock.waiting} for lock in self.locks]
        return {
            "id": self.id,
            "script": self.script,
            "locks": None if self.problems else locks,
            "runs_code": self.runs_code,
            "is_missing": self.is_missing,
        }


def locks_of(migrations: Sequence[Migration], script: Script) -> tuple[ScriptLocks, ...]:
    """Those of one script of each migration."""
    return tuple(_locks(each, script) for each in migrations)


def _locks(migration: Migration, script: Script) -> ScriptLocks:
    text = migration.up if script == "up" else migration.down
    if text is None:
        return ScriptLocks(id=migration.id, script=script, is_missing=True)
    try:
        split(text, migration.script_path(script))
    except MigrationSyntaxError as error:
        return ScriptLocks(id=migration.id, script=script, problems=error.problems)
    return ScriptLocks(id=migration.id, script=script, locks=script_locks(text), runs_code=runs_code(text))
