"""What mkdocs does not do by itself: `mkdocs.yml` names this file under `hooks`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

#: Where pages are listed that `nav` doesn't name: by their folder, those in none among the how-tos.
_SECTIONS = {
    "tutorials": "Tutorials",
    "": "How to",
    "how-to": "How to",
    "operations": "At three in the morning",
    "reference": "Reference",
    "python-client": "Python client",
    "problems": "Problems by code",
    "why": "Why",
    "benchmarks": "Benchmarks",
}
_LINK = re.compile(r"\[([^\]\n]+(?:\n[^\]\n]+)?)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out of the navigation what isn't there, and add what it doesn't name."""
    docs = Path(config.docs_dir)
    nav = _present(config.nav or [], docs)
    named = set(_pages(nav))
    for path in sorted(docs.rglob("*.md")):
        page = path.relative_to(docs).as_posix()
        title = _SECTIONS.get(PurePosixPath(page).parts[0] if "/" in page else "")
        section = _section(nav, title)
        if page not in named and section is not None:
            section.append(page)
    config.nav = nav
    return config


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Links to files of the repository outside of docs/ work on GitHub only: here they are text."""
    here = Path(config.docs_dir, page.file.src_uri).parent

    def shown(link: re.Match[str]) -> str:
        target = (here / link[2]).resolve()
        return link[0] if target.is_relative_to(config.docs_dir) else link[1]

    return _LINK.sub(shown, markdown)


def _section(entries: list[Any], title: str | None) -> list[Any] | None:
    for entry in entries:
        if isinstance(entry, dict):
            ((name, below),) = entry.items()
            found: list[Any] | None = below if name == title else _section(below, title)
            if found is not None:
                return found
    return None


def _present(entries: list[Any], docs: Path) -> list[Any]:
    present: list[Any] = []
    for entry in entries:
        if isinstance(entry, str):
            present += [entry] if (docs / entry).exists() else []
        else:
            ((title, below),) = entry.items()
            kept = _present(below, docs)
            present += [{title: kept}] if kept else []
    return present


def _pages(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            for below in entry.values():
                yield from _pages(below)
