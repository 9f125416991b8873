"""What the bridge gives for the Node client: reproducible, private, and enough to start a client."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import cache_folder

SCHEMA = """\
// internal: ask Dana about the s3cret
datasource db {
  provider = "postgresql"
}

/// A product. */ ${process.exit(1)} `{{ x }}`
model Product {
  id    Int      @id @default(autoincrement()) // TODO-NOTE
  name  String   @default("// not a note")
  state State    @default(NEW)
  made  DateTime @default(now())
}

enum State {
  NEW @map("is new")
  OLD
}
"""

_PRISMA = ("adapter-pg", "client", "client-runtime-utils", "debug", "driver-adapter-utils")
_POSTGRES = ("", "-connection-string", "-int8", "-pool", "-protocol", "-types")


@pytest.fixture(scope="module")
def client(bridge: PrismaBridge) -> dict[str, bytes]:
    return bridge.generate_node_client(SCHEMA)


def test_the_same_text_gives_the_same_bytes(
    client: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with PrismaBridge() as another:
        assert another.generate_node_client(SCHEMA) == client
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_this_machine_and_no_notes_get_in(bridge: PrismaBridge, client: dict[str, bytes]) -> None:
    runtime = bridge.node_runtime()
    texts = {name: text for name, text in {**client, **runtime}.items() if not name.endswith(".wasm")}
    for name, content in texts.items():
        for private in (str(Path.home()), "/tmp", str(Path(__file__).parents[2]), "s3cret", "TODO-NOTE"):
            assert private.encode() not in content, f"{private} in {name}"
    assert b"// not a note" in client["schema.prisma"]
    assert not set(client) & set(runtime)


def test_the_licences_of_all_that_was_bundled_come_along(bridge: PrismaBridge) -> None:
    texts = bridge.node_runtime()["LICENSES.runtime"].decode()
    found = set(re.findall(r"^(\S+) \d+\.\d+\.\d+ \((.+)\)$", texts, re.MULTILINE))
    assert found >= {(f"@prisma/{name}", "Apache-2.0") for name in _PRISMA}
    assert {name for name, _ in found} >= {f"pg{name}" for name in _POSTGRES}
    assert {licence for _, licence in found} == {"Apache-2.0", "MIT", "ISC"}
    assert "Hannes Hörl" in texts  # of a package that has its licence in its README alone
    assert "Apache License" in texts
    assert "Permission is hereby granted, free of charge" in texts


def test_the_generator_leaves_nothing_in_the_users_cache(
    bridge: PrismaBridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge.node_runtime()  # the toolchain's own cache is found through the home folder
    monkeypatch.setenv("SCHEMA_SERVICE_CACHE", str(cache_folder()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with PrismaBridge() as another:
        another.generate_node_client(SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_the_files_make_a_client_that_starts(
    bridge: PrismaBridge, client: dict[str, bytes], tmp_path: Path
) -> None:
    for name, content in {**client, **bridge.node_runtime()}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    # A stand-in for the server that answers nothing: reaching it means that the query was compiled.
    script = (
        "const { PrismaClient, State } = require('./index.js');"
        "const { PrismaPg, pg } = require('./runtime/client.js');"
        "class Server extends pg.Pool {"
        "  async query(q) { console.log(q.text); return { rows: [], fields: [] } }"
        "};"
        "const client = new PrismaClient({ adapter: new PrismaPg(new Server()) });"
        "client.product.findMany({ where: { state: State.NEW } }).then((rows) => console.log(rows.length))"
    )
    done = subprocess.run(
        [str(node_executable()), "-e", script],
        cwd=tmp_path,
        env=node_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'FROM "public"."Product"' in done.stdout
    assert done.stdout.splitlines()[-1] == "0"
