"""One run, from its row to its outcome, by the process that is the only worker of its database."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from migrations.runner.options import Options
from schemas.errors import Problem, ServiceError
from schemas.workspace.workspace import Workspace

from ..artifacts.store import open_store
from ..catalogue import Announcement, Catalogue
from ..catalogue.runs import Run
from ..config.settings import Settings
from ..databases import database as one
from ..databases.downgrades import package_to_go_back
from ..databases.manifests import PublishedManifests
from ..databases.registered import RegisteredDatabase, database_named
from ..errors import CatalogueError, DatabaseBusyError
from ..notify.events import announcement
from ..publishers.opening import open_publishers
from .endings import MOST_ATTEMPTS, bug, ended_each_time
from .withdrawn import check_target

_PROGRESS_SECONDS = 2.0
#: A connection that was cut says nothing of the migration: the run goes on, as after a worker's end.
_CUT = frozenset({"database-lost", "database-lock-lost", "database-commit-unknown"})
_MOST_CUTS = 10


class StoppedError(KeyboardInterrupt):
    """The process has to end. As a KeyboardInterrupt it makes psycopg cancel the statement in the server."""


class Execution:
    """Works on the runs that it is given. Raises StoppedError where the process has to end, CatalogueError
    where the state database fails, and DatabaseBusyError where the connection to the database was cut, all of
    which leave the run to whoever looks next."""

    def __init__(self, workspace: Workspace, settings: Settings, catalogue: Catalogue) -> None:
        self._workspace = workspace
        self._settings = settings
        self._catalogue = catalogue
        self._runs = catalogue.runs

    def work_on(self, run: Run) -> None:
        """Do what is left of a run that was begun, and record how it ended."""
        if run.cancel_asked:
            self._runs.finish(run, "cancelled", {"problems": []})
            return
        try:
            if run.attempt > MOST_ATTEMPTS:
                self._fail(
                    run, ended_each_time(f"run {run.id}", run.attempt, f"schema-service run retry {run.id}")
                )
                return
            check_target(self._catalogue, run)
            database = database_named(self._settings, run.database)
            outcome = self._done(run, database)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is done: too late to stop
            self._runs.finish(run, "succeeded", outcome)
        except StoppedError:
            if self._runs.is_cancel_asked(run.id):
                self._runs.finish(run, "cancelled", {"problems": []})
                return
            self._runs.give_back(run, "its worker was stopped")
            raise
        except CatalogueError:
            raise
        except DatabaseBusyError as error:
            if run.attempt >= _MOST_CUTS or error.problems[0].code not in _CUT:
                self._fail(run, *error.problems)
                return
            self._runs.give_back(run, "the connection to the database was cut")
            raise
        except ServiceError as error:
            self._fail(run, *error.problems)
        except Exception as error:  # the last resort: a run that is over instead of one that goes on for ever
            self._fail(run, bug(f"run {run.id}", error))

    def _done(self, run: Run, database: RegisteredDatabase) -> Mapping[str, Any]:
        options = Options(progress=_PROGRESS_SECONDS)

        def listen(event: str, /, **fields: Any) -> None:
            if not self._runs.note(run, {"event": event, **one.without_place(database, fields)}):
                raise StoppedError  # another worker has it

        is_down = run.direction == "down"
        publishers = dict(open_publishers(self._workspace, self._settings))
        manifests = PublishedManifests(
            self._catalogue, publishers, open_store(self._settings.artifacts, self._workspace.root)
        )
        if is_down:
            manifest, _ = package_to_go_back(self._catalogue, manifests, database, run.target)
        else:
            manifest = manifests.of(run.target)
        if run.dry_run:
            return one.plan(database, manifest, run.target, down=is_down, options=one.LOOKING).as_json()
        if is_down:
            report = one.downgrade(
                database,
                manifest,
                run.target,
                allow_data_loss=run.allow_data_loss,
                options=options,
                listener=listen,
            )
        else:
            report = one.upgrade(database, manifest, run.target, options=options, listener=listen)
        return asdict(report)

    def _fail(self, run: Run, *problems: Problem) -> None:
        if run.database in self._settings.databases:
            database = database_named(self._settings, run.database)
            problems = tuple(one.placeless(database, problem) for problem in problems)
        texts = [asdict(problem) for problem in problems]
        self._runs.finish(run, "failed", {"problems": texts}, self._announced(run, problems))

    def _announced(self, run: Run, problems: tuple[Problem, ...]) -> Announcement:
        return announcement(
            self._settings.notify,
            "run.failed",
            schema_name=self._catalogue.schema_name,
            version=run.target,
            data={
                "database": run.database,
                "run": run.id,
                "direction": run.direction,
                "failure": "\n".join(f"{each.message} (fix: {each.fix})" for each in problems),
            },
        )
