"""Writes the blocking client of the runtime from the asyncio one: ``client/sync/`` from ``client/aio/``, and
copies what it has in common with the migration runner: neither of the two may import the other.

    python -m generators.python_client.blocking           write the files
    python -m generators.python_client.blocking --check   exit with 1 if they are not what would be written

It works on tokens, so that comments and docstrings stay. It only knows asyncio's names, not what the modules
do: where the two sides have to differ, each has its own module with the same interface (``waiting``,
``connection``). Ruff then breaks the lines, sorts the imports and drops those that are no longer needed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

_RUNTIME = Path(__file__).parent / "runtime"
_CLIENT = _RUNTIME / "client"
_RUNNER = Path(__file__).parents[2] / "migrations" / "runner"
#: The one reader of database URLs, the one order of versions, the names of sessions, and their copies.
_COPIES = {
    _RUNTIME / "connection" / "database_url.py": _RUNNER / "address" / "database_url.py",
    _RUNTIME / "compatibility" / "semver.py": _RUNNER / "semver.py",
    _RUNTIME / "compatibility" / "session_name.py": _RUNNER / "connection" / "session_name.py",
}
#: The modules that each side has of its own.
HAND_WRITTEN = frozenset({"__init__.py", "connection.py", "waiting.py"})
_HEADER = "# Generated from client/aio/{name} by `make blocking`: change that file, not this one.\n"

#: Names that only asyncio's side has. A prefix (``AsyncSession``) is taken off all others.
_NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncPool": "SyncPool",
    "AsyncSlot": "SyncSlot",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "asynccontextmanager": "contextmanager",
    "enter_async_context": "enter_context",
}
_PREFIX = re.compile(r"^(_?)Async(?=[A-Z])")
#: Words of comments, docstrings and messages, in the order in which they are replaced.
_WORDS = [
    (re.compile(r"\b(a)n (``)?async (?=with|for)", re.IGNORECASE), r"\1 \2"),
    (re.compile(r"\basync (?=with|for)"), ""),
    (re.compile(r"\b(a)n asyncio\b", re.IGNORECASE), r"\1 blocking"),
    (re.compile(r"\basyncio\b"), "blocking"),
    (re.compile(r"\btask(?=s?\b)"), "thread"),
    (re.compile(r"\bTask(?=s?\b)"), "Thread"),
]
#: Ruff's rules that clean up what is only written so because of asyncio: unused imports, loops that can be
#: ``yield from`` or ``list(...)``.
_FIXES = "F401,I,UP028,C416"


def blocking(source: str) -> str:
    """The text of a module without what makes it asynchronous, before it is formatted."""
    lines = source.splitlines(keepends=True)
    for (row, begin), end, text in sorted(_edits(source), reverse=True):
        last_row, last = end
        lines[row - 1 : last_row] = [lines[row - 1][:begin] + text + lines[last_row - 1][last:]]
    return "".join(lines)


def written() -> dict[str, str]:
    """The generated modules, by file name, as they should lie in ``client/sync/``."""
    modules = sorted(path for path in (_CLIENT / "aio").glob("*.py") if path.name not in HAND_WRITTEN)
    return {path.name: _formatted(path.name, blocking(path.read_text("utf-8"))) for path in modules}


def main(arguments: list[str] | None = None) -> int:
    """Write the modules, or with ``--check`` name those that differ."""
    parser = argparse.ArgumentParser(description="Write client/sync/ from client/aio/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 on a difference")
    is_check = parser.parse_args(arguments).check
    folder = _CLIENT / "sync"
    modules = written()
    present = {path.name: path for path in folder.glob("*.py") if path.name not in HAND_WRITTEN}
    wrong = [
        name
        for name, text in modules.items()
        if name not in present or present[name].read_text("utf-8") != text
    ]
    gone = sorted(present.keys() - modules.keys())
    uncopied = {
        copy: source
        for copy, source in _COPIES.items()
        if not copy.exists() or copy.read_bytes() != source.read_bytes()
    }
    if is_check:
        for name in (*wrong, *gone):
            print(f"{folder / name} is out of date with client/aio/; run `make blocking`", file=sys.stderr)
        for copy, source in uncopied.items():
            print(f"{copy} is not {source}; run `make blocking`", file=sys.stderr)
        return 1 if wrong or gone or uncopied else 0
    for copy, source in uncopied.items():
        copy.write_bytes(source.read_bytes())
    for name in wrong:
        (folder / name).write_text(modules[name], "utf-8")
    for name in gone:
        present[name].unlink()
    return 0


_Place = tuple[int, int]
_Edit = tuple[_Place, _Place, str]


def _edits(source: str) -> Iterator[_Edit]:
    tokens = list(tokenize.generate_tokens(StringIO(source).readline))
    for index, token in enumerate(tokens):
        if token.type == tokenize.NAME and token.string in ("async", "await"):
            yield token.start, tokens[index + 1].start, ""
        elif token.type == tokenize.NAME and token.string == "Awaitable" and tokens[index + 1].string == "[":
            yield token.start, tokens[index + 1].end, ""
            closing = _closing(tokens, index + 1)
            yield closing.start, closing.end, ""
        elif token.type == tokenize.NAME:
            yield from _changed(token, _NAMES.get(token.string) or _PREFIX.sub(r"\1", token.string))
        elif token.type in (tokenize.STRING, tokenize.COMMENT):
            yield from _changed(token, _in_words(token.string))


def _changed(token: tokenize.TokenInfo, text: str) -> Iterator[_Edit]:
    if text != token.string:
        yield token.start, token.end, text


def _closing(tokens: list[tokenize.TokenInfo], opening: int) -> tokenize.TokenInfo:
    """The bracket that closes the one at ``opening``."""
    depth = 0
    for token in tokens[opening:]:
        depth += {"[": 1, "]": -1}.get(token.string, 0)
        if depth == 0:
            return token
    raise ValueError(f"line {tokens[opening].start[0]}: a bracket is not closed")


def _in_words(text: str) -> str:
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    return text


def _formatted(name: str, text: str) -> str:
    text = _HEADER.format(name=name) + text
    text = _ruff("check", "--quiet", "--fix-only", "--unsafe-fixes", "--select", _FIXES, name=name, text=text)
    return _ruff("format", "--quiet", name=name, text=text)


def _ruff(*arguments: str, name: str, text: str) -> str:
    place = ["--stdin-filename", str(_CLIENT / "sync" / name)]  # whose settings are the project's
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", *place, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
