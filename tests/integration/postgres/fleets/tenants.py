"""Many databases of one server, and a workspace whose state database has two published versions for them. The
packages are in the workspace's folder, so that no registry is needed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from psycopg.conninfo import conninfo_to_dict

from migrations.package.release_state import ReleaseState
from migrations.runner import commands
from migrations.runner.manifest import Manifest
from migrations.runner.options import address
from migrations.scratch.scratch_server import ScratchServer
from registry.artifacts.folder import FolderStore
from registry.catalogue import Catalogue, PublishedArtifact, PublishedVersion
from registry.catalogue.opening import open_catalogue
from registry.cli.dispatch import run
from registry.config.settings import Settings, load_settings
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.migration import Migration
from schemas.workspace.workspace import Workspace

from ..runner.kit import manifest_json, objects

COMMAND = [sys.executable, "-c", "from registry.cli.main import main; main()"]
_WAIT_SECONDS = 240
#: What each migration leaves behind counts how often it ran.
_FIRST = """CREATE TABLE items (id int);
CREATE TABLE ran (version text);
INSERT INTO ran VALUES ('1.0.0');
"""
_SECOND = """ALTER TABLE items ADD COLUMN note text;
INSERT INTO ran SELECT '1.1.0' FROM pg_sleep({seconds});
ALTER TABLE items ADD CONSTRAINT positive CHECK (id > 0);
"""
_REGISTRIES = {
    "SCHEMA_SERVICE_REGISTRIES__PYPI__URL": "http://127.0.0.1:1/team/prod",
    "SCHEMA_SERVICE_REGISTRIES__NPM__URL": "http://127.0.0.1:1/",
}


@dataclass(frozen=True, slots=True)
class Tenants:
    """The workspace in ``root``, its newest migrations, the URLs of its databases by name, and the processes
    that tests start."""

    root: Path
    package: Manifest
    environment: Mapping[str, str]
    urls: Mapping[str, str]
    processes: dict[subprocess.Popen[str], tuple[str, ...]] = field(default_factory=dict)

    @contextlib.contextmanager
    def catalogue(self) -> Iterator[tuple[Settings, Catalogue]]:
        with mock.patch.dict(os.environ, self.environment):
            settings = load_settings(self.root)
            with open_catalogue(Workspace(self.root), settings) as catalogue:
                yield settings, catalogue

    def started(self, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """``schema-service`` as a process, and the first line that it prints."""
        process = self._begun(*arguments)
        assert process.stdout is not None
        line = process.stdout.readline()
        return process, json.loads(line) if line else {}

    def _begun(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--json"],
            cwd=self.root,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes[process] = arguments
        return process

    def kill(self, process: subprocess.Popen[str], *, with_children: bool) -> None:
        """As a machine that loses power, or as the system's killer of large processes."""
        victims = children(process.pid) if with_children else []
        for victim in (process.pid, *victims):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        process.wait()
        self._ended(process)

    def end(self) -> None:
        """End the processes in order."""
        for process in self.processes:
            process.terminate()
        for process in tuple(self.processes):
            process.wait(60)
            self._ended(process)

    def _ended(self, process: subprocess.Popen[str]) -> None:
        del self.processes[process]
        if process.stdout is not None:
            process.stdout.close()

    def run(self, *arguments: str) -> tuple[int, str]:
        """``schema-service`` in this process: its exit code and what it printed."""
        output = io.StringIO()
        with (
            contextlib.chdir(self.root),
            mock.patch.dict(os.environ, self.environment),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            return int(run(list(arguments))), output.getvalue()

    def rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.urls[name], autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def poison(self, name: str) -> None:
        """A row that 1.1.0 has no place for."""
        with psycopg.connect(self.urls[name]) as connection:
            connection.execute("INSERT INTO items VALUES (-1)")

    def take_back(self) -> None:
        """All of them to 1.0.0, behind the service's back."""
        for url in self.urls.values():
            with psycopg.connect(url) as connection:
                connection.execute("TRUNCATE items")
            commands.downgrade(self.package, address(url), to="1.0.0")

    def times(self, version: str) -> dict[str, int]:
        """How often the migration to ``version`` ran in each database."""
        query = f"SELECT count(*) FROM ran WHERE version = '{version}'"
        return {name: int(self.rows(name, query)[0][0]) for name in self.urls}

    def kill_one(self, chance: random.Random) -> None:
        """One of the processes, with or without its children, and start it again; also those that ended by
        themselves, as where the state database was away when they started."""
        victim = chance.choice(list(self.processes))
        arguments = self.processes[victim]
        self.kill(victim, with_children=chance.random() < 0.5)
        self._begun(*arguments)
        self.revive()

    def revive(self) -> None:
        """Start again those that ended."""
        for process, arguments in list(self.processes.items()):
            if process.poll() is not None:
                self._ended(process)
                self._begun(*arguments)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def until(holds: Callable[[], Any], seconds: float = _WAIT_SECONDS) -> Any:
    """What ``holds`` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def variable(name: str) -> str:
    return f"{name.upper()}_DATABASE_URL"


@contextlib.contextmanager
def many_tenants(
    root: Path,
    server: ScratchServer,
    names: Sequence[str],
    state_url: str | None = None,
    *,
    seconds: float = 0.0,
    tables: str | None = None,
) -> Iterator[Tenants]:
    """Databases at 1.0.0 with the label ``tenant``, or as ``tables`` of the settings say. The migration to
    1.1.0 takes ``seconds``. State is in a file of the workspace, or at ``state_url``."""
    migrations = (
        Migration(number=1, name="first", version=SchemaVersion(1, 0, 0), up=_FIRST, down=None),
        Migration(
            number=2,
            name="second",
            version=SchemaVersion(1, 1, 0),
            up=_SECOND.format(seconds=seconds),
            down="ALTER TABLE items DROP CONSTRAINT positive;\nALTER TABLE items DROP COLUMN note;\n",
        ),
    )
    create_workspace(root, name="shop", sample=False)
    own = [f'[databases.{name}]\nurl_env = "{variable(name)}"\nlabels = ["tenant"]\n' for name in names]
    with (root / "schema-service.toml").open("a") as settings:
        settings.write("\n" + (tables or "\n".join(own)))
    with contextlib.ExitStack() as stack:
        template = stack.enter_context(server.new_database())
        history = _rehearsed(server, template, migrations)
        base = str(conninfo_to_dict(template)["dbname"])
        urls = {name: stack.enter_context(server.new_database(base)) for name in names}
        environment = {
            **_REGISTRIES,
            **({"SCHEMA_SERVICE_STATE__URL": state_url} if state_url else {}),
            **{variable(name): url for name, url in urls.items()},
        }
        package = Manifest.from_json(manifest_json(*migrations, history=history))
        tenants = Tenants(root, package, environment, urls)
        with tenants.catalogue() as (_, catalogue):
            for newest in (1, 2):
                _publish(root, catalogue, migrations[:newest], history[:newest])
        try:
            yield tenants
        finally:
            tenants.end()


def _rehearsed(server: ScratchServer, template: str, migrations: Sequence[Migration]) -> list[ReleaseState]:
    """What a database consists of at each version; ``template`` is one at the first."""
    found = []
    with server.new_database() as last:
        for database, version in ((template, "1.0.0"), (last, "1.1.0")):
            package = Manifest.from_json(manifest_json(*migrations))
            commands.upgrade(package, address(database), to=version)
            number = SchemaVersion.parse(version)
            found.append(ReleaseState(version=number, schema_digest="0" * 64, objects=objects(database)))
    return found


def _publish(
    root: Path, catalogue: Catalogue, migrations: Sequence[Migration], history: Sequence[ReleaseState]
) -> None:
    """As a release leaves it: a row, and the wheel among the workspace's artifacts."""
    version = migrations[-1].version
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr(
            "shop_migrations/manifest.json", json.dumps(manifest_json(*migrations, history=history))
        )
    sha256 = FolderStore(private_folder(root, "artifacts")).put(content.getvalue())
    artifact = PublishedArtifact(
        language="migrations",
        kind="wheel",
        name="shop-migrations",
        version=str(version),
        filename=f"shop_migrations-{version}-py3-none-any.whl",
        sha256=sha256,
        size=len(content.getvalue()),
    )
    published = PublishedVersion(
        version=version,
        description="",
        author=None,
        schema_text="",
        schema_digest="0" * 64,
        input_digest="0" * 64,
        changelog="",
        published_at=datetime.now(UTC),
        published_by="somebody",
        migrations=(migrations[-1],),
        artifacts=(artifact,),
    )
    catalogue.record(published, latest=version)
