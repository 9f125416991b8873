"""Where a project's own settings say that its schema and its migrations are: prisma.config, package.json.

A config is a program, and nothing of a project is run. The two settings are read where they are written out:
a text, or a path that is joined from texts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import WorkspaceError
from ..workspace.files import read_text

#: https://www.prisma.io/docs/orm/reference/prisma-config-reference
_NAMES = tuple(
    f"{name}.{suffix}"
    for name in ("prisma.config", ".config/prisma")
    for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs")
)
_TEXT = r"""(?:"[^"\n]*"|'[^'\n]*'|`[^`\n$]*`)"""
_ANY_TEXT = r"""(?P<kept>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""
_COMMENT = re.compile(rf"{_ANY_TEXT}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_PART = rf"\s*(?:__dirname|import\.meta\.dirname|{_TEXT})\s*,?"
_VALUE = rf"(?P<value>{_TEXT}|(?:path\.)?(?:join|resolve)\((?:{_PART})+\s*\))"
_SCHEMA = re.compile(rf"\bschema\s*:\s*{_VALUE}")
_MIGRATIONS = re.compile(rf"\bmigrations\s*:\s*\{{(?P<before>[^{{}}]*?)\bpath\s*:\s*{_VALUE}")


@dataclass(frozen=True, slots=True)
class PrismaConfig:
    """``file`` says so; each place is absolute, and None where it isn't set. Neither need exist."""

    file: Path
    schema: Path | None
    migrations: Path | None


def read_prisma_config(folder: Path) -> PrismaConfig | None:
    """The settings of the project in ``folder``; None where it has none that can be read."""
    for name in _NAMES:
        text = _text(folder, name)
        if text is not None:
            text = _COMMENT.sub(lambda match: match["kept"] or " ", text)
            return PrismaConfig(
                folder / name, _place(folder, _SCHEMA, text), _place(folder, _MIGRATIONS, text)
            )
    schema = _of_package(_text(folder, "package.json"))
    return PrismaConfig(folder / "package.json", _inside(folder, schema), None) if schema else None


def _text(folder: Path, name: str) -> str | None:
    try:
        return read_text(folder, name)
    except WorkspaceError:
        return None


def _of_package(text: str | None) -> str | None:
    """``{"prisma": {"schema": "…"}}``, as Prisma 6 had it."""
    try:
        schema = json.loads(text or "null")["prisma"]["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return schema if isinstance(schema, str) else None


def _place(folder: Path, setting: re.Pattern[str], text: str) -> Path | None:
    match = setting.search(text)
    if match is None:
        return None
    parts = [part[1:-1] for part in re.findall(_TEXT, match["value"])]
    return _inside(folder, str(PurePosixPath(*parts))) if parts else None


def _inside(folder: Path, relative: str) -> Path | None:
    """The place below ``folder``; None for any other: only the project that was named is read."""
    try:
        place = (folder / relative).resolve()
        return place if place.is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        return None
