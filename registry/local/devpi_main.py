"""devpi-server, made on its first start, with credentials for its upstream that stay in this process.

Run as a file (``python -I devpi_main.py CONFIG FOLDER HOST PORT``). devpi would show a password in a mirror's
address to everyone who reads the index; so the address has none, and this plug-in supplies it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from devpi_server.auth import pwd_context
from devpi_server.config import get_pluginmanager, hookimpl
from devpi_server.init import init
from devpi_server.main import CommandRunner, _main

AUTHORIZATION_VARIABLE = "SCHEMA_SERVICE_UPSTREAM_AUTHORIZATION"
# By itself devpi hashes passwords for a fifth of a second, at each login of each release. Only the owner of
# its folder reads the hashes, and has the passwords too: a fast hash is as safe.
_FAST_HASH = {"argon2__memory_cost": 1024, "argon2__parallelism": 1, "argon2__time_cost": 1}


class UpstreamCredentials:
    """Gives devpi the Authorization header for its mirror."""

    def __init__(self, header: str) -> None:
        self._header = header

    @hookimpl
    def devpiserver_get_mirror_auth(self) -> str:
        return self._header


def _make(config: str, folder: Path) -> None:
    """Make the server's folder under another name first: one that exists is complete."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    code = init(  # type: ignore[no-untyped-call]
        argv=["devpi-init", "-c", config, "--serverdir", partial]
    )
    if code:
        sys.exit(code)
    partial.rename(folder)


def main() -> int:
    config, folder, host, port = sys.argv[1:]
    header = os.environ.pop(AUTHORIZATION_VARIABLE, "")
    pwd_context.update(**_FAST_HASH)
    if not Path(folder).is_dir():
        _make(config, Path(folder))
    plugins = get_pluginmanager()
    if header:
        plugins.register(UpstreamCredentials(header))
    argv = ["devpi-server", "-c", config, "--serverdir", folder, "--host", host, "--port", port]
    with CommandRunner(pluginmanager=plugins) as runner:
        runner.return_code = _main(plugins, argv=argv)  # type: ignore[no-untyped-call]
    return runner.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
