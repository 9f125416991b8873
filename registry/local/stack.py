"""devpi, Verdaccio and Postgres as children of this process, over folders that keep their data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generators.target import PackageNames
from migrations.scratch.embedded.server import EmbeddedPostgres
from migrations.scratch.scratch_server import embedded_postgres

from ..config.upstreams import Upstreams
from ..errors import EmbeddedServerError
from .child_process import free_port
from .devpi import LocalDevpi, local_devpi
from .local_credentials import write_local_credentials
from .private_files import remembered_secrets
from .verdaccio import LocalVerdaccio, local_verdaccio


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Ports on 127.0.0.1; None takes a free one."""

    devpi: int | None = None
    verdaccio: int | None = None
    postgres: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """``postgres_url`` contains its password."""

    devpi: LocalDevpi
    verdaccio: LocalVerdaccio
    postgres: EmbeddedPostgres
    postgres_url: str

    def check(self) -> None:
        """Raises EmbeddedServerError if any of them has stopped running."""
        ended = [server.ended() for server in (self.devpi, self.verdaccio, self.postgres)]
        problems = [problem for problem in ended if problem is not None]
        if problems:
            raise EmbeddedServerError(*problems)


@contextlib.contextmanager
def local_stack(
    folder: Path, *, names: PackageNames, upstreams: Upstreams, ports: Ports
) -> Iterator[LocalStack]:
    """Run all three until the block ends, with their data in ``folder``.

    Raises EmbeddedServerError, ScratchServerError or ToolchainError; what had started is stopped.
    """
    wheels = (names.python_client, names.python_migrations)
    tarballs = (names.node_client, names.typescript_types)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = remembered_secrets(folder / "postgres.json", "password")["password"].reveal()
    port = free_port("Postgres", ports.postgres)
    with (
        embedded_postgres(folder / "postgres", port=port, password=password) as postgres,
        local_verdaccio(
            folder / "verdaccio", ports.verdaccio, own_names=tarballs, upstream=upstreams.npm
        ) as verdaccio,
        local_devpi(folder / "devpi", ports.devpi, own_names=wheels, upstream=upstreams.python) as devpi,
    ):
        yield LocalStack(devpi=devpi, verdaccio=verdaccio, postgres=postgres, postgres_url=str(postgres.url))


def keep_credentials(root: Path, stack: LocalStack) -> None:
    """Let `publish` in the workspace at ``root`` log in to the registries of ``stack``."""
    write_local_credentials(
        root,
        pypi=dict.fromkeys((stack.devpi.upload_url, stack.devpi.staging_url), stack.devpi.credentials),
        npm={stack.verdaccio.url: stack.verdaccio.credentials},
    )
