"""The site of docs/: built without a warning, loads nothing from elsewhere, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(```+).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
#: Elements that make a browser load something, and the attribute that says what.
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
_MARKDOWN = sorted(
    [*_ROOT.glob("*.md")] + [path for folder in ("docs", "docker") for path in (_ROOT / folder).rglob("*.md")]
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=_ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class _Page(HTMLParser):
    """What a page loads, and the lines of its paragraphs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.lines: list[str] = []
        self._in_paragraph = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_paragraph = self._in_paragraph or tag == "p"
        self.loads += [value or "" for name, value in attrs if name in (_LOADS.get(tag), "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self._in_paragraph = self._in_paragraph and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._in_paragraph:
            self.lines += data.splitlines()


def test_every_page_is_built_and_listed(site: Path) -> None:
    sources = {path.relative_to(_ROOT / "docs").with_suffix("") for path in (_ROOT / "docs").rglob("*.md")}
    built = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert built - sources == {Path("404")}
    assert sources <= built
    menu = re.findall(r'<a href="([^"#]*)\.html" class="md-nav__link', (site / "index.html").read_text())
    assert {path.as_posix() for path in sources} <= {*menu, "index"}


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        text = page.read_text()
        loads = _Page(text).loads
        assert loads, page
        assert [each for each in loads if re.match(r"(https?:)?//", each)] == [], page
        assert 'class="mermaid"' not in text, page  # its program would come from a CDN
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text()), style


def test_lists_and_tables_are_no_paragraphs(site: Path) -> None:
    """GitHub begins a list without an empty line before it, the site doesn't."""
    wrong = [
        (page.relative_to(site).as_posix(), line)
        for page in site.rglob("*.html")
        for line in _Page(page.read_text()).lines
        if re.match(r"(- |\d+\. |\|.*\||```)", line)
    ]
    assert wrong == []


@pytest.mark.parametrize("page", _MARKDOWN, ids=lambda page: page.relative_to(_ROOT).as_posix())
def test_links_lead_somewhere_on_github(page: Path) -> None:
    for link in _LINK.findall(_prose(page)):
        if re.match(r"(https?|mailto):", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(_ROOT), link
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


def _prose(page: Path) -> str:
    """Without code, in which brackets are no links."""
    return _CODE.sub("", _FENCE.sub("", page.read_text("utf-8")))


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text("utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
        number = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", each) is not None for each in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found
