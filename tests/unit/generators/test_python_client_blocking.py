"""The blocking client is made from the asyncio one, and nothing else is in its folder but what is its own."""

from __future__ import annotations

import ast
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from generators.python_client import blocking

_ASYNCIO = '''
"""An asyncio client: an ``async with`` block for one task, and "an async with block"."""


class _AsyncThing(Protocol):
    async def run(self, work: Callable[[AsyncPool], Awaitable[dict[str, int]]]) -> AsyncSlot:
        async with AsyncExitStack() as stack, self:  # tasks of asyncio wait here
            await stack.enter_async_context(await self.work("await"))
            return [one async for one in work]

    async def __aenter__(self) -> AsyncIterator[Asynchronous]: ...
'''
_BLOCKING = '''
"""A blocking client: a ``with`` block for one thread, and "a with block"."""


class _Thing(Protocol):
    def run(self, work: Callable[[SyncPool], dict[str, int]]) -> SyncSlot:
        with ExitStack() as stack, self:  # threads of blocking wait here
            stack.enter_context(self.work("await"))
            return [one for one in work]

    def __enter__(self) -> Iterator[Asynchronous]: ...
'''


def test_comments_and_docstrings_stay_and_the_words_of_asyncio_go() -> None:
    assert blocking.blocking(_ASYNCIO) == _BLOCKING


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of both sides, in a project with the same settings."""
    client = tmp_path / "client"
    shutil.copytree(blocking._CLIENT, client, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(blocking.__file__).parents[2] / "pyproject.toml", tmp_path)
    monkeypatch.setattr(blocking, "_CLIENT", client)
    return client


def test_the_files_are_what_would_be_written(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert blocking.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_difference_is_named_and_goes_by_writing(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "sync" / "batch.py").write_text("changed by hand = True\n", "utf-8")
    (copied / "sync" / "runner.py").unlink()
    (copied / "sync" / "left_over.py").write_text("", "utf-8")
    source = copied / "aio" / "transaction.py"
    source.write_text(
        source.read_text("utf-8") + "\n\nasync def more() -> None:\n    await other()\n", "utf-8"
    )
    assert blocking.main(["--check"]) == 1
    said = capsys.readouterr().err
    wrong = ("batch.py", "runner.py", "left_over.py", "transaction.py")
    assert [name in said for name in (*wrong, "client.py")] == [True] * 4 + [False]
    assert "make blocking" in said

    assert blocking.main([]) == 0
    assert blocking.main(["--check"]) == 0
    assert "def more() -> None:\n    other()\n" in (copied / "sync" / "transaction.py").read_text("utf-8")
    assert not (copied / "sync" / "left_over.py").exists()


@pytest.mark.parametrize("side", ["aio", "sync"])
def test_each_side_has_what_the_modules_are_written_against(side: str) -> None:
    own = {name.removesuffix(".py") for name in blocking.HAND_WRITTEN} - {"__init__"}
    imports = [
        (node.module, alias.name)
        for path in (blocking._CLIENT / "sync").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module in own
        for alias in node.names
    ]
    assert {module for module, _ in imports} == own
    for module, name in imports:
        assert hasattr(import_module(f"generators.python_client.runtime.client.{side}.{module}"), name)
