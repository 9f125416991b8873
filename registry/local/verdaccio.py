"""A real Verdaccio on this machine: our packages, and everybody else's from the machine's own npm registry.

Rules: the Verdaccio documentation (configuration, package access, security). Names of ours have a rule
without ``proxy``, so that they are never looked up elsewhere. Nothing can be unpublished: Verdaccio asks for
that right where a version is deprecated, and a plug-in refuses all else that it permits.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from schemas.errors import Problem
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import installed

from ..config.credentials import NpmCredentials, npm_credentials
from ..config.secret import Secret
from ..config.upstreams import NpmUpstream, read_upstreams
from ..errors import EmbeddedServerError
from .child_process import LOOPBACK, ServerSpec, only_user_of, running
from .private_files import remembered_secrets, write_private

_USERNAME = "schema"
# The plug-in, whose folder Verdaccio finds under `verdaccio-` and this name.
_KEEPER = "keep-versions"
_UPSTREAM = "upstream"
_UPSTREAM_TOKEN_VARIABLE = "SCHEMA_SERVICE_UPSTREAM_TOKEN"  # noqa: S105 - a name
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalVerdaccio:
    """A running Verdaccio; ``token`` may publish until it ends. ``ended`` says why it no longer runs."""

    url: str
    username: str
    token: Secret
    ended: Callable[[], Problem | None]

    @property
    def credentials(self) -> NpmCredentials:
        """What a publisher to ``url`` needs."""
        return NpmCredentials("Bearer", self.token)


@contextlib.contextmanager
def local_verdaccio(
    folder: Path,
    port: int | None = None,
    *,
    own_names: Iterable[str] = (),
    upstream: NpmUpstream | None = None,
    password: Secret | None = None,
    host: str = LOOPBACK,
) -> Iterator[LocalVerdaccio]:
    """Run Verdaccio over ``folder``, which keeps its data between runs.

    ``own_names`` are never looked up in ``upstream`` (None: this machine's npm configuration). ``password``
    is the user's (None: a random one, kept in ``folder``). Raises EmbeddedServerError if it doesn't
    start or another process uses the folder, and ToolchainError if it can't be installed.
    """
    source = read_upstreams().npm if upstream is None else upstream
    modules = installed(Path(__file__).parent) / "node_modules"
    with only_user_of(folder, "Verdaccio"):
        kept = remembered_secrets(folder / "credentials.json", "user", "signing")
        if password is not None:
            kept["user"] = password
        server = _server(folder, modules, source, sorted(set(own_names)), kept, host=host)
        with running(server, port) as process:
            token = _log_in(process.url, kept["user"], server.log)
            yield LocalVerdaccio(url=process.url, username=_USERNAME, token=token, ended=process.ended)


def _server(
    folder: Path,
    modules: Path,
    upstream: NpmUpstream,
    own_names: list[str],
    kept: dict[str, Secret],
    *,
    host: str,
) -> ServerSpec:
    # Only its owner reads the file, and has the password too: a fast hash is as safe as a slow one.
    digest = hashlib.sha1(kept["user"].reveal().encode(), usedforsecurity=False).digest()
    write_private(folder / "htpasswd", f"{_USERNAME}:{{SHA}}{base64.b64encode(digest).decode()}\n")
    access = npm_credentials(upstream.registry) if upstream.registry else None
    config = folder / "config.yaml"  # JSON, which is YAML too
    write_private(config, json.dumps(_config(folder, upstream, access, own_names, kept["signing"])))
    environment = node_environment() | {"NODE_ENV": "production"}
    if upstream.certificates:
        environment["NODE_EXTRA_CA_CERTS"] = upstream.certificates
    if access:
        environment[_UPSTREAM_TOKEN_VARIABLE] = access.secret.reveal()
    program = [str(node_executable()), str(modules / "verdaccio" / "bin" / "verdaccio")]
    return ServerSpec(
        name="Verdaccio",
        folder=folder,
        command=lambda port: [*program, "--config", str(config), "--listen", f"http://{host}:{port}"],
        environment=environment,
        ready_path="-/ping",
        secrets=(*kept.values(), *([access.secret] if access else [])),
    )


def _config(
    folder: Path,
    upstream: NpmUpstream,
    access: NpmCredentials | None,
    own_names: list[str],
    signing: Secret,
) -> dict[str, Any]:
    rule = {"access": "$all", "publish": _USERNAME, "unpublish": _USERNAME}
    proxied = {**rule, "proxy": _UPSTREAM} if upstream.registry else rule
    return {
        "storage": str(folder / "storage"),
        "auth": {"htpasswd": {"file": str(folder / "htpasswd"), "max_users": -1, "algorithm": "sha1"}},
        "uplinks": {_UPSTREAM: _uplink(upstream, access)} if upstream.registry else {},
        "packages": {**dict.fromkeys(own_names, rule), "@*/*": proxied, "**": proxied},
        # Signed tokens, because the default ones take long to decrypt with each request.
        "security": {"api": {"legacy": False, "jwt": {"sign": {"expiresIn": "365d"}}}},
        "secret": signing.reveal()[:32],
        "publish": {"allow_offline": True},
        "max_body_size": "256mb",
        "plugins": str(Path(__file__).parent / "verdaccio_plugins"),
        "middlewares": {"audit": {"enabled": False}, _KEEPER: {"enabled": True}},
        "web": {"gravatar": False},
        "log": {"type": "stdout", "format": "json", "level": "warn"},
    }


def _uplink(upstream: NpmUpstream, access: NpmCredentials | None) -> dict[str, Any]:
    uplink: dict[str, Any] = {"url": upstream.registry}
    if upstream.http_proxy:
        uplink["http_proxy"] = upstream.http_proxy
    if upstream.https_proxy:
        uplink["https_proxy"] = upstream.https_proxy
    if access:
        uplink["auth"] = {"type": access.scheme.lower(), "token_env": _UPSTREAM_TOKEN_VARIABLE}
    return uplink


def _log_in(url: str, password: Secret, log: Path) -> Secret:
    """Verdaccio's own ``npm login``: the token in its answer is used to publish."""
    body = {"name": _USERNAME, "password": password.reveal()}
    with requests.Session() as session:
        session.trust_env = False
        path = f"{url}-/user/org.couchdb.user:{_USERNAME}"
        response = session.put(path, json=body, auth=(_USERNAME, password.reveal()), timeout=_TIMEOUT_SECONDS)
    if response.ok:
        return Secret(str(response.json()["token"]))
    raise EmbeddedServerError(
        Problem(
            code="server-set-up-failed",
            message=f"Verdaccio can't be set up: it refused its own user with status {response.status_code}",
            fix=f"see the end of {log}",
        )
    )
