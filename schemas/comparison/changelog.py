"""CHANGELOG.md, drafted from the changes; people may edit it before they publish."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import indent

from ..versions import SchemaVersion
from .change import Change, Compatibility, Kind

_HEADINGS = ("Added", "Changed", "Removed")
_OF_KIND: dict[Kind, str] = {"added": "Added", "removed": "Removed"}
_BREAKING: tuple[Compatibility, ...] = ("breaking", "additive", "internal")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&])")

_LINE_START = re.compile(r"^(\d*)([-=.])")  # a list, a rule, or an underlined heading


def changelog(
    version: SchemaVersion,
    previous: SchemaVersion | None,
    changes: Sequence[Change],
    description: str = "",
    *,
    examples: Mapping[Change, str] | None = None,
    sections: Sequence[str] = (),
) -> str:
    """Markdown that lists the changes since ``previous`` (None: this is the first version).

    The same arguments give the same text. Everything from the schema is escaped; ``examples`` (to show below
    a change) and ``sections`` (to end with) are Markdown already.
    """
    parts = [f"# {version}"]
    if description:
        parts.append(escape_markdown(description))
    if not changes:
        parts.append(f"Nothing changed in the schema since {previous}." if previous else "The first version.")
    since = f" since {previous}" if previous else ""
    for heading in _HEADINGS:
        items = [change for change in changes if _OF_KIND.get(change.kind, "Changed") == heading]
        items.sort(key=lambda change: _BREAKING.index(change.compatibility))
        if items:
            parts.append(f"## {heading}{since}")
            parts.append(_list([_item(change, (examples or {}).get(change, "")) for change in items]))
    return "\n\n".join([*parts, *sections]) + "\n"


def _item(change: Change, example: str) -> str:
    lead = "**Breaking:** " if change.compatibility == "breaking" else ""
    item = f"- {lead}{escape_markdown(change.text)}"
    return f"{item}\n\n{indent(example, '  ')}" if example else item


def _list(items: Sequence[str]) -> str:
    """Items of several lines stand apart from the others."""
    apart = any("\n" in item for item in items)
    return ("\n\n" if apart else "\n").join(items)


def escape_markdown(text: str) -> str:
    """``text`` on one line, with nothing in it that markdown, HTML or a terminal would interpret."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _LINE_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", line))
