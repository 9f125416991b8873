"""The main workflow from beginning to end on real servers, in a temporary folder.

Servers, releases, consumers and a database: what a team does, in a minute.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ..catalogue import PublishedVersion
from ..config.settings import NpmTable, PypiTable, RegistriesTable, Settings, load_settings
from ..config.upstreams import read_upstreams
from ..local.stack import LocalStack, Ports, keep_credentials, local_stack
from ..release.publish import publish
from ..services import open_release
from .consumers import DemoConsumers, install_consumers
from .database import migrate_and_use
from .output import Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The newest version as it was published, and the settings whose registries it went to."""

    newest: PublishedVersion
    settings: Settings


def run_demo(output: Output) -> Outcome:
    """Run the demo. No process and no file is left behind, however it ends.

    Raises whatever a part of it raises: each part is the real thing.
    """
    folder = Path(tempfile.mkdtemp(prefix="schema-service-demo-"))
    try:
        return _run_in(folder, output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_in(folder: Path, output: Output) -> Outcome:
    workspace = create_workspace(folder / "workspace", name="schema", sample=True)
    settings = load_settings(workspace.root)
    with ExitStack() as running:
        stack = _start_servers(folder / "servers", settings, running, output)
        settings = _pointed_at(stack, settings)
        keep_credentials(workspace.root, stack)
        newest = _publish_all(workspace, settings, output)
        consumers = _install(folder / "consumers", stack, output)
        migrate_and_use(consumers, stack.postgres_url, output)
    return Outcome(newest=newest, settings=settings)


def _start_servers(folder: Path, settings: Settings, running: ExitStack, output: Output) -> LocalStack:
    with output.section("Start devpi, Verdaccio and Postgres on free ports"):
        servers = local_stack(
            folder, names=settings.packages.names(), upstreams=read_upstreams(), ports=Ports()
        )
        stack = running.enter_context(servers)
        output.line(f"Python index {stack.devpi.index_url}")
        output.line(f"npm registry {stack.verdaccio.url}")
    return stack


def _pointed_at(stack: LocalStack, settings: Settings) -> Settings:
    pypi = PypiTable(url=stack.devpi.upload_url, index_url=stack.devpi.index_url)
    registries = RegistriesTable(pypi=pypi, npm=NpmTable(url=stack.verdaccio.url))
    return settings.model_copy(update={"registries": registries})


def _publish_all(workspace: Workspace, settings: Settings, output: Output) -> PublishedVersion:
    versions = workspace.versions()
    with PrismaBridge() as bridge, open_release(workspace, settings, bridge) as context:
        for version in versions:
            with output.section(f"schema-service publish {version}"):
                report = publish(workspace, version, context, output.observer)
    return report.published


def _install(folder: Path, stack: LocalStack, output: Output) -> DemoConsumers:
    with output.section("Install them as the services do, into clean consumers"):
        consumers = install_consumers(folder, stack)
        for line in consumers.installed:
            output.line(line)
    return consumers
