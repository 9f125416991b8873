"""A real devpi on this machine: an append-only release index over a mirror of the machine's own index.

Rules: the devpi server documentation (index configuration). The release index isn't volatile, so an upload
never replaces a file. Names of ours are registered before anyone can request them: devpi then serves only
what was uploaded and never asks the mirror, whose owner could answer with a package of the same name.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from schemas.errors import Problem

from ..config.credentials import PypiCredentials
from ..config.secret import Secret
from ..config.upstreams import PythonUpstream, read_upstreams
from ..errors import SettingsError
from .child_process import LOOPBACK, ServerSpec, only_user_of, running
from .devpi_setup import DevpiSetup, upstream_authorization
from .private_files import remembered_secrets, write_private

_USERNAME = "schema"
_INDEX = "release"
_STAGING = "staging"
_MAIN = Path(__file__).with_name("devpi_main.py")
_AUTHORIZATION_VARIABLE = "SCHEMA_SERVICE_UPSTREAM_AUTHORIZATION"  # read by devpi_main


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDevpi:
    """A running devpi. ``upload_url`` is for twine, ``index_url`` for pip: it has our packages and, through
    the mirror, everybody else's. The staging addresses are those of an index over it, for what consumers must
    not get yet. ``ended`` says why it isn't running any more."""

    url: str
    upload_url: str
    index_url: str
    staging_url: str
    staging_index_url: str
    username: str
    password: Secret
    ended: Callable[[], Problem | None]

    @property
    def credentials(self) -> PypiCredentials:
        """What a publisher to ``upload_url`` needs."""
        return PypiCredentials(self.username, self.password)


@contextlib.contextmanager
def local_devpi(
    folder: Path,
    port: int | None = None,
    *,
    own_names: Iterable[str] = (),
    upstream: PythonUpstream | None = None,
    password: Secret | None = None,
    host: str = LOOPBACK,
) -> Iterator[LocalDevpi]:
    """Run devpi over ``folder``, which keeps its data between runs.

    ``own_names`` are never looked up in ``upstream`` (None: this machine's pip configuration). ``password``
    is the user's (None: a random one, kept in ``folder``). Raises EmbeddedServerError if it doesn't
    start or another process uses the folder, and SettingsError if devpi-server is not installed.
    """
    _check_installed()
    source = read_upstreams().python if upstream is None else upstream
    with only_user_of(folder, "devpi"):
        kept = remembered_secrets(folder / "credentials.json", "root", "user")
        if password is not None:
            kept["user"] = password
        server = _server(folder, source, kept, host)
        with running(server, port) as process:
            url = process.url
            with DevpiSetup(url, kept["root"], server.log) as setup:
                setup.user(_USERNAME, kept["user"])
                setup.indexes(_USERNAME, _INDEX, _STAGING, source)
                setup.reserve(_USERNAME, _INDEX, sorted({canonicalize_name(name) for name in own_names}))
            index, staging = f"{url}{_USERNAME}/{_INDEX}/", f"{url}{_USERNAME}/{_STAGING}/"
            yield LocalDevpi(
                url=url,
                upload_url=index,
                index_url=f"{index}+simple/",
                staging_url=staging,
                staging_index_url=f"{staging}+simple/",
                username=_USERNAME,
                password=kept["user"],
                ended=process.ended,
            )


def _check_installed() -> None:
    if importlib.util.find_spec("devpi_server") is None:
        raise SettingsError(
            Problem(
                code="devpi-not-installed",
                message="devpi-server, the local Python index, is not installed",
                fix="run: pip install 'schema-service[local]', or set [registries.pypi] to a running index",
            )
        )


def _server(folder: Path, upstream: PythonUpstream, kept: dict[str, Secret], host: str) -> ServerSpec:
    config = folder / "devpi.yml"
    # argon2 makes a guessable server secret expensive to guess; ours is random at each start.
    write_private(
        config,
        "devpi-server:\n"
        f"  root-passwd: {kept['root'].reveal()}\n"
        "  restrict-modify: root\n"  # else anybody on this machine may make accounts and indexes
        "  argon2-memory-cost: 1024\n  argon2-parallelism: 1\n  argon2-time-cost: 1\n",
    )
    environment = dict(os.environ)
    if upstream.certificates:
        environment |= {"SSL_CERT_FILE": upstream.certificates, "REQUESTS_CA_BUNDLE": upstream.certificates}
    authorization = upstream_authorization(upstream)
    if authorization:
        environment[_AUTHORIZATION_VARIABLE] = authorization.reveal()
    data = folder / "server"
    return ServerSpec(
        name="devpi",
        folder=folder,
        command=lambda port: [sys.executable, "-I", str(_MAIN), str(config), str(data), host, str(port)],
        environment=environment,
        ready_path="+api",
        secrets=tuple(kept.values()),
    )
