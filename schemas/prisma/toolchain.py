"""The npm packages that this tool needs, installed once per user from a committed lock.

``installed(folder)`` runs ``npm ci`` for a folder's package.json and package-lock.json, with scripts off, in
the user's cache, under a name that contains the lock's digest. The registry, proxies and credentials are
those of the user's own npm. If the folder has a ``build.mjs`` it runs once after the install, and can delete
what is not needed afterwards.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs
from filelock import FileLock

from ..errors import ToolchainError
from .nodejs import node_environment, node_executable, npm_command
from .toolchain_problems import UNPACKING_FAILED, cache_problem, npm_problem, step_problem

CACHE_VARIABLE = "SCHEMA_SERVICE_CACHE"
_INPUTS = ("package.json", "package-lock.json", "build.mjs")
_INSTALL_TIMEOUT_SECONDS = 900
_BUILD_TIMEOUT_SECONDS = 300

#: On the command line and not in an .npmrc, so that they override a user's settings, which could install
#: something else (esbuild's binary is an optional dependency), and need no dotfile in the wheel.
_NPM_CI = (
    "ci",
    "--ignore-scripts",
    "--legacy-peer-deps",
    "--include=prod",
    "--include=optional",
    "--install-strategy=hoisted",
    "--no-global",
    "--package-lock",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=warn",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)


def cache_folder() -> Path:
    """The cache folder of this tool: ``$SCHEMA_SERVICE_CACHE``, else the platform's user cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("schema-service")


def installed(lock_folder: Path) -> Path:
    """The folder with the packages of ``lock_folder``'s lock, which are installed on the first call.

    Safe for any number of processes and threads: one installs, the others wait for it. The folder gets its
    final name only when it is complete.

    Raises ToolchainError if the registry can't be reached or the cache can't be written.
    """
    inputs = _inputs(lock_folder)
    final = _place(inputs)
    if final.is_dir():
        return final
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(final.with_name(f"{final.name}.lock")):
            if not final.is_dir():
                _install(inputs, final)
    except OSError as error:
        raise ToolchainError(cache_problem(error, cache_folder(), CACHE_VARIABLE)) from error
    return final


def install_place(lock_folder: Path) -> Path:
    """The folder that :func:`installed` returns, whether it exists yet or not."""
    return _place(_inputs(lock_folder))


def _inputs(lock_folder: Path) -> dict[str, bytes]:
    return {name: (lock_folder / name).read_bytes() for name in _INPUTS if (lock_folder / name).is_file()}


def _place(inputs: dict[str, bytes]) -> Path:
    return (cache_folder() / "npm" / _folder_name(inputs)).absolute()


def _folder_name(inputs: dict[str, bytes]) -> str:
    digest = hashlib.sha256(f"{sys.platform}-{platform.machine()}".encode())
    for name, content in inputs.items():
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return f"{_package_name(inputs)}-{digest.hexdigest()[:16]}"


def _package_name(inputs: dict[str, bytes]) -> str:
    name: str = json.loads(inputs["package.json"])["name"]
    return name


def _install(inputs: dict[str, bytes], final: Path) -> None:
    # The lock is held, so folders with this prefix were left by killed processes. Their npm may still be
    # running, which is why every attempt has a name of its own.
    prefix = f"{final.name}.partial-"
    for left in final.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=final.parent))
    try:
        for name, content in inputs.items():
            (partial / name).write_bytes(content)
        _run_npm(partial, _package_name(inputs))
        if "build.mjs" in inputs:
            _run_build(partial)
        partial.chmod(0o755)
        partial.rename(final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run_npm(folder: Path, package: str) -> None:
    done = _run([*npm_command(), *_NPM_CI], folder, "npm ci", _INSTALL_TIMEOUT_SECONDS)
    # npm exits with 0 and only a warning when it could not write an unpacked file.
    if done.returncode != 0 or UNPACKING_FAILED.search(done.stderr):
        raise ToolchainError(npm_problem(package, done.stderr, CACHE_VARIABLE))


def _run_build(folder: Path) -> None:
    command = [str(node_executable()), "build.mjs"]
    done = _run(command, folder, "building the toolchain", _BUILD_TIMEOUT_SECONDS)
    if done.returncode == 0:
        return
    if errno.errorcode[errno.ENOSPC] in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise ToolchainError(step_problem("building the toolchain failed", done.stderr))


def _run(
    command: list[str], folder: Path, what: str, timeout_seconds: float
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=node_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        problem = step_problem(f"{what} did not end within {timeout_seconds:.0f} s", "")
        raise ToolchainError(problem) from error
