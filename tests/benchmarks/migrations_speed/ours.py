"""Our runner: as a function, and as the command of an installed migrations wheel."""

from __future__ import annotations

from pathlib import Path

from generators.migrations_package.generate import MigrationsTarget
from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from migrations.runner import commands
from migrations.runner.options import address
from registry.config.upstreams import read_upstreams
from registry.consumers.throwaway_environments import python_environment
from schemas.prisma.bridge import PrismaBridge

from ..programs import run
from .histories import History
from .peers import Apply

_SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel T {\n  id Int @id\n}\n'


def function(history: History) -> Apply:
    """``upgrade`` in this process."""
    manifest = history.manifest

    def apply(dsn: str) -> None:
        commands.upgrade(manifest, address(dsn))

    return apply


def installed(history: History, folder: Path, bridge: PrismaBridge) -> Apply:
    """``schema-migrations upgrade``, from its start to its end."""
    folder.mkdir(parents=True)
    request = GenerationRequest(
        schema_name=history.name,
        version=history.migrations[-1].version,
        description="",
        author=None,
        schema=bridge.parse(_SCHEMA),
        migrations=tuple(history.migrations),
        names=PackageNames(),
    )
    artifact = pack(MigrationsTarget().generate(request))
    wheel = folder / artifact.filename
    wheel.write_bytes(artifact.content)
    environment = python_environment(folder / "environment", [wheel], upstream=read_upstreams().python)
    program = environment.scripts / request.names.python_migrations

    def apply(dsn: str) -> None:
        run((program, "upgrade"), folder, {"DATABASE_URL": dsn, "PATH": "/usr/bin:/bin"})

    return apply
