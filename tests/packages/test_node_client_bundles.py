"""The Node client inside bundles, which run where no node_modules is, and in declarations of libraries."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from generators.target import GenerationRequest
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import installed

from ..typescript_compilers import COMPILERS, tsc
from . import wire_format

if TYPE_CHECKING:
    from .conftest import NpmProject

_HERE = Path(__file__).parent
_APP = _HERE / "npm_app"
_USED = {
    "version": "2.0.0",
    "isSame": True,
    "at": "2026-07-01T12:00:00.500Z",
    "text": "UTC",
    "none": 0,
    "code": "P2025",
}
_TIMEOUT_SECONDS = 300


@pytest.fixture(scope="module")
def database(
    bridge: PrismaBridge, npm_request: GenerationRequest, scratch_server: ScratchServer
) -> Iterator[str]:
    with scratch_server.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(wire_format.CITEXT)
            connection.execute(bridge.diff(None, npm_request.schema.text).encode())
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET TimeZone TO 'Asia/Tokyo'").format(
                    sql.Identifier(connection.info.dbname)
                )
            )
        yield url


@pytest.fixture(scope="module")
def quick() -> Path:
    return installed(_HERE / "bundlers" / "quick")


@pytest.mark.parametrize(
    ("bundler", "module_format"),
    [
        ("esbuild", "esm"),
        ("esbuild", "cjs"),
        ("rollup", "esm"),
        pytest.param("rollup", "cjs", marks=pytest.mark.soak),
        *(
            pytest.param(bundler, module_format, marks=pytest.mark.soak)
            for bundler in ("vite", "webpack")
            for module_format in ("esm", "cjs")
        ),
    ],
)
def test_a_bundle_runs_by_itself(
    npm_project: NpmProject, quick: Path, database: str, tmp_path: Path, bundler: str, module_format: str
) -> None:
    shutil.copytree(_APP / "bundled", npm_project.folder, dirs_exist_ok=True)
    bundlers = quick if bundler in ("esbuild", "rollup") else installed(_HERE / "bundlers" / "soak")
    _run(["bundle.mjs", bundler, module_format, str(bundlers), str(tmp_path)], npm_project.folder)
    (main,) = tmp_path.glob("main.*js")
    assert main.suffix == (".mjs" if module_format == "esm" else ".cjs")
    assert json.loads(_run([main.name], tmp_path, DATABASE_URL=database)) == _USED


@pytest.mark.soak
@pytest.mark.parametrize("compiler", ["--turbopack", "--webpack"])
def test_a_server_of_next_runs_by_itself(
    npm_project: NpmProject, database: str, tmp_path: Path, compiler: str
) -> None:
    app, server = tmp_path / "app", tmp_path / "server"
    shutil.copytree(_APP / "next_app", app)
    shutil.copy(_APP / "bundled" / "entry.mjs", app)
    shutil.copytree(
        installed(_HERE / "bundlers" / "soak") / "node_modules", app / "node_modules", symlinks=True
    )
    shutil.copytree(npm_project.folder / "node_modules" / "@org", app / "node_modules" / "@org")
    (app / "package.json").write_text(json.dumps({"name": "app", "private": True}))
    building = {"NEXT_TELEMETRY_DISABLED": "1", "DATABASE_URL": "postgresql://nobody@nowhere/none"}
    _run(["node_modules/next/dist/bin/next", "build", compiler], app, **building)
    shutil.copytree(app / ".next" / "standalone", server, symlinks=True)
    shutil.rmtree(app)
    assert not (server / "node_modules" / "@org").exists()  # it is bundled, and not left to be found
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {**node_environment(), "DATABASE_URL": database, "PORT": port, "HOSTNAME": "127.0.0.1"}
    process = subprocess.Popen([str(node_executable()), "server.js"], cwd=server, env=environment)
    try:
        assert json.loads(_fetched(f"http://127.0.0.1:{port}/used")) == _USED
        assert "&quot;isSame&quot;:true" in _fetched(f"http://127.0.0.1:{port}/")
    finally:
        process.terminate()
        process.wait()


def test_where_node_is_not_the_reason_is_told(npm_project: NpmProject, tmp_path: Path) -> None:
    """As in Edge run-times, which have no modules of Node's."""
    script = tmp_path / "edge.cjs"
    package = json.dumps(str(npm_project.folder / "node_modules" / "@org" / "schema-client"))
    script.write_text(
        "delete process.getBuiltinModule\n"
        f"try {{ require({package}) }}\n"
        "catch (error) { console.log(error.message) }\n"
    )
    told = _run([str(script)], tmp_path)
    assert told.startswith("@org/schema-client needs Node >=20.19: Edge run-times have no TCP sockets")


@pytest.fixture(scope="module")
def layouts(npm_project: NpmProject, quick: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages as npm lays them out, in ``npm``, and as pnpm does, in ``pnpm``."""
    folder = tmp_path_factory.mktemp("layouts")
    for name in ("npm", "pnpm"):
        (folder / name).mkdir()
        (folder / name / "package.json").write_text(json.dumps({"name": name, "private": True}))
        shutil.copy(_APP / "library.mts", folder / name)
    shutil.copytree(npm_project.folder / "node_modules", folder / "npm" / "node_modules")
    tarballs = [str(file) for file in npm_project.folder.glob("*.tgz")]
    pnpm = str(quick / "node_modules" / "pnpm" / "bin" / "pnpm.cjs")
    _run(
        [pnpm, "add", "--offline", "--ignore-scripts", f"--store-dir={folder / 'store'}", *tarballs],
        folder / "pnpm",
    )
    assert (folder / "pnpm" / "node_modules" / "@org" / "schema-client").is_symlink()
    return folder


@pytest.mark.parametrize(
    "compiler", [pytest.param(each, marks=pytest.mark.soak if each == "5.9" else ()) for each in COMPILERS]
)
def test_a_library_can_export_a_client(layouts: Path, compiler: str) -> None:
    written = layouts / f"out-{compiler}"
    compiled = [*tsc(compiler)[1:], "-p", "tsconfig.json"]
    options = {
        "strict": True, "declaration": True, "outDir": str(written), "rootDir": str(layouts), "types": [],
        "target": "es2022", "lib": ["es2022"], "module": "nodenext", "moduleResolution": "nodenext",
        "skipLibCheck": True,
    }  # fmt: skip
    config = {"compilerOptions": options, "files": ["npm/library.mts", "pnpm/library.mts"]}
    (layouts / "tsconfig.json").write_text(json.dumps(config))
    _run(compiled, layouts)
    for layout in ("npm", "pnpm"):
        user = written / layout
        shutil.copy(_APP / "uses_library.mts", user)
        declared = (user / "library.d.mts").read_text()
        assert 'import("@org/schema-client/runtime")' in declared
        assert "node_modules" not in declared
        (user / "node_modules").symlink_to(layouts / layout / "node_modules")
    options = {**options, "noEmit": True, "rootDir": str(written), "skipLibCheck": False}
    files = [f"{written}/{layout}/uses_library.mts" for layout in ("npm", "pnpm")]
    (layouts / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": files}))
    _run(compiled, layouts)


def _run(command: list[str], folder: Path, **environment: str) -> str:
    """What Node printed."""
    done = subprocess.run(
        [str(node_executable()), *command],
        cwd=folder,
        env={**node_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _fetched(address: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")
