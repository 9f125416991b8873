"""The whole service: the API of every schema, and what works and sends for it in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event

from fastapi import FastAPI

from schemas.errors import Problem
from schemas.workspace.workspace import Workspace

from ..api.operating.telemetry import traced
from ..api.service import create_service
from ..catalogue import Catalogue
from ..catalogue.opening import open_catalogue
from ..config.settings import Settings
from ..errors import SettingsError
from ..notify.background import sending_in_background
from ..publishers.opening import open_publishers
from ..release_jobs.worker import jobs_in_background
from ..runs.worker import working_in_background
from .by_schema import add_schemas
from .cleaning import cleaning_in_background
from .hosted import HostedSchema, hosted_schemas
from .start_checks import start_problems


@dataclass(frozen=True, slots=True)
class Service:
    """``stop`` lets workers take nothing new, and ends streams of events; call it in the server's loop."""

    app: FastAPI
    stop: Callable[[], None]


@contextmanager
def opened_service(
    workspace: Workspace,
    settings: Settings,
    warn: Callable[[Problem], None],
    check: Callable[[Catalogue, Settings], None] = lambda _catalogue, _settings: None,
) -> Iterator[Service]:
    """The application of all schemas, whose workers look for work until the block ends. ``check`` may refuse
    a schema before anything is done. Raises what :func:`checked_schemas` does."""
    schemas = checked_schemas(workspace, settings, warn)
    with ExitStack() as stack:
        apis: dict[str, FastAPI] = {}
        working: list[Event] = []
        for hosted in schemas:
            catalogue = stack.enter_context(open_catalogue(hosted.workspace, hosted.settings))
            check(catalogue, hosted.settings)
            publishers, root = open_publishers(hosted.workspace, hosted.settings), hosted.workspace.root
            apis[hosted.name] = create_service(catalogue, hosted.settings, publishers, root=root)
            stack.enter_context(traced(apis[hosted.name]))
            stack.enter_context(sending_in_background(catalogue.deliveries, hosted.settings.notify))
            working += _working_on(stack, catalogue, hosted)
        app = add_schemas(apis)

        def stop() -> None:
            for is_over in working:
                is_over.set()
            for api in apis.values():
                api.state.stopping.set()

        yield Service(app, stop)


@contextmanager
def other_work(workspace: Workspace, schemas: Sequence[HostedSchema]) -> Iterator[None]:
    """Do what a service does in the background, until the block ends, but for the migration runs of its own
    workspace."""
    with ExitStack() as stack:
        for hosted in schemas:
            catalogue = stack.enter_context(open_catalogue(hosted.workspace, hosted.settings))
            if hosted.workspace.root == workspace.root:
                stack.enter_context(jobs_in_background(catalogue, workspace.root))
                stack.enter_context(cleaning_in_background(catalogue, hosted.settings, workspace.root))
            else:
                _working_on(stack, catalogue, hosted)
        yield


def checked_schemas(
    workspace: Workspace, settings: Settings, warn: Callable[[Problem], None]
) -> tuple[HostedSchema, ...]:
    """The schemas of a service that starts. ``warn`` is given what it does without. Raises SettingsError with
    all that can't work."""
    schemas = hosted_schemas(workspace, settings)
    problems = start_problems(schemas)
    if any(problem.severity == "error" for problem in problems):
        raise SettingsError(*problems)
    for problem in problems:
        warn(problem)
    return schemas


def _working_on(stack: ExitStack, catalogue: Catalogue, hosted: HostedSchema) -> list[Event]:
    root = hosted.workspace.root
    stack.enter_context(cleaning_in_background(catalogue, hosted.settings, root))
    return [
        stack.enter_context(working_in_background(catalogue, hosted.settings, root)),
        stack.enter_context(jobs_in_background(catalogue, root)),
    ]
