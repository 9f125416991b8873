"""Templates, and the only functions that untrusted text may enter a generated file through.

Every comment, description, name or default of a schema goes through one of the functions here before it
stands in Python or TypeScript. They share one rule: characters that a reader can't see, or that reorder what
a reader sees (controls, bidirectional marks, line and paragraph separators, lone surrogates), are shown as
``\\uXXXX`` (CVE-2021-42574, "Trojan Source"). After that each function closes its own syntax.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..metadata import one_line
from .template_cache import TemplateCache

#: Zero-width joiner and non-joiner: format characters, yet part of ordinary words (Persian) and of emoji.
_ORDINARY_FORMAT = frozenset("\u200c\u200d")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|!~&]")
_LINE_BREAK = re.compile(r"\r\n?|\n")
_Escape = Callable[[str], str]


@cache
def environment(package: str) -> Environment:
    """The templates in ``<package>/templates``, e.g. ``environment("generators.python_client")``.

    An unknown variable is an error (StrictUndefined). Nothing is escaped automatically: the filters below are
    there under their own names, and a view hands templates text that already went through them.
    """
    templates = Environment(
        loader=PackageLoader(package),
        bytecode_cache=TemplateCache(Path(__file__).read_bytes()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - HTML's escapes would be wrong in Python and TypeScript
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for escape in (
        python_string,
        python_docstring,
        python_tuple,
        python_tuples,
        typescript_string,
        markdown,
    ):
        templates.filters[escape.__name__] = escape
    return templates


def visible(text: str) -> str:
    """``text`` with invisible and reordering characters written as ``\\uXXXX``; line ends become ``\\n``."""
    unified = _LINE_BREAK.sub("\n", text).expandtabs(4)
    return "".join(char if char == "\n" or _is_plain(char) else _escaped(char) for char in unified)


def printable_lines(text: str) -> list[str]:
    """``visible(text)`` without surrounding blank space, as lines without trailing blanks; at least one."""
    return [line.rstrip() for line in visible(text).strip().split("\n")]


def python_string(text: str) -> str:
    """A Python string literal in double quotes whose value is exactly ``text``."""
    return _quoted(text, _python_escaped)


def python_tuple(texts: Iterable[str]) -> str:
    """A Python tuple of string literals on one line."""
    items = [python_string(text) for text in texts]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def python_tuples(rows: Iterable[Iterable[str]], indent: int = 8) -> str:
    """A tuple of tuples of strings, a row on each line; the first line begins at the cursor."""
    items = [python_tuple(row) for row in rows]
    if len(items) <= 1:
        return f"({items[0]},)" if items else "()"
    pad = " " * indent
    return "\n".join(["(", *(f"{pad}    {item}," for item in items), f"{pad})"])


def python_docstring(text: str, indent: int = 0) -> str:
    """A docstring literal for ``text``: one line where it fits, indented by ``indent`` spaces where not.

    The literal begins at the cursor; later lines carry the indent. Its value, cleaned as
    :func:`inspect.cleandoc` does, is ``visible(text)`` without surrounding blank space.
    """
    lines = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in printable_lines(text)]
    if lines[0].startswith('"'):
        lines[0] = "\\" + lines[0]
    if len(lines) == 1:
        closing = lines[0][:-1] + '\\"' if _ends_in_open_quote(lines[0]) else lines[0]
        return f'"""{closing}"""'
    pad = " " * indent
    rest = [f"{pad}{line}" if line else "" for line in lines[1:]]
    return "\n".join(['"""' + lines[0], *rest, f'{pad}"""'])


def typescript_string(text: str) -> str:
    """A TypeScript (and JSON) string literal in double quotes whose value is exactly ``text``."""
    return _quoted(text, _utf16_escaped)


def markdown(text: str) -> str:
    """``text`` on one line, escaped so that Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(visible(text)))


def _is_plain(char: str) -> bool:
    category = unicodedata.category(char)
    return category not in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in _ORDINARY_FORMAT


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\u{{{ord(char):x}}}"


def _python_escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _utf16_escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def _quoted(text: str, escape: _Escape) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    body = "".join(short.get(char) or (char if _is_plain(char) else escape(char)) for char in text)
    return f'"{body}"'


def _ends_in_open_quote(line: str) -> bool:
    # An escaped quote (odd number of backslashes before it) is already closed off from the delimiter.
    body = line.removesuffix('"')
    backslashes = len(body) - len(body.rstrip("\\"))
    return body != line and backslashes % 2 == 0
