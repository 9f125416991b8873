"""What can go wrong around the Node process, made to happen: one call fails, clearly; the next works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from schemas.errors import BridgeError, ExitCode, InvalidSchemaError
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment
from schemas.prisma.worker import EngineError, NodeWorker

ROOT = Path(__file__).parents[4]
DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'
SCHEMA = DATASOURCE + "model Product {\n  id Int @id\n}\n"


@pytest.fixture
def own_bridge() -> Iterator[PrismaBridge]:
    with PrismaBridge() as running:
        yield running


def node_pid(bridge: PrismaBridge) -> int:
    bridge.validate(SCHEMA)
    pid = bridge._worker.pid
    assert pid is not None
    return pid


def wait_for(condition: Callable[[], bool], timeout_seconds: float = 60) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_killed_node_is_replaced_by_the_next_call(own_bridge: PrismaBridge) -> None:
    first = node_pid(own_bridge)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert own_bridge.parse(SCHEMA).models[0].name == "Product"
    assert own_bridge._worker.pid != first


def test_the_call_in_flight_gets_one_clear_error(own_bridge: PrismaBridge) -> None:
    first = node_pid(own_bridge)
    os.kill(first, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(BridgeError, match="ended during parse") as caught:
        own_bridge.parse(SCHEMA)
    assert [problem.code for problem in caught.value.problems] == ["bridge-died"]
    assert caught.value.exit_code is ExitCode.SERVICE
    assert own_bridge.parse(SCHEMA).models


def test_only_the_call_in_flight_fails_when_others_wait_their_turn(own_bridge: PrismaBridge) -> None:
    first = node_pid(own_bridge)
    os.kill(first, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()

    def attempt(_: int) -> str:
        try:
            return own_bridge.parse(SCHEMA).models[0].name
        except BridgeError as error:
            return error.problems[0].code

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["Product"] * 5 + ["bridge-died"]


def stopped(bridge: PrismaBridge) -> int:
    """Stop the bridge's process, and bound its calls only from now on: it may start on a busy machine."""
    process = node_pid(bridge)
    os.kill(process, signal.SIGSTOP)
    bridge._call_timeout_seconds = 0.5
    return process


def test_a_call_that_takes_too_long_is_ended() -> None:
    with PrismaBridge() as bridge:
        first = stopped(bridge)
        with pytest.raises(BridgeError, match=r"took over 0\.5 s") as caught:
            bridge.parse(SCHEMA)
        assert caught.value.problems[0].code == "bridge-timeout"
        assert not is_running(first)


def test_a_request_too_large_for_the_pipe_still_times_out() -> None:
    with PrismaBridge() as bridge:
        stopped(bridge)
        with pytest.raises(BridgeError, match=r"took over 0\.5 s"):
            bridge.parse(SCHEMA + "// " + "x" * 4_000_000)


@pytest.mark.parametrize("engine", ["schema", "diff"])
def test_a_panic_is_told_and_the_engine_starts_over(own_bridge: PrismaBridge, engine: str) -> None:
    first = node_pid(own_bridge)
    with pytest.raises(EngineError) as caught:
        own_bridge._worker.call("panic", {"engine": engine}, timeout_seconds=60)
    assert caught.value.kind == "panic"
    assert "panic" in str(caught.value)
    assert own_bridge.parse(SCHEMA).models
    assert "CREATE TABLE" in own_bridge.diff(None, SCHEMA)
    assert own_bridge._worker.pid == first, "a panic needs no new process"


def test_a_panic_reaches_the_caller_as_one_bridge_error(
    own_bridge: PrismaBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = own_bridge._worker.call

    def panicking(operation: str, parameters: object, *, timeout_seconds: float) -> object:
        return original("panic", {"engine": "schema"}, timeout_seconds=timeout_seconds)

    monkeypatch.setattr(own_bridge._worker, "call", panicking)
    with pytest.raises(BridgeError, match="panicked while it was asked to parse") as caught:
        own_bridge.parse(SCHEMA)
    assert caught.value.problems[0].code == "engine-panic"
    assert "\x1b" not in str(caught.value)


def test_an_unknown_operation_is_an_error_and_no_end(own_bridge: PrismaBridge) -> None:
    for operation in ("nothing", "constructor", "__proto__"):
        with pytest.raises(EngineError, match="no operation"):
            own_bridge._worker.call(operation, {}, timeout_seconds=60)
    assert own_bridge.parse(SCHEMA).models


def test_requests_that_are_no_json_are_answered(own_bridge: PrismaBridge) -> None:
    node_pid(own_bridge)
    running = own_bridge._worker._running
    assert running is not None
    for line in (b"not json\n", b"{\n", b"\xff\xfe\n"):
        reply = json.loads(running.exchange(line, time.monotonic() + 60))
        assert reply == {"id": None, "error": {"kind": "protocol", "message": "the request is not JSON"}}
    assert own_bridge.parse(SCHEMA).models


@pytest.mark.parametrize("answer", ["hello", "[]", '{"id": 999, "value": 1}', '{"value": 1}', "{"])
def test_answers_that_make_no_sense_are_one_clear_error(answer: str) -> None:
    script = f"import sys; sys.stdin.readline(); print({answer!r}, flush=True); sys.stdin.readline()"
    worker = NodeWorker(lambda: [sys.executable, "-c", script], node_environment)
    with pytest.raises(BridgeError, match="can't be read") as caught:
        worker.call("parse", {}, timeout_seconds=60)
    assert caught.value.problems[0].code == "bridge-protocol"
    assert worker.pid is None


def test_what_the_process_says_at_its_end_is_told() -> None:
    script = "import sys; sys.stdin.readline(); sys.exit('out of memory')"
    worker = NodeWorker(lambda: [sys.executable, "-c", script], node_environment)
    with pytest.raises(BridgeError, match="out of memory"):
        worker.call("parse", {}, timeout_seconds=60)


def test_threads_get_their_own_answers(own_bridge: PrismaBridge) -> None:
    def parse(number: int) -> bool:
        text = DATASOURCE + f"model Product{number} {{\n  id Int @id\n}}\n"
        return own_bridge.parse(text).models[0].name == f"Product{number}"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(parse, range(40)))


def test_an_interrupted_call_leaves_no_stale_answer(
    own_bridge: PrismaBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_pid(own_bridge)
    running = own_bridge._worker._running
    assert running is not None

    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        own_bridge.parse(SCHEMA)
    assert own_bridge.parse(SCHEMA).models[0].name == "Product"


def test_closing_ends_the_process_and_using_it_again_starts_one(own_bridge: PrismaBridge) -> None:
    first = node_pid(own_bridge)
    own_bridge.close()
    assert not is_running(first)
    assert own_bridge.parse(SCHEMA).models
    own_bridge.close()
    own_bridge.close()


def test_the_users_node_settings_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--require /nowhere/at-all.js")
    monkeypatch.setenv("NODE_PATH", "/nowhere")
    monkeypatch.setenv("FORCE_COLOR", "3")
    with PrismaBridge() as bridge:
        assert bridge.parse(SCHEMA).models


def test_an_answer_is_kept_and_an_error_is_asked_for_again(own_bridge: PrismaBridge) -> None:
    schema, script = own_bridge.parse(SCHEMA), own_bridge.diff(None, SCHEMA)
    wrong = SCHEMA.replace("Int", "Nowhere")
    for file in ("a.prisma", "b.prisma"):
        with pytest.raises(InvalidSchemaError, match=file):
            own_bridge.parse(wrong, file)
    process = stopped(own_bridge)
    assert (own_bridge.parse(SCHEMA), own_bridge.diff(None, SCHEMA)) == (schema, script)
    with pytest.raises(BridgeError):
        own_bridge.diff(SCHEMA, None)
    assert not is_running(process)


def run_parent(body: str) -> subprocess.Popen[str]:
    """A Python process of its own that uses a bridge and prints the Node process's id."""
    script = f"""
        import os, signal, sys, threading, time
        from schemas.prisma.bridge import PrismaBridge
        bridge = PrismaBridge()
        schema = {SCHEMA!r}
        bridge.parse(schema)
        pid = bridge._worker.pid
        """
    code = textwrap.dedent(script) + textwrap.dedent(body)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )


BUSY = """
large = schema + "".join(
    f"model M{i} {{\\n  id Int @id\\n" + "".join(f"  f{j} Int?\\n" for j in range(60)) + "}\\n"
    for i in range(600)
)
"""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="idle"),
        pytest.param(
            BUSY
            + "threading.Thread(target=bridge.generate_node_client, args=(large,), daemon=True).start()\n"
            "time.sleep(0.5)\n",
            id="busy",
        ),
        pytest.param("if os.fork() == 0: time.sleep(240); os._exit(0)\n", id="stdin-held-open-by-a-fork"),
    ],
)
def test_it_never_outlives_its_parent(body: str) -> None:
    parent = run_parent(body + "print(pid, flush=True); time.sleep(240)")
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ended = wait_for(lambda: not is_running(pid))
    with suppress(ProcessLookupError):  # what the parent left behind
        os.killpg(parent.pid, signal.SIGKILL)
    assert ended


def test_a_forked_child_gets_a_process_of_its_own() -> None:
    parent = run_parent(
        """
        child = os.fork()
        if child == 0:
            good = bridge.parse(schema + "// 1").models[0].name == "Product" and bridge._worker.pid != pid
            bridge.close()
            os._exit(0 if good else 1)
        _, status = os.waitpid(child, 0)
        bridge.parse(schema + "// 2")
        print(status, bridge._worker.pid == pid)
        bridge.close()
        """
    )
    output, _ = parent.communicate(timeout=60)
    assert output.strip() == "0 True"
    assert parent.returncode == 0
