"""One run, from its row to its outcome, by the process that is the only worker of its database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from migrations.runner.options import Options
from schemas.errors import Problem
from schemas.workspace.workspace import Workspace

from ..artifacts.store import open_store
from ..catalogue import Announcement, Catalogue
from ..catalogue.runs import Run
from ..config.settings import Settings
from ..databases import database as one
from ..databases.downgrades import package_to_go_back
from ..databases.manifests import PublishedManifests
from ..databases.registered import RegisteredDatabase, database_named
from ..notify.events import announcement
from ..services import open_publishers
from .attempt import attempt

_PROGRESS_SECONDS = 2.0


class Execution:
    """Works on the runs that it is given. Raises CatalogueError where the state database fails, which leaves
    the run to whoever looks next."""

    def __init__(self, workspace: Workspace, settings: Settings, catalogue: Catalogue) -> None:
        self._workspace = workspace
        self._settings = settings
        self._catalogue = catalogue
        self._runs = catalogue.runs

    def work_on(self, run: Run) -> None:
        """Do what is left of a run that was begun, and record how it ended."""

        def do() -> Mapping[str, Any]:
            return self._done(run, database_named(self._settings, run.database))

        attempt(self._runs, run, do, partial(self._fail, run))

    def _done(self, run: Run, database: RegisteredDatabase) -> Mapping[str, Any]:
        options = Options(progress=_PROGRESS_SECONDS)

        def listen(event: str, /, **fields: Any) -> None:
            self._runs.note(run.id, {"event": event, **one.without_place(database, fields)})

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
        self._runs.finish(run.id, "failed", {"problems": texts}, self._announced(run, problems))

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
