"""The Atom feed: what RFC 4287 asks for, whatever is in the texts of versions."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import hypothesis
from hypothesis import strategies as st

from registry.catalogue import LoggedRelease
from registry.notify.feed import releases_feed
from schemas.versions import SchemaVersion

_ATOM = "{http://www.w3.org/2005/Atom}"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

RELEASE = LoggedRelease(
    version=SchemaVersion(1, 0, 0),
    description="",
    author=None,
    changelog="# 1.0.0\n",
    published_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    updated_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    withdrawn=None,
    is_corrected=False,
)


def texts(parent: ET.Element, name: str) -> list[str]:
    return [each.text or "" for each in parent.findall(f"{_ATOM}{name}")]


def check_rfc_4287(content: bytes) -> ET.Element:
    """Sections 4.1.1 and 4.1.2: what a feed and an entry have to have, and how often; returns the feed."""
    feed = ET.fromstring(content)
    assert feed.tag == f"{_ATOM}feed"
    entries = feed.findall(f"{_ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(texts(element, name)) == 1, name
        for moment in texts(element, "updated") + texts(element, "published"):
            assert _RFC3339.fullmatch(moment)
        assert _URN.fullmatch(texts(element, "id")[0])
        for author in element.findall(f"{_ATOM}author"):
            assert texts(author, "name")[0]
        links = [(link.get("rel"), link.get("type")) for link in element.findall(f"{_ATOM}link")]
        assert len(set(links)) == len(links)
    assert feed.findall(f"{_ATOM}author"), "an entry may leave it out only where the feed has one"
    ids = [texts(each, "id")[0] for each in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert len(texts(entry, "content")) == 1, "needed where there is no link to an alternative"
        assert all(each.get("type") == "text" for each in entry if each.tag in (f"{_ATOM}content",))
    return feed


def test_what_happened_since_is_marked_and_ids_stay() -> None:
    later = RELEASE.published_at.astimezone(timezone(timedelta(hours=2))) + timedelta(days=1)
    changed = replace(RELEASE, updated_at=later, withdrawn="loses <rows> & more", is_corrected=True)
    before, after = (check_rfc_4287(releases_feed("reviews", [each])) for each in (RELEASE, changed))
    (old,), (new,) = (feed.findall(f"{_ATOM}entry") for feed in (before, after))
    assert texts(old, "id") == texts(new, "id")
    assert texts(before, "id") == texts(after, "id")
    assert texts(old, "title") == ["reviews 1.0.0"]
    assert texts(new, "title") == ["reviews 1.0.0 (withdrawn, corrected)"]
    assert [each.get("term") for each in new.findall(f"{_ATOM}category")] == ["withdrawn", "corrected"]
    assert texts(new, "content")[0].startswith("Withdrawn: loses <rows> & more\n")
    assert texts(new, "updated") == texts(after, "updated") == ["2026-01-02T12:00:00Z"]
    assert texts(new, "published") == ["2026-01-01T12:00:00Z"]


def test_a_feed_without_entries_and_one_with_addresses() -> None:
    check_rfc_4287(releases_feed("reviews", []))
    url = "https://schemas.example/feed.atom?a=1&b=2"
    feed = check_rfc_4287(releases_feed("reviews", [RELEASE], url=url, base_url="https://schemas.example/"))
    assert [each.get("href") for each in feed.findall(f"{_ATOM}link")] == [url]
    (entry,) = feed.findall(f"{_ATOM}entry")
    links = [each.get("href") for each in entry.findall(f"{_ATOM}link")]
    assert links == ["https://schemas.example/schema/1.0.0"]


@hypothesis.given(st.text(), st.text(), st.text())
def test_text_is_text_whatever_it_is(description: str, author: str, changelog: str) -> None:
    other = replace(RELEASE, version=SchemaVersion(2, 0, 0))
    release = replace(RELEASE, description=description, author=author, changelog=changelog, withdrawn=author)
    feed = check_rfc_4287(releases_feed(f"s{changelog}", [other, release]))
    entry = feed.findall(f"{_ATOM}entry")[1]
    assert {each.tag for each in itertools.chain(*entry)} <= {f"{_ATOM}name"}
    readable = changelog.encode("utf-8", "replace").decode()
    if readable.isprintable():
        assert texts(entry, "content")[0].endswith(readable)
