"""CHANGELOG.md, drafted from the changes; people may edit it before they publish."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..versions import SchemaVersion
from .change import Change, Compatibility

_HEADINGS: tuple[tuple[Compatibility, str], ...] = (
    ("breaking", "Breaking"),
    ("additive", "New"),
    ("internal", "Other"),
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&])")

_LINE_START = re.compile(r"^(\d*)([-=.])")  # a list, a rule, or an underlined heading


def changelog(
    version: SchemaVersion, previous: SchemaVersion | None, changes: Sequence[Change], description: str = ""
) -> str:
    """Markdown that lists the changes since ``previous`` (None: this is the first version).

    The same arguments give the same text. Everything from the schema is escaped.
    """
    parts = [f"# {version}"]
    if description:
        parts.append(escape_markdown(description))
    if not changes:
        parts.append(f"Nothing changed in the schema since {previous}." if previous else "The first version.")
    for compatibility, heading in _HEADINGS:
        items = [change for change in changes if change.compatibility == compatibility]
        if items:
            since = f" since {previous}" if previous else ""
            lines = "\n".join(f"- {escape_markdown(change.text)}" for change in items)
            parts.append(f"## {heading}{since}\n\n{lines}")
    return "\n\n".join(parts) + "\n"


def escape_markdown(text: str) -> str:
    """``text`` on one line, with nothing in it that markdown, HTML or a terminal would interpret."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _LINE_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", line))
