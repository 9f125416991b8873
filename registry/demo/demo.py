"""The main job from beginning to end on real servers, in a folder that is thrown away.

Servers, releases, consumers and a database: what happens here is what happens to a team, in a minute.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion
from ..config.settings import NpmTable, PypiTable, RegistriesTable, Settings, load_settings
from ..config.upstreams import read_upstreams
from ..local.stack import LocalStack, Ports, keep_credentials, local_stack
from ..release.publish import publish
from ..services import open_release
from .consumers import Consumers, install_consumers
from .database import migrate_and_use
from .stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The newest version as it was published, and the settings whose registries it went to."""

    newest: PublishedVersion
    settings: Settings


def play(stage: Stage) -> Outcome:
    """Play the demo. Nothing is left running and no file is left, however it ends.

    Raises whatever an act raises: each is the real thing, and fails like it.
    """
    folder = Path(tempfile.mkdtemp(prefix="schema-service-demo-"))
    try:
        return _play_in(folder, stage)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _play_in(folder: Path, stage: Stage) -> Outcome:
    workspace = create_workspace(folder / "workspace", name="schema", sample=True)
    settings = load_settings(workspace.root)
    with ExitStack() as running:
        stack = _start_servers(folder / "servers", settings, running, stage)
        settings = _pointed_at(stack, settings)
        keep_credentials(workspace.root, stack)
        newest = _publish_all(workspace, settings, stage)
        consumers = _install(folder / "consumers", stack, stage)
        migrate_and_use(consumers, stack.postgres_url, stage)
    return Outcome(newest=newest, settings=settings)


def _start_servers(folder: Path, settings: Settings, running: ExitStack, stage: Stage) -> LocalStack:
    with stage.act("Start devpi, Verdaccio and Postgres on free ports"):
        servers = local_stack(
            folder, names=settings.packages.names(), upstreams=read_upstreams(), ports=Ports()
        )
        stack = running.enter_context(servers)
        stage.line(f"Python index {stack.devpi.index_url}")
        stage.line(f"npm registry {stack.verdaccio.url}")
    return stack


def _pointed_at(stack: LocalStack, settings: Settings) -> Settings:
    pypi = PypiTable(url=stack.devpi.upload_url, index_url=stack.devpi.index_url)
    registries = RegistriesTable(pypi=pypi, npm=NpmTable(url=stack.verdaccio.url))
    return settings.model_copy(update={"registries": registries})


def _publish_all(workspace: Workspace, settings: Settings, stage: Stage) -> PublishedVersion:
    versions = workspace.versions()
    with open_release(workspace, settings) as context:
        for version in versions:
            with stage.act(f"schema-service publish {version}"):
                report = publish(workspace, version, context, stage.observer)
    return report.published


def _install(folder: Path, stack: LocalStack, stage: Stage) -> Consumers:
    with stage.act("Install them as the services do, into clean consumers"):
        consumers = install_consumers(folder, stack)
        for line in consumers.installed:
            stage.line(line)
    return consumers
