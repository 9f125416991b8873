"""devpi and Verdaccio as children: what they keep, what they let out, and that they end."""

from __future__ import annotations

import base64
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import psutil
import pytest
import requests

from generators.target import Artifact
from registry.config.upstreams import NpmUpstream, PythonUpstream
from registry.errors import EmbeddedServerError
from registry.local.devpi import LocalDevpi, local_devpi
from registry.local.verdaccio import local_verdaccio
from registry.publishers.npm import NpmPublisher
from registry.publishers.publisher import Publisher
from registry.publishers.pypi import PypiPublisher

from ..artifacts import tarball_of, wheel_of
from ..fake_upstream import remembering_upstream


class Start(Protocol):
    def __call__(
        self, folder: Path, *, upstream: str | None = None, port: int | None = None
    ) -> AbstractContextManager[tuple[str, Publisher]]: ...


@contextmanager
def start_devpi(
    folder: Path, *, upstream: str | None = None, port: int | None = None
) -> Iterator[tuple[str, Publisher]]:
    source = PythonUpstream(index_url=upstream or "file:///nowhere/simple")
    with local_devpi(folder, port, own_names=["Own_Client"], upstream=source) as running:
        yield (
            running.url,
            PypiPublisher(
                upload_url=running.upload_url,
                index_url=running.index_url,
                credentials=running.credentials,
            ),
        )


@contextmanager
def start_verdaccio(
    folder: Path, *, upstream: str | None = None, port: int | None = None
) -> Iterator[tuple[str, Publisher]]:
    source = NpmUpstream(registry=upstream)
    with local_verdaccio(folder, port, own_names=["own-client"], upstream=source) as running:
        yield running.url, NpmPublisher(url=running.url, credentials=running.credentials)


KINDS = {"devpi": (start_devpi, wheel_of), "verdaccio": (start_verdaccio, tarball_of)}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def start(kind: str) -> Start:
    return KINDS[kind][0]


@pytest.fixture
def artifact(kind: str) -> Artifact:
    return KINDS[kind][1]("own-client")


def test_a_life_of_a_server(start: Start, artifact: Artifact, tmp_path: Path) -> None:
    """One start for several truths, because a start takes seconds."""
    with remembering_upstream() as (upstream, asked):
        with start(tmp_path / "data", upstream=upstream) as (url, publisher):
            assert publisher.lookup("own-client", "1.0.0", artifact.filename) is None
            publisher.upload(artifact)
            assert publisher.lookup("somebody-elses", "1.0.0", "somebody_elses-1.0.0.tgz") is None
            assert any("somebody-elses" in path for path in asked)
            assert not any("own" in path.lower() for path in asked), "our names stay here"
            server = _server_below(os.getpid(), url)
            assert _listens_on_loopback_only(server)
            _assert_secrets_are_kept(tmp_path / "data")
            with pytest.raises(EmbeddedServerError, match="another process is running"):
                start(tmp_path / "data", upstream=upstream).__enter__()
        assert not server.is_running()
        with start(tmp_path / "data", upstream=upstream) as (_, publisher):
            assert publisher.download("own-client", "1.0.0", artifact.filename) == artifact.content
            publisher.upload(artifact)
            publisher.check_access("own-client")


def test_nobody_else_on_the_machine_makes_accounts_or_indexes(devpi: LocalDevpi) -> None:
    made = requests.put(f"{devpi.url}stranger", json={"password": "x"}, timeout=10)
    assert made.status_code == 403
    assert requests.get(f"{devpi.url}stranger", timeout=10).status_code == 404
    login = {"user": devpi.username, "password": devpi.password.reveal()}
    answer = requests.post(
        f"{devpi.url}+login", json=login, headers={"Accept": "application/json"}, timeout=10
    )
    pair = f"{devpi.username}:{answer.json()['result']['password']}".encode()
    session = {"X-Devpi-Auth": base64.b64encode(pair).decode()}
    own = requests.put(f"{devpi.url}{devpi.username}/other", json={}, headers=session, timeout=10)
    assert own.status_code == 403


def test_a_server_ends_with_its_killed_starter(kind: str, tmp_path: Path) -> None:
    """kill -9 leaves the starter no time to tidy up."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "from registry.local.devpi import local_devpi\n"
        "from registry.local.verdaccio import local_verdaccio\n"
        "from registry.config.upstreams import NpmUpstream, PythonUpstream\n"
        f"start = local_{kind}\n"
        "upstream = {'devpi': PythonUpstream(), 'verdaccio': NpmUpstream()}\n"
        f"with start(Path(sys.argv[1]), upstream=upstream[{kind!r}]) as running:\n"
        "    print(running.url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).parents[4]
    command = [sys.executable, "-c", code, str(tmp_path / "data"), str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as starter:
        assert starter.stdout is not None
        url = starter.stdout.readline().strip()
        assert requests.get(url, timeout=10).status_code < 500
        below = psutil.Process(starter.pid).children(recursive=True)
        assert len(below) >= 2
        os.kill(starter.pid, signal.SIGKILL)
        starter.wait()
        _, alive = psutil.wait_procs(below, timeout=60)
        assert not alive


def test_a_port_that_is_taken_is_told(start: Start, tmp_path: Path) -> None:
    with remembering_upstream() as (url, _):
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(EmbeddedServerError, match=f"can't listen on local port {port}"):
            start(tmp_path / "data", port=port).__enter__()


def test_a_server_that_does_not_start_shows_the_end_of_its_log(
    kind: str, start: Start, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    broken = data / ("server" if kind == "devpi" else "storage")
    broken.mkdir() if kind == "devpi" else broken.write_text("not a folder")
    if kind == "devpi":
        (broken / ".serverversion").write_text("0.0")
    with pytest.raises(EmbeddedServerError) as caught:
        start(data).__enter__()
    assert "server.log" in str(caught.value)
    for line in (data / "credentials.json").read_text().split('"')[1::2]:
        assert len(line) < 32 or line not in str(caught.value)
    assert not [p for p in psutil.Process().children(recursive=True) if str(data) in " ".join(p.cmdline())]


def test_devpi_logs_in_to_its_upstream_and_shows_nobody_how(tmp_path: Path) -> None:
    pair = base64.b64encode(b"me:s3kret/x").decode()
    with remembering_upstream(f"Basic {pair}") as (url, asked):
        source = PythonUpstream(index_url=url.replace("//", "//me:s3kret%2Fx@"))
        with local_devpi(tmp_path, upstream=source) as running:
            requests.get(f"{running.index_url}somebody-elses/", timeout=30)
            assert "/somebody-elses/" in asked
            shown = requests.get(
                f"{running.url}root/pypi", timeout=10, headers={"Accept": "application/json"}
            )
            assert url in shown.text
            assert "s3kret" not in shown.text
    _assert_nowhere_below(tmp_path, b"s3kret", pair.encode())


def test_verdaccio_logs_in_to_its_upstream_and_writes_down_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with remembering_upstream("Bearer s3kret") as (url, asked):
        npmrc = tmp_path / ".npmrc"
        npmrc.write_text(f"{url.removeprefix('http:')}:_authToken=s3kret\n")
        monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(npmrc))
        with local_verdaccio(tmp_path / "data", upstream=NpmUpstream(registry=url)) as running:
            requests.get(f"{running.url}somebody-elses", timeout=30)
            assert "/somebody-elses" in asked
    _assert_nowhere_below(tmp_path / "data", b"s3kret")


def test_two_who_publish_the_same_at_once_both_succeed(
    start: Start, artifact: Artifact, tmp_path: Path
) -> None:
    with start(tmp_path / "data") as (_, publisher), ThreadPoolExecutor(4) as pool:
        for upload in [pool.submit(publisher.upload, artifact) for _ in range(4)]:
            upload.result()
        assert publisher.download("own-client", "1.0.0", artifact.filename) == artifact.content


def _assert_nowhere_below(folder: Path, *texts: bytes) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert not any(text in path.read_bytes() for text in texts), path


def _server_below(pid: int, url: str) -> psutil.Process:
    port = int(url.rstrip("/").rpartition(":")[2])
    for process in psutil.Process(pid).children(recursive=True):
        if any(connection.laddr.port == port for connection in process.net_connections("tcp")):
            return process
    raise AssertionError(f"nothing below this process listens on {port}")


def _listens_on_loopback_only(server: psutil.Process) -> bool:
    listening = [c for c in server.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    return bool(listening) and all(connection.laddr.ip == "127.0.0.1" for connection in listening)


def _assert_secrets_are_kept(folder: Path) -> None:
    kept = folder / "credentials.json"
    texts = [text for text in kept.read_text().split('"')[1::2] if len(text) >= 32]
    assert len(texts) == 2
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in (p for p in folder.iterdir() if p.is_file() and p.suffix != ".lock"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert not any(text in (folder / "server.log").read_text() for text in texts)
    for process in psutil.Process().children(recursive=True):
        assert not any(text in " ".join(process.cmdline()) for text in texts)
