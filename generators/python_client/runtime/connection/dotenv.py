"""DATABASE_URL from a ``.env`` file, which is read as Prisma reads it.

The lines are those of https://github.com/motdotla/dotenv#parsing, and ``${NAME}``, ``${NAME:-otherwise}`` and
``\\$`` those of https://github.com/motdotla/dotenv-expand. As in Prisma, a ``$`` without a brace is a dollar:
it is usually part of a password.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from ..public.errors import DatabaseConnectionError

_VARIABLE = "DATABASE_URL"
_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*=[ \t]*
    (?: "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>[^']*)' | `(?P<backtick>[^`]*)` | (?P<plain>[^#\n]*) )
    """,
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z0-9_]+)(?P<rest>:?-|\}|.|$)", re.DOTALL)


def database_url() -> str | None:
    """The URL, the environment's first; None if neither that nor a ``.env`` file has one.

    Raises DatabaseConnectionError if it is needed and the file can't be read. No message repeats a value.
    """
    given = os.environ.get(_VARIABLE)
    if given:
        return given
    path = Path(".env").absolute()
    content = _content(path)
    if content is None:
        return None
    values = _values(_text(content, path))
    return _Expansion(values, os.environ, path).value(_VARIABLE) if _VARIABLE in values else None


def _content(path: Path) -> bytes | None:
    try:
        # Opened so that a FIFO which nobody writes to is not waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unusable(path, "is not a file")
            return _whole(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        # Windows doesn't open a folder.
        why = "is not a file" if path.is_dir() else f"can't be read: {error.strerror}"
        raise _unusable(path, why) from None


def _whole(descriptor: int) -> bytes:
    content = bytearray()
    while part := os.read(descriptor, 1 << 16):
        content += part
    return bytes(content)


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        why = f"is not UTF-8: line {line} has the byte 0x{content[error.start]:02x}"
        raise _unusable(path, why, "save it as UTF-8") from None


def _values(text: str) -> dict[str, str]:
    """The values as they are written; of several lines for one name the last counts."""
    values: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(text):
        value = next(filter(None, match.group("double", "single", "backtick", "plain")), "")
        if match["double"]:
            value = value.replace("\\n", "\n").replace("\\r", "\r")
        values[match["name"]] = value.strip() if match["plain"] else value
    return values


class _Expansion:
    """Replaces references to variables. The environment's win, and are taken as they are."""

    def __init__(self, values: Mapping[str, str], environment: Mapping[str, str], path: Path) -> None:
        self._values, self._environment, self._path = values, environment, path
        self._under_way: list[str] = []

    def value(self, name: str) -> str:
        """The value that the file gives to ``name``."""
        if name in self._under_way:
            raise self._wrong(f"{' → '.join([*self._under_way, name])} refer to each other")
        self._under_way.append(name)
        expanded, _ = self._expanded(self._values[name], 0, is_nested=False)
        self._under_way.pop()
        return expanded

    def _expanded(self, text: str, at: int, *, is_nested: bool) -> tuple[str, int]:
        """``text`` from ``at`` (of one that ``is_nested``, up to its closing brace), and where that ends."""
        expanded: list[str] = []
        while at < len(text):
            if text.startswith("\\$", at):
                expanded.append("$")
                at += 2
            elif is_nested and text[at] == "}":
                return "".join(expanded), at + 1
            elif match := _REFERENCE.match(text, at):
                value, at = self._referred(match, text)
                expanded.append(value)
            else:
                expanded.append(text[at])
                at += 1
        if is_nested:
            raise self._wrong("a ${ is not closed; write \\${ for one that is part of the value")
        return "".join(expanded), at

    def _referred(self, match: re.Match[str], text: str) -> tuple[str, int]:
        name, rest = match["name"], match["rest"]
        if rest == "}":
            found, end = self._found(name), match.end()
            if found is None:
                raise self._wrong(f"it refers to {name}, which is set neither there nor in the environment")
            return found, end
        if rest in ("-", ":-"):
            otherwise, end = self._expanded(text, match.end(), is_nested=True)
            found = self._found(name)
            return (otherwise if found is None or (not found and rest == ":-") else found), end
        raise self._wrong(
            f"after ${{{name} come neither }} nor :-; write \\${{ for one that is part of the value"
        )

    def _found(self, name: str) -> str | None:
        if name in self._environment:
            return self._environment[name]
        return self.value(name) if name in self._values else None

    def _wrong(self, why: str) -> DatabaseConnectionError:
        return DatabaseConnectionError(f"{_VARIABLE} in {self._path} can't be used: {why}")


def _unusable(path: Path, why: str, fix: str = "replace it with a text file") -> DatabaseConnectionError:
    return DatabaseConnectionError(
        f"no database: {_VARIABLE} is not set, and {path} {why}; {fix}, or set {_VARIABLE}"
    )
