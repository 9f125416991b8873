"""One job, from its row to its outcome: the same code as the commands', on what was uploaded."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

from schemas.errors import Problem, ServiceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.workspace import Workspace

from ..artifacts.store import open_store
from ..catalogue import Catalogue
from ..catalogue.engine import state_url
from ..catalogue.release_jobs import ReleaseJob
from ..config.artifacts import ArtifactsTable
from ..config.settings import Settings, StateTable
from ..consumers.install_commands import install_lines
from ..errors import CatalogueError, CheckFailedError, ReleaseBusyError, ReleaseCancelledError
from ..lifecycle import changes
from ..lifecycle.unfinished import finish_change
from ..os_user import acting_as
from ..release.context import ReleaseContext
from ..release.parts.push import promote, push
from ..release.publish import ReleaseReport, publish
from ..release.steps import PARTS, STEPS
from ..release.workflow import StepEvent
from ..runs.endings import MOST_ATTEMPTS, bug, ended_each_time
from ..runs.execution import StoppedError
from ..services import open_release
from ..validation.published_versions import PublishedVersions
from ..validation.workspace_check import Rehearsals, problems_of
from .drafts import OF_A_RELEASE
from .job_workspace import JobWorkspace

_BUSY_SECONDS = 1.0
_RELEASES = {"publish": publish, "push": push, "promote": promote}
_STEP_NAMES: Mapping[str, list[str]] = {
    "publish": [step.name for step in STEPS],
    **{mode: [step.name for step in steps] for mode, steps in PARTS.items()},
}
_CHANGES = ("latest", "rollback", "withdraw", "restore")
_TOLD = (*OF_A_RELEASE, "CHANGELOG.md")
T = TypeVar("T")


class JobExecution:
    """Works on the jobs that it is given; ``home`` is the service's workspace.

    Raises CatalogueError where the state database fails, which leaves the job to whoever looks next.
    """

    def __init__(self, home: Workspace, settings: Settings, catalogue: Catalogue) -> None:
        self._home = home
        self._settings = _rooted(settings, home)
        self._catalogue = catalogue
        self._jobs = catalogue.release_jobs

    def work_on(self, job: ReleaseJob) -> None:
        """Do what is left of a job that was begun, and record how it ended."""
        try:
            if job.cancel_asked:  # its worker ended before it knew
                self._cancelled(job)
                return
            if job.attempt > MOST_ATTEMPTS:
                self._fail(
                    job,
                    ended_each_time(f"release job {job.id}", job.attempt, f"POST /releases/{job.id}/retry"),
                )
                return
            with acting_as(job.created_by):
                outcome = self._done(job)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is done: too late to stop
            self._jobs.finish(job, "succeeded", outcome)
        except (StoppedError, ReleaseCancelledError):
            if self._jobs.is_cancel_asked(job.id):
                self._cancelled(job)
            else:
                self._jobs.give_back(job, "its worker was stopped")
        except CatalogueError:
            raise
        except ServiceError as error:
            self._fail(job, *error.problems)
        except Exception as error:  # the last resort: a job that is over instead of one that goes on for ever
            self._fail(job, bug(f"release job {job.id}", error))

    def _done(self, job: ReleaseJob) -> Mapping[str, Any]:
        store = open_store(self._settings.artifacts, self._home.root)
        place = JobWorkspace(self._home, self._catalogue, store)
        workspace = place.prepare(job)
        with PrismaBridge(shared_in=private_folder(self._home.root, "local")) as bridge:
            if job.action == "check":
                return self._checked(job, workspace, bridge)
            is_new = job.action in _RELEASES
            with self._opened(job, workspace, bridge, is_new=is_new) as context:
                if context.catalogue.events.unfinished():
                    self._when_free(job, lambda: finish_change(workspace, context))
                if job.action in _CHANGES:
                    return self._when_free(job, lambda: _changed(job, workspace, context)).to_json()
                release = _RELEASES[job.action]
                observer = partial(self._tell, job)
                report = self._when_free(job, lambda: release(workspace, job.version, context, observer))
                files, why_not = place.keep(workspace, job.version)
                if why_not is not None:
                    self._jobs.note(job, {"event": "not_in_workspace", "reason": why_not})
                return self._released(report, files)

    @contextmanager
    def _opened(
        self, job: ReleaseJob, workspace: Workspace, bridge: PrismaBridge, *, is_new: bool
    ) -> Iterator[ReleaseContext]:
        """Keys and credentials are those of the service's workspace; what a release notes is in the job's."""
        with open_release(self._home, self._settings, bridge, is_new=is_new) as context:
            context.root = workspace.root
            context.before_publishing = partial(self._begin_publishing, job)
            yield context

    def _begin_publishing(self, job: ReleaseJob) -> None:
        if not self._jobs.begin_publishing(job):
            raise ReleaseCancelledError(_is_cancelled(job))

    def _cancelled(self, job: ReleaseJob) -> None:
        self._jobs.finish(job, "cancelled", {"problems": []})

    def _checked(self, job: ReleaseJob, workspace: Workspace, bridge: PrismaBridge) -> Mapping[str, Any]:
        """Raises CheckFailedError with all that `check` shows, warnings too, if something is wrong."""
        rehearsals = Rehearsals(self._settings.rehearsal.url)
        names = self._settings.packages.names()
        published = PublishedVersions(self._settings, self._catalogue, names=names)
        problems = problems_of(workspace, (job.version,), bridge, rehearsals, published)
        if any(problem.severity == "error" for problem in problems):
            raise CheckFailedError(*problems)
        report = rehearsals.reports.get(job.version)
        rehearsal = {"summary": report.summary, **report.document} if report else None
        return {"problems": [asdict(each) for each in problems], "rehearsal": rehearsal}

    def _when_free(self, job: ReleaseJob, do: Callable[[], T]) -> T:
        """What ``do`` gives, once no command publishes."""
        is_told = False
        while True:
            try:
                return do()
            except ReleaseBusyError as error:
                if not is_told:
                    self._jobs.note(job, {"event": "waiting", "reason": error.problems[0].message})
                is_told = True
                time.sleep(_BUSY_SECONDS)

    def _tell(self, job: ReleaseJob, event: StepEvent) -> None:
        names = _STEP_NAMES[job.action]
        told: dict[str, Any] = {"event": f"step_{event.status}", "name": event.name}
        told |= {"step": names.index(event.name) + 1, "of": len(names)}
        if event.status != "started":
            told |= {"seconds": round(event.duration_seconds, 3)}
        if event.status == "finished":
            told |= {"summary": event.summary, "lines": list(event.lines)}
        if not self._jobs.note(job, told):
            raise StoppedError  # another worker has it

    def _released(self, report: ReleaseReport, files: Mapping[str, bytes]) -> Mapping[str, Any]:
        published = report.published
        is_staged = published.version in self._catalogue.staged.all()

        def install(artifact: Any) -> str:
            return install_lines(artifact, self._settings, is_staged=is_staged).commands[0]

        return {
            "version": str(published.version),
            "already_published": not report.is_new,
            "latest": str(report.latest) if report.latest else None,
            "staged": is_staged,
            "artifacts": [{**asdict(each), "install": install(each)} for each in published.artifacts],
            "steps": {name: result["summary"] for name, result in report.steps.items()},
            "files": {
                name: content.decode() for name, content in files.items() if name.rpartition("/")[2] in _TOLD
            },
        }

    def _fail(self, job: ReleaseJob, *problems: Problem) -> None:
        self._jobs.finish(job, "failed", {"problems": [asdict(problem) for problem in problems]})


def _changed(job: ReleaseJob, workspace: Workspace, context: ReleaseContext) -> changes.Outcome:
    dry_run = bool(job.options.get("dry_run"))
    if job.action == "latest":
        return changes.set_latest(workspace, context, job.version, dry_run=dry_run)
    if job.action == "rollback":
        return changes.roll_back_latest(workspace, context, job.version, dry_run=dry_run)
    if job.action == "restore":
        return changes.restore(workspace, context, job.version, dry_run=dry_run)
    latest = job.options.get("latest")
    return changes.withdraw(
        workspace,
        context,
        job.version,
        reason=str(job.options["reason"]),
        new_latest=SchemaVersion.parse(latest) if latest is not None else None,
        dry_run=dry_run,
    )


def _is_cancelled(job: ReleaseJob) -> Problem:
    return Problem(
        code="release-cancelled",
        message=f"release job {job.id} was cancelled before anything was published",
        fix=f"publish it again if it is wanted after all: POST /releases/{job.id}/retry",
    )


def _rooted(settings: Settings, home: Workspace) -> Settings:
    """The same from any folder: state and artifacts are those of the service's workspace."""
    update: dict[str, Any] = {}
    state = state_url(settings.state.url, home.root)
    if state.drivername == "sqlite":
        update["state"] = StateTable(url=state.render_as_string(hide_password=False))
    if settings.artifacts.url is None:
        place = private_folder(home.root, "artifacts")
        update["artifacts"] = ArtifactsTable(url=place.resolve().as_uri())
    return settings.model_copy(update=update)
