"""One registry alone, for a container: ``python -m registry.local.container devpi`` or ``verdaccio``.

It listens on every address of its container, keeps its data in /data, and runs until a signal comes.
REGISTRY_PASSWORD is the password of its one user, ``schema``; REGISTRY_NAMES are the packages that are never
looked up elsewhere, with spaces between. ``--is-alive`` is the health check of the one that is running.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import requests

from schemas.errors import Problem, ServiceError

from ..config.secret import Secret
from ..errors import SettingsError
from .devpi import LocalDevpi, local_devpi
from .verdaccio import LocalVerdaccio, local_verdaccio

_DATA = Path("/data")
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of the container, whose ports are opened outside
_PORTS = {"devpi": 3141, "verdaccio": 4873}
_READY = ("http://127.0.0.1:3141/+api", "http://127.0.0.1:4873/-/ping")
_WATCH_SECONDS = 1.0


def main(arguments: Sequence[str]) -> int:
    """Run one registry, or answer the health check; gives the exit code."""
    if list(arguments) == ["--is-alive"]:
        return 0 if _is_alive() else 1
    if len(arguments) != 1 or arguments[0] not in _PORTS:
        sys.stderr.write("usage: python -m registry.local.container devpi|verdaccio|--is-alive\n")
        return 2
    # PID 1 has no default for SIGTERM: it ends as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(arguments[0])
    except ServiceError as error:
        for problem in error.problems:
            sys.stderr.write(f"error[{problem.code}]: {problem.message}\n  fix: {problem.fix}\n")
        return error.exit_code


def _run(name: str) -> int:
    with suppress(KeyboardInterrupt), _registry(name) as server:
        while (ended := server.ended()) is None:
            time.sleep(_WATCH_SECONDS)
        sys.stderr.write(f"{ended.message}\n")
        return 1
    return 0


def _registry(name: str) -> AbstractContextManager[LocalDevpi | LocalVerdaccio]:
    names, password = os.environ.get("REGISTRY_NAMES", "").split(), _password()
    run = local_devpi if name == "devpi" else local_verdaccio
    return run(_DATA, _PORTS[name], own_names=names, password=password, host=_EVERY_ADDRESS)


def _password() -> Secret:
    password = os.environ.get("REGISTRY_PASSWORD")
    if not password:
        problem = Problem(
            code="variable-not-set",
            message="the variable REGISTRY_PASSWORD is not set",
            fix="set it to the password that publishers shall have",
        )
        raise SettingsError(problem)
    return Secret(password)


def _is_alive() -> bool:
    """Whether one of the two answers."""
    with requests.Session() as session:
        session.trust_env = False
        for url in _READY:
            with suppress(requests.RequestException):
                if session.get(url, timeout=3).ok:
                    return True
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
