"""``up``: local registries, Postgres and the API, until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Annotated
from urllib.parse import urlsplit

import typer

from migrations.scratch.dsn import shown
from schemas.errors import Problem, ServiceError, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.private_folder import PRIVATE_FOLDER
from schemas.workspace.workspace import Workspace

from ...api.server import serving
from ...config.addresses import is_loopback
from ...config.settings import FILE_NAME, Settings
from ...config.upstreams import read_upstreams
from ...errors import SettingsError
from ...hosting.service import opened_service
from ...local.private_files import write_private
from ...local.stack import LocalStack, Ports, keep_credentials, local_stack
from ...package_checks.npm_checks import NpmChecks
from ..command_server.start import command_server
from ..failures import exit_code_of
from ..output import JsonFlag, emit_json, say, show_problem
from ..session import current_workspace

_WATCH_SECONDS = 0.5
_ADDRESS_FILE = f"{PRIVATE_FOLDER}/local/database.env"


def up(
    postgres_port: Annotated[
        int, typer.Option(metavar="PORT", help="Postgres' port.", min=1, max=65535)
    ] = 5433,
    api_port: Annotated[
        int, typer.Option(metavar="PORT", help="The Schema API's port.", min=1, max=65535)
    ] = 8000,
    as_json: JsonFlag = False,
) -> int:
    """Run devpi, Verdaccio, Postgres and the Schema API on this machine until Ctrl-C.

    devpi and Verdaccio listen at the addresses in schema-service.toml. Everything keeps its
    data in the workspace's private folder. With --json, one line is printed when all of it is ready.
    """
    workspace, settings = current_workspace()
    ports = _ports(settings, postgres_port)
    folder = private_folder(workspace.root, "local")
    names, upstreams = settings.packages.names(), read_upstreams(workspace.root)
    if not as_json:
        say("starting …")
    _provide_extensions(workspace)
    with (
        local_stack(folder, names=names, upstreams=upstreams, ports=ports) as stack,
        PrismaBridge(offered_in=folder) as bridge,
        NpmChecks(offered_in=folder) as npm_checks,
        _warming_up(bridge, npm_checks, workspace),
        command_server(folder),
    ):
        _check_path(settings, stack)
        keep_credentials(workspace.root, stack)
        # The address has a password in it: a file that only its owner reads, and not the terminal's history.
        write_private(workspace.root / _ADDRESS_FILE, f"DATABASE_URL='{stack.postgres_url}'\n")
        with (
            opened_service(workspace, settings, show_problem) as service,
            serving(service.app, host="127.0.0.1", port=api_port) as address,
        ):
            _show(stack, address, as_json=as_json)
            return _wait_for_signal(stack, quietly=as_json)


def _provide_extensions(workspace: Workspace) -> None:
    """Let the Postgres of `up` have what the versions' migrations create. What can't be read, and what it
    can't have, is for `check` to say."""
    from migrations.rehearsal.extensions import missing_extensions  # noqa: PLC0415 - a parser of SQL

    with suppress(WorkspaceError, IndexError):
        missing_extensions(workspace.load(workspace.versions()[-1]).history, None)


@contextmanager
def _warming_up(bridge: PrismaBridge, npm_checks: NpmChecks, workspace: Workspace) -> Iterator[None]:
    """Let what `check` and `publish` are offered start, and the bridge do once what they ask it for.

    Ended before those are: a call after that would start a process that nobody ends.
    """
    is_over = Event()
    thread = Thread(target=_warm_up, args=(bridge, npm_checks, workspace, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        bridge.close()  # a call that runs is not waited for
        thread.join()


def _warm_up(bridge: PrismaBridge, npm_checks: NpmChecks, workspace: Workspace, is_over: Event) -> None:
    """What is wrong with the version is for `check` and `publish` to say."""
    with suppress(ServiceError, IndexError):
        text = workspace.load(workspace.versions()[-1]).schema_text
        for call in (bridge.parse, partial(bridge.diff, None), bridge.generate_node_client):
            if not is_over.is_set():
                call(text)
    with suppress(ServiceError):
        if not is_over.is_set():
            npm_checks.start()


def _ports(settings: Settings, postgres_port: int) -> Ports:
    """The ports that the settings name. Raises SettingsError where a registry is somewhere else."""
    pypi, npm = settings.registries.pypi, settings.registries.npm
    addresses = {"pypi": pypi.url if pypi else None, "npm": npm.url if npm else None}
    problems = [_not_here(name) for name, url in addresses.items() if url is None or not is_loopback(url)]
    if problems:
        raise SettingsError(*problems)
    devpi, verdaccio = (urlsplit(str(addresses[name])).port for name in ("pypi", "npm"))
    return Ports(devpi=devpi, verdaccio=verdaccio, postgres=postgres_port)


def _check_path(settings: Settings, stack: LocalStack) -> None:
    if settings.registries.pypi is not None and settings.registries.pypi.url != stack.devpi.upload_url:
        problem = Problem(
            code="other-index",
            message="[registries.pypi] url is not the index that `up` runs",
            fix=f'set url = "{stack.devpi.upload_url}"',
            file=FILE_NAME,
        )
        raise SettingsError(problem)


def _not_here(name: str) -> Problem:
    return Problem(
        code="registry-elsewhere",
        message=f"[registries.{name}] is not on this machine, so `up` can't start it",
        fix="`up` is for registries on 127.0.0.1; to publish to this one, `publish` is enough",
        file=FILE_NAME,
    )


def _show(stack: LocalStack, api: str, *, as_json: bool) -> None:
    if as_json:
        servers = {"python_index": stack.devpi.index_url, "npm_registry": stack.verdaccio.url, "api": api}
        postgres = {"postgres": shown(stack.postgres_url), "postgres_env_file": _ADDRESS_FILE}
        emit_json({"ok": True, **servers, **postgres}, indent=None)
        return
    say(f"Python index    {stack.devpi.index_url}")
    say(f"npm registry    {stack.verdaccio.url}")
    say(f"Postgres        {shown(stack.postgres_url)} (set -a; . {_ADDRESS_FILE}; set +a)")
    say(f"Schema API      {api}/docs")
    say("Publish from another terminal; Ctrl-C stops everything and keeps the data.")


def _wait_for_signal(stack: LocalStack, *, quietly: bool) -> int:
    """Wait for the signal that ends `up`, and return the exit code that goes with it.

    Raises EmbeddedServerError once a server has ended: half a stack would look like its users' mistake.
    """
    try:
        while True:
            stack.check()
            time.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt as interrupt:
        if not quietly:
            say("stopping …")
        return exit_code_of(interrupt)
