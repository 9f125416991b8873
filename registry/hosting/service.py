"""The whole service: the API of every schema, and what works and sends for it in the background."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fastapi import FastAPI

from schemas.workspace.workspace import Workspace

from ..api.application import create_api
from ..catalogue.opening import open_catalogue
from ..config.settings import Settings
from ..notify.background import sending_in_background
from ..release_jobs.workers import workers_of
from ..runs.worker import Looking, working_in_background
from ..services import open_publishers
from .by_schema import add_schemas
from .hosted import hosted_schemas


@contextmanager
def opened_service(workspace: Workspace, settings: Settings) -> Iterator[FastAPI]:
    """The application, whose workers look for work until the block ends. Raises SettingsError."""
    with ExitStack() as stack:
        apis: dict[str, FastAPI] = {}
        for hosted in hosted_schemas(workspace, settings):
            catalogue = stack.enter_context(open_catalogue(hosted.workspace, hosted.settings))
            publishers = open_publishers(hosted.workspace, hosted.settings)
            root = hosted.workspace.root
            apis[hosted.name] = create_api(catalogue, hosted.settings, publishers, root=root)
            stack.enter_context(sending_in_background(catalogue.deliveries, hosted.settings.notify))
            workers = workers_of(catalogue, hosted.settings, root)
            stack.enter_context(working_in_background(workers))
        yield add_schemas(apis)


@contextmanager
def opened_workers(workspace: Workspace, settings: Settings) -> Iterator[tuple[Looking, ...]]:
    """The workers of every schema."""
    with ExitStack() as stack:
        workers: list[Looking] = []
        for hosted in hosted_schemas(workspace, settings):
            catalogue = stack.enter_context(open_catalogue(hosted.workspace, hosted.settings))
            workers += workers_of(catalogue, hosted.settings, hosted.workspace.root)
        yield tuple(workers)
