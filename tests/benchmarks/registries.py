"""The two registries that both pipelines publish to, and the names that each round publishes under."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from generators.target import PackageNames
from registry.config.upstreams import read_upstreams
from registry.local.devpi import LocalDevpi, local_devpi
from registry.local.local_credentials import write_local_credentials
from registry.local.verdaccio import LocalVerdaccio, local_verdaccio


@dataclass(frozen=True, slots=True)
class Registries:
    """A running devpi and a running Verdaccio."""

    devpi: LocalDevpi
    verdaccio: LocalVerdaccio

    def admit(self, workspace: Path) -> None:
        """Let ``schema-service publish``, run in ``workspace``, into both."""
        write_local_credentials(
            workspace,
            pypi={self.devpi.upload_url: self.devpi.credentials},
            npm={self.verdaccio.url: self.verdaccio.credentials},
        )

    def settings(self, names: PackageNames) -> dict[str, str]:
        """The environment that makes a workspace publish here, under ``names``."""
        packages = {f"SCHEMA_SERVICE_PACKAGES__{key.upper()}": value for key, value in asdict(names).items()}
        return packages | {
            "SCHEMA_SERVICE_REGISTRIES__PYPI__URL": self.devpi.upload_url,
            "SCHEMA_SERVICE_REGISTRIES__PYPI__INDEX_URL": self.devpi.index_url,
            "SCHEMA_SERVICE_REGISTRIES__NPM__URL": self.verdaccio.url,
        }


@contextlib.contextmanager
def running_registries(folder: Path, names: Iterable[PackageNames]) -> Iterator[Registries]:
    """Run both until the block ends; ``names`` are never looked up in this machine's own registries."""
    known, upstreams = list(names), read_upstreams()
    wheels = [name for each in known for name in (each.python_client, each.python_migrations)]
    tarballs = [name for each in known for name in (each.node_client, each.typescript_types)]
    with (
        local_verdaccio(folder / "verdaccio", own_names=tarballs, upstream=upstreams.npm) as verdaccio,
        local_devpi(folder / "devpi", own_names=wheels, upstream=upstreams.python) as devpi,
    ):
        yield Registries(devpi, verdaccio)


def round_names(case: str, pipeline: str, number: int) -> PackageNames:
    """Published versions can't be replaced, so every round of every pipeline has package names of its own."""
    prefix = f"{case}-{pipeline}-{number}"
    return PackageNames(
        python_client=f"bench-{prefix}-client",
        python_migrations=f"bench-{prefix}-migrations",
        node_client=f"@bench/{prefix}-client",
        typescript_types=f"@bench/{prefix}-types",
    )
