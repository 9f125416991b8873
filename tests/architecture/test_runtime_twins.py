"""The Python client's asyncio modules and their blocking twins say the same, but for what asyncio needs.

Both are written out, for their readers' sake. That a mend of one is a mend of the other is held here: without
documentation, imports and the words of asyncio, they are the same program.
"""

from __future__ import annotations

import ast
import difflib
import re
from pathlib import Path

import pytest

_RUNTIME = Path(__file__).parents[2] / "generators" / "python_client" / "runtime"
#: Names that only one side has. A prefix (``AsyncSession``, ``SyncPool``) is taken off before.
_SAME = {
    "asynccontextmanager": "contextmanager",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "enter_async_context": "enter_context",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "aclose": "close",
    "asyncio": "time",
    "threading": "time",
    "RLock": "Lock",
}
_PREFIX = re.compile(r"^(_?)(?:Async|Sync)(?=[A-Z])")
#: They wait in different ways: a pool's queue of waiting tasks is no twin of its condition for threads.
_NO_TWINS = {"async_connection.py", "async_pool.py"}
#: Lines that differ on purpose, with the asyncio side's first, and why.
_DIFFERENT = {
    # Tasks of one thread can't be in a lock twice, as the same thread can.
    "async_session.py": (
        "def __init__(self, slot: Slot, timeout_seconds: float | None, lock: time.Lock | None=None) -> None:",
        "def __init__(self, slot: Slot, timeout_seconds: float | None, "
        "lock: AbstractContextManager[bool] | None=None) -> None:",
    ),
    "async_transaction.py": (
        "raise TransactionNotStartedError("
        "'the transaction has not begun; use it in an async with block, or start() it')",
        "raise TransactionNotStartedError("
        "'the transaction has not begun; use it in a with block, or start() it')",
    ),
    # A task can be cancelled while it listens, and what it leaves must be closed at once.
    "async_listener.py": (
        "self._inbox.add([one for one in connection.notifies(timeout=seconds, stop_after=1)])",
        "self._inbox.add(list(connection.notifies(timeout=seconds, stop_after=1)))",
        "except BaseException as error:",
        "traceback.clear_frames(error.__traceback__)",
        "raise",
    ),
}


class _Blocking(ast.NodeTransformer):
    """A program without what makes it asynchronous."""

    def visit(self, node: ast.AST) -> ast.AST | None:  # type: ignore[override]
        super().generic_visit(node)
        if isinstance(node, ast.Await):
            return node.value
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef | ast.Module):
            node.body = _without_documentation(node.body)
        for asynchronous, blocking in _STATEMENTS:
            if isinstance(node, asynchronous):
                node = blocking(**vars(node))
        return _renamed(_simplified(node))


_STATEMENTS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    (ast.AsyncFunctionDef, ast.FunctionDef),
    (ast.AsyncWith, ast.With),
    (ast.AsyncFor, ast.For),
)


def _without_documentation(body: list[ast.stmt]) -> list[ast.stmt]:
    kept = [
        statement
        for statement in body
        if not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
    ]
    return kept or [ast.Pass()]


def _simplified(node: ast.AST) -> ast.AST:
    """What the language makes both say in different words."""
    match node:
        case ast.comprehension():
            node.is_async = 0
        case ast.For(iter=rows, body=[ast.Expr(value=ast.Yield())]):  # there is no "yield from" in asyncio
            return ast.Expr(ast.YieldFrom(rows))
        case ast.Subscript(
            value=ast.Name(id="Generator" | "AsyncGenerator"), slice=ast.Tuple(elts=[first, *_])
        ):
            return ast.Subscript(ast.Name("Generator"), first)
        case ast.Subscript(value=ast.Name(id="Awaitable"), slice=result):
            return result
    return node


def _renamed(node: ast.AST) -> ast.AST:
    for field in ("id", "attr", "name", "arg"):
        name = getattr(node, field, None)
        if isinstance(name, str):
            setattr(node, field, _SAME.get(name, _PREFIX.sub(r"\1", name)))
    return node


def _program(path: Path) -> list[str]:
    tree = _Blocking().visit(ast.parse(path.read_text("utf-8")))
    assert isinstance(tree, ast.Module)
    return [
        line.strip() for line in ast.unparse(ast.fix_missing_locations(tree)).splitlines() if line.strip()
    ]


def _twins() -> list[Path]:
    return sorted(path for path in _RUNTIME.glob("async_*.py") if path.name not in _NO_TWINS)


@pytest.mark.parametrize("path", _twins(), ids=lambda path: path.stem)
def test_both_sides_say_the_same(path: Path) -> None:
    twin = path.with_name(path.name.replace("async_", "sync_", 1))
    difference = difflib.unified_diff(_program(path), _program(twin), path.name, twin.name, n=0, lineterm="")
    lines = [line for line in difference if not line.startswith(("---", "+++", "@@"))]
    assert [line[1:] for line in lines] == list(_DIFFERENT.get(path.name, ())), "\n".join(lines)


def test_every_module_of_one_side_is_compared_or_known_to_have_no_twin() -> None:
    blocking = {path.name.replace("sync_", "async_", 1) for path in _RUNTIME.glob("sync_*.py")}
    assert blocking | {"async_connection.py"} == {path.name for path in _twins()} | _NO_TWINS
