"""The npm packages as their users have them: from a Verdaccio, in Node, bundled, in a browser, with forms."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from generators.node_client.generate import NodeClientTarget
from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.generate import TypesTarget
from migrations.scratch.scratch_server import ScratchServer
from registry.consumers.throwaway_environments import NpmProject, npm_project
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm import NpmPublisher
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import installed
from schemas.versions import SchemaVersion

from ....typescript_compilers import COMPILERS, tsc

pytestmark = pytest.mark.soak

_HERE = Path(__file__).parent
_SCHEMA = Path(__file__).parents[3] / "packages" / "npm_app" / "schema.prisma"
_TIMEOUT_SECONDS = 120
#: What one more model may add to a page: gzipped, in bytes.
_A_MODEL = 1024
_TYPES, _CLIENT = "@org/schema-types", "@org/schema-client"
_TOOLS = (
    *("@hono", "@hookform", "@rollup", "@standard-schema", "@tanstack", "@trpc", "esbuild", "hono", "react"),
    *("react-hook-form", "rollup", "webpack", "zod"),
)
_USE = """
const { DetailSchema } = await load("@org/schema-types/validators");
const { DetailMeta } = await load("@org/schema-types/meta");
const { SCHEMA_VERSION } = await load("@org/schema-types");
const { issues } = DetailSchema.json.create["~standard"].validate({ thingId: "x", name: "n", lang: "en" });
console.log(SCHEMA_VERSION, DetailMeta.name, issues.map(({ path }) => path.join(".")).join());
"""
_QUERY = """
const { createClient } = await load("@org/schema-client");
const { ThingSchema } = await load("@org/schema-types/validators");
const db = createClient(process.env.DATABASE_URL);
const { id } = await db.thing.create({ data: ThingSchema.json.create.parse({ price: "1.50", raw: "aGk=" }) });
const { price, raw } = ThingSchema.toJson(await db.thing.delete({ where: { id } }));
await db.$disconnect();
console.log(price, raw);
"""
_FORMATS = ("module", "commonjs")
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass(frozen=True, slots=True)
class Published:
    """Both packages in a registry; ``specs`` install them under the names that the scripts import. The
    database has the schema's tables."""

    registry: str
    specs: tuple[str, str]
    database: str


@pytest.fixture(scope="module")
def published(
    bridge: PrismaBridge,
    verdaccio: LocalVerdaccio,
    new_name: Callable[[str], str],
    scratch_server: ScratchServer,
) -> Iterator[Published]:
    types, client = (f"@org/{new_name(part)}" for part in ("types", "client"))
    request = GenerationRequest(
        schema_name="shop",
        version=SchemaVersion.parse("2.0.0"),
        description="A shop",
        author=None,
        schema=bridge.parse(_SCHEMA.read_text("utf-8")),
        migrations=(),
        names=PackageNames(typescript_types=types, node_client=client),
    )
    publisher = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    for target in (TypesTarget(), NodeClientTarget(bridge)):
        publisher.upload(pack(target.generate(request)))
    specs = (f"{_TYPES}@npm:{types}@2.0.0", f"{_CLIENT}@npm:{client}@2.0.0")
    with scratch_server.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(bridge.diff(None, request.schema.text).encode())
        yield Published(verdaccio.url, specs, url)


@pytest.fixture(scope="module")
def tools() -> Path:
    """The libraries and bundlers, installed once a machine."""
    return installed(_HERE / "tools") / "node_modules"


@pytest.fixture(scope="module")
def project(published: Published, tools: Path, tmp_path_factory: pytest.TempPathFactory) -> NpmProject:
    """A front end with the package from the registry, and beside it the libraries and our scripts."""
    made = npm_project(tmp_path_factory.mktemp("front_end"), published.specs, registry=published.registry)
    for name in _TOOLS:
        (made.folder / "node_modules" / name).symlink_to(tools / name)
    for script in _HERE.glob("*.[mt]*s"):
        shutil.copy(script, made.folder)
    return made


@pytest.fixture(scope="module")
def pnpm_project(published: Published, tools: Path, tmp_path_factory: pytest.TempPathFactory) -> NpmProject:
    """A service with both packages as pnpm lays them out."""
    folder = tmp_path_factory.mktemp("pnpm")
    (folder / "package.json").write_text('{"name": "consumer", "private": true}')
    (folder / ".npmrc").write_text(f"registry={published.registry}\n@org:registry={published.registry}\n")
    command = [str(node_executable()), str(tools / "pnpm" / "bin" / "pnpm.cjs"), "add", *published.specs]
    options = ["--store-dir", str(folder / "store"), "--ignore-scripts", "--config.minimum-release-age=0"]
    done = _ran([*command, *options], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return NpmProject(folder)


@pytest.fixture(scope="module")
def bundles(project: NpmProject) -> dict[str, dict[str, Any]]:
    """What each bundler makes of each page of ``bundles.mjs``; ``app.js`` is ``page.mjs``."""
    found: dict[str, dict[str, Any]] = json.loads(
        project.run_command([str(node_executable()), "bundles.mjs", "page.mjs"])
    )
    return found


@pytest.mark.parametrize("installed", ["project", "pnpm_project"])
@pytest.mark.parametrize("kind", _FORMATS)
def test_npm_and_pnpm_install_both_packages_for_both_formats(
    installed: str, kind: Any, published: Published, request: pytest.FixtureRequest
) -> None:
    project: NpmProject = request.getfixturevalue(installed)
    variables = {"DATABASE_URL": published.database}
    assert project.run(_loading(_USE, kind), kind=kind) == "2.0.0 Detail thingId\n"
    assert project.run(_loading(_QUERY, kind), kind=kind, variables=variables) == "1.5 aGk=\n"


def _loading(program: str, kind: str) -> str:
    if kind == "module":
        return "const load = (name) => import(name);\n" + program
    return f"const load = require;\n(async () => {{{program}}})();"


def test_form_and_router_libraries_take_the_validators(project: NpmProject) -> None:
    assert project.run_command([str(node_executable()), "libraries.mjs"]) == "done\n"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_libraries_read_the_validators_types(project: NpmProject, compiler: str) -> None:
    options = {
        "strict": True,
        "noEmit": True,
        "exactOptionalPropertyTypes": True,
        "skipLibCheck": True,
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "types": [],
        "module": "nodenext",
    }
    config = {"compilerOptions": options, "files": ["libraries.mts"]}
    shutil.copy(_HERE / "libraries.ts", project.folder / "libraries.mts")
    (project.folder / "tsconfig.json").write_text(json.dumps(config))
    assert _ran(tsc(compiler), project.folder).stdout == ""


@pytest.mark.parametrize("bundler", ["esbuild", "rollup", "webpack"])
def test_a_page_pays_for_the_models_that_it_uses(bundles: dict[str, dict[str, Any]], bundler: str) -> None:
    pages = bundles[bundler]
    assert pages["one"]["models"] == ["Label"]
    assert pages["two"]["models"] == ["Detail", "Label"]
    # The relation's model is named, and not there.
    assert [name for name in pages["meta"]["models"] if name != "Thing"] == ["Label"]
    assert pages["two"]["bytes"] - pages["one"]["bytes"] < _A_MODEL


def test_a_page_with_an_enum_has_nothing_else(bundles: dict[str, dict[str, Any]]) -> None:
    pages = bundles["esbuild"]
    assert pages["enums"]["models"] == []
    assert pages["enums"]["bytes"] < pages["one"]["bytes"] / 10
    assert len(pages["all"]["models"]) > len(pages["two"]["models"])


@pytest.mark.skipif(_CHROMIUM is None, reason="there is no chromium: apt-get install chromium")
@pytest.mark.usefixtures("bundles")
def test_it_runs_in_a_browser_that_compiles_no_text(project: NpmProject, tmp_path: Path) -> None:
    with _site(project.folder) as address:
        profile = f"--user-data-dir={tmp_path}"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", profile]
        command = [str(_CHROMIUM), *options, "--dump-dom", address]
        done = _ran(command, tmp_path)
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title, done.stdout + done.stderr
    assert json.loads(title[1]) == {
        "compiles": False,
        "issues": ["price", "at"],
        "same": True,
        "label": "Updated at",
    }


def _ran(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=node_environment(),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )


class _Page(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'none'; script-src 'self'")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the requests are the browser's."""


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    (folder / "index.html").write_text('<!doctype html><title>-</title><script defer src="app.js"></script>')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Page, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
