"""The server's programs: those of its Python package, or a copy of them beside contrib's extensions.

The package has two extensions, plpgsql and vector. Those of Postgres' contrib come from npm, in a build of
the same major version, and are installed like the other npm packages: by ``toolchain``, or once a migration
needs one. The server is copied because it reads the rules of dictionaries in its own folder alone.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock

from schemas.errors import ToolchainError
from schemas.prisma.toolchain import CACHE_VARIABLE, cache_folder, install_place, installed
from schemas.prisma.toolchain_problems import cache_problem

from .clusters import PACKAGE, cluster_key

_MODULE = PACKAGE.replace("-", "_")
#: The server's own folder in the package.
_SERVER = "pginstall18"
_PROGRAMS = ("bin", "lib", "share")
#: Where wheels keep the libraries that their programs are linked with: beside the package, or in it.
_LIBRARIES = (f"../{_MODULE}.libs", ".dylibs")


def server_binaries() -> Path | None:
    """The folder of ``postgres`` and ``initdb``; None if the package has none for this platform."""
    extended = _extended() / _MODULE / _SERVER / "bin"
    if (extended / "postgres").is_file():
        return extended
    shipped = _shipped()
    return shipped / _SERVER / "bin" if shipped else None


def offered_extensions() -> frozenset[str]:
    """What CREATE EXTENSION takes on an embedded server, by the server's own control files."""
    binaries = server_binaries()
    controls = (binaries.parent / "share").rglob("*.control") if binaries else ()
    return frozenset(control.stem for control in controls)


def provide_extensions(names: Collection[str]) -> frozenset[str]:
    """Install contrib if one of ``names`` needs it, for the servers that are started from now on: those that
    an embedded server can't have all the same. Raises ToolchainError."""
    if not offered_extensions().issuperset(names):
        install_contrib()
    return frozenset(names) - offered_extensions()


def install_contrib() -> Path | None:
    """The folder of the server with contrib's extensions, made by the first call; None if there is no server
    for this platform. Safe for any number of processes. Raises ToolchainError."""
    shipped, extended = _shipped(), _extended()
    if shipped is None or extended.is_dir():
        return extended if extended.is_dir() else None
    contrib = installed(Path(__file__).parent) / "built"
    try:
        extended.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(extended.with_name(f"{extended.name}.lock")):
            if not extended.is_dir():
                _copy(shipped, contrib, extended)
    except OSError as error:
        raise ToolchainError(cache_problem(error, cache_folder(), CACHE_VARIABLE)) from error
    return extended


def _copy(package: Path, contrib: Path, to: Path) -> None:
    """Both folders as one, laid out like the package; where both have a file, the server's own."""
    for left in to.parent.glob(f"{to.name}.partial-*"):  # of a killed process: the lock is held
        shutil.rmtree(left, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{to.name}.partial-", dir=to.parent))
    try:
        server = partial / _MODULE / _SERVER
        shutil.copytree(contrib, server)
        for name in _PROGRAMS:
            shutil.copytree(package / _SERVER / name, server / name, symlinks=True, dirs_exist_ok=True)
        for name in _LIBRARIES:
            if (package / name).is_dir():
                shutil.copytree(package / name, partial / _MODULE / name)
        partial.chmod(0o755)
        partial.rename(to)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _shipped() -> Path | None:
    """The folder of the package that has the server."""
    # Found without importing it: importing the package creates folders and locks.
    spec = importlib.util.find_spec(_MODULE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        package = Path(location).resolve()
        if (package / _SERVER / "bin" / "postgres").is_file():
            return package
    return None


def _extended() -> Path:
    name = f"{cluster_key()}-{install_place(Path(__file__).parent).name}"
    return cache_folder().absolute() / "postgres" / name
