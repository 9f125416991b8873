"""A devpi and a Verdaccio, started once a session; each test takes package names of its own."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest

from generators.target import PackageNames
from registry.config.upstreams import Upstreams, read_upstreams
from registry.local.devpi import LocalDevpi, local_devpi
from registry.local.verdaccio import LocalVerdaccio, local_verdaccio

_NAMES = {key: value for key, value in asdict(PackageNames()).items() if not key.endswith("_interface")}
OWN_PYTHON_NAMES = [_NAMES["python_client"], _NAMES["python_migrations"]]
# Of all workspaces of tests: a name that isn't here is asked for upstream, each time that a package is read.
OWN_NPM_NAMES = [f"{_NAMES['node_client'].partition('/')[0]}/*"]


@pytest.fixture(scope="session")
def upstreams() -> Upstreams:
    """Where this machine's pip and npm get packages from."""
    return read_upstreams()


@pytest.fixture(scope="session")
def devpi(tmp_path_factory: pytest.TempPathFactory, upstreams: Upstreams) -> Iterator[LocalDevpi]:
    """A running devpi; the default package names are never looked up elsewhere."""
    folder = tmp_path_factory.mktemp("devpi")
    with local_devpi(folder, own_names=OWN_PYTHON_NAMES, upstream=upstreams.python) as running:
        yield running


@pytest.fixture(scope="session")
def verdaccio(tmp_path_factory: pytest.TempPathFactory, upstreams: Upstreams) -> Iterator[LocalVerdaccio]:
    """A running Verdaccio; the default package names are never looked up elsewhere."""
    folder = tmp_path_factory.mktemp("verdaccio")
    with local_verdaccio(folder, own_names=OWN_NPM_NAMES, upstream=upstreams.npm) as running:
        yield running


@pytest.fixture(scope="session")
def new_name() -> Callable[[str], str]:
    """A package name that no other test uses: ``new_name("client")`` is ``client-0``, ``client-1``, ..."""
    counter = itertools.count()
    return lambda prefix: f"schema-service-test-{prefix}-{next(counter)}"


@pytest.fixture
def unused_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
