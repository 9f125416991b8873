"""The text of a DO block or a function, read word by word: what it takes away and which functions it names.

Comments don't count, and string literals are read as if they were code: EXECUTE runs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pglast.parser import ParseError, scan

from .function_calls import called_functions, deleted_from, mentions
from .statements import COMMENTS

_Node: TypeAlias = Any
_OBJECTS = r"(table|column|schema|type|domain|extension|owned|collation|database|foreign\s+table)"
_NO_ROWS = r"(constraint|default|not|expression|identity|trigger|rule)"
_TAKES_AWAY: Final = re.compile(
    rf"\b(drop\s+{_OBJECTS}|truncate|delete\s+from|then\s+delete|lo_unlink"
    rf"|alter\s+((foreign\s+)?table|type)\b[^;]*?\bdrop(?!\s+{_NO_ROWS}))\b",
    re.IGNORECASE,
)
# EXECUTE runs a computed text, unless one literal is all of it, or format() fills names and values into one.
_EXECUTED: Final = re.compile(r"\bexecute\b(?!\s+(function|procedure|on)\b)", re.IGNORECASE)
_LITERAL_ONLY: Final = re.compile(r"\s*\0([^\0]*)\0\s*(;|$|into\b|using\b)", re.IGNORECASE)
_FORMATTED: Final = re.compile(r"\s*format\s*\(\s*\0([^\0]*)\0", re.IGNORECASE)
_KEEPS_ROWS: Final = re.compile(
    r"\s*(grant|revoke|comment|create|analyze|reindex|refresh|alter\s+(role|user|database|sequence))\b",
    re.IGNORECASE,
)
_ANY_TEXT: Final = re.compile(r"%\s*(\d+\s*\$\s*)?(-?\s*\d+\s*)?s\b")
_SETS_PATH: Final = re.compile(
    r"\b(set_config\b[^;]*search_path|set\s+((local|session)\s+)?search_path)\b", re.IGNORECASE
)
_BEFORE_NO_UPDATE: Final = frozenset({"FOR", "ON", "KEY", "OR", "OF"})
_READ_LANGUAGES: Final = frozenset({"sql", "plpgsql"})
_COMPILED: Final = frozenset({"c", "internal"})  # extensions' own
_STRINGS: Final = frozenset({"SCONST", "USCONST"})


@dataclass(frozen=True, slots=True)
class Code:
    """``takes`` is what takes something away, None if nothing does that can be read. ``unread`` is what can't
    be read. ``names`` may be functions that it calls. ``updates`` are the texts of its UPDATE statements."""

    takes: str | None = None
    unread: str | None = None
    names: frozenset[str] = frozenset()
    updates: tuple[str, ...] = ()


def block_code(node: _Node) -> Code:
    """A DO block."""
    return _read(_source(node.args), _language(node.args))


def function_code(node: _Node) -> Code:
    """The body of a function or procedure."""
    if node.sql_body is not None:  # BEGIN ATOMIC: its statements are no text
        return Code(
            takes="DELETE FROM" if deleted_from(node) else None,
            names=frozenset(called_functions(node)),
            updates=("UPDATE",) if any(mentions(node).columns_set(node)) else (),
        )
    return _read(_source(node.options), _language(node.options))


def _read(source: str, language: str) -> Code:
    if language in _COMPILED:
        return Code()
    if language not in _READ_LANGUAGES:
        return Code(unread=f"code in {language}")
    marked, names, updates = _flattened(source)
    plain = marked.replace("\0", " ")
    taking = _TAKES_AWAY.search(plain)
    return Code(
        takes=" ".join(taking[0].split()) if taking else None,
        unread="dynamic SQL (EXECUTE)"
        if language == "plpgsql" and any(_unread_executions(marked))
        else "a search_path that is set in code"
        if _SETS_PATH.search(plain)
        else None,
        names=frozenset(names),
        updates=tuple(updates),
    )


def _unread_executions(marked: str) -> Iterator[bool]:
    for found in _EXECUTED.finditer(marked):
        rest = marked[found.end() :]
        formatted = _FORMATTED.match(rest)
        if formatted is not None:
            is_read = _ANY_TEXT.search(formatted[1]) is None or _KEEPS_ROWS.match(formatted[1]) is not None
        else:
            is_read = _LITERAL_ONLY.match(rest) is not None
        if not is_read:
            yield True


def _flattened(source: str) -> tuple[str, set[str], list[str]]:
    """The text without comments, its literals between null characters; the words and the UPDATEs in it."""
    try:
        tokens = [token for token in scan(source) if token.name not in COMMENTS]
    except ParseError:
        return source, set(re.findall(r"\w+", source)), []
    parts: list[str] = []
    names: set[str] = set()
    updates: list[str] = []
    before = ""
    for number, token in enumerate(tokens):
        text = source[token.start : token.end + 1]
        if token.name in _STRINGS and not _has_escapes(text):
            inner, inside, more = _flattened(_content(text))
            parts.append("\0" + inner.replace("\0", " ") + "\0")
            names |= inside
            updates += more
        else:
            parts.append(text)
            names.add(text[1:-1].replace('""', '"') if text.startswith('"') else text.lower())
        if token.name == "UPDATE" and before not in _BEFORE_NO_UPDATE:
            end = next((each.start for each in tokens[number:] if each.name == "ASCII_59"), len(source))
            updates.append(source[token.start : end])
        before = token.name
    return " ".join(parts), names, updates


def _has_escapes(literal: str) -> bool:
    return literal[0] in "eEuU" and "\\" in literal


def _content(literal: str) -> str:
    if literal.startswith("$"):
        length = literal.index("$", 1) + 1
        return literal[length:-length]
    return literal[literal.index("'") + 1 : -1].replace("''", "'")


def _source(options: _Node) -> str:
    texts = (option.arg for option in options or () if option.defname == "as")
    return "\n".join(
        str(part.sval) for text in texts for part in (text if isinstance(text, tuple) else (text,))
    )


def _language(options: _Node) -> str:
    named = (option.arg.sval for option in options or () if option.defname == "language")
    return str(next(named, "plpgsql")).lower()
