"""The releases as an Atom feed (RFC 4287).

Identifiers are made from names alone, so that the feed has the same ones in a file and at any address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from ..catalogue import LoggedRelease

MEDIA_TYPE = "application/atom+xml"
MOST_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_IDS = UUID("6a1c2f7e-3a53-4a0e-9d0b-0c8a7f5e21d4")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def feed_id(schema_name: str) -> str:
    """What tells this feed from all others."""
    return uuid5(_IDS, f"feed {schema_name}").urn


def releases_feed(
    schema_name: str,
    releases: Sequence[LoggedRelease],
    *,
    url: str | None = None,
    base_url: str | None = None,
) -> bytes:
    """The feed of ``releases``, newest first. ``url`` is its own address, ``base_url`` (ending in a slash)
    that of the Schema API, where they are known. Text from the versions is text in it and nothing else."""
    feed = ET.Element("feed", xmlns=_ATOM)
    _add(feed, "id", feed_id(schema_name))
    _add(feed, "title", f"Releases of {schema_name}")
    _add(feed, "updated", _time(max((each.updated_at for each in releases), default=_NEVER)))
    _add(_add(feed, "author"), "name", schema_name)
    _add(feed, "generator", "schema-service")
    if url is not None:
        _add(feed, "link", rel="self", type=MEDIA_TYPE, href=url)
    for release in releases:
        _add_entry(feed, schema_name, release, base_url)
    ET.indent(feed)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_entry(feed: ET.Element, schema_name: str, release: LoggedRelease, base_url: str | None) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", uuid5(_IDS, f"release {schema_name} {release.version}").urn)
    marks = [
        *(["withdrawn"] if release.withdrawn is not None else []),
        *(["corrected"] if release.is_corrected else []),
    ]
    mark = f" ({', '.join(marks)})" if marks else ""
    _add(entry, "title", f"{schema_name} {release.version}{mark}")
    _add(entry, "published", _time(release.published_at))
    _add(entry, "updated", _time(release.updated_at))
    if release.author:
        _add(_add(entry, "author"), "name", release.author)
    for each in marks:
        _add(entry, "category", term=each)
    if base_url is not None:
        _add(
            entry,
            "link",
            rel="alternate",
            type="application/json",
            href=f"{base_url}schema/{release.version}",
        )
    if release.description:
        _add(entry, "summary", release.description, type="text")
    withdrawn = f"Withdrawn: {release.withdrawn}\n\n" if release.withdrawn is not None else ""
    _add(entry, "content", f"{withdrawn}{release.changelog}", type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, {key: _allowed(value) for key, value in attributes.items()})
    element.text = _allowed(text) if text is not None else None
    return element


def _time(moment: datetime) -> str:
    """RFC 3339, in whole seconds: more would differ between databases."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _allowed(text: str) -> str:
    """``text`` with U+FFFD for what no XML 1.0 document can have (https://www.w3.org/TR/xml/#charsets)."""
    return "".join(c if _is_allowed(ord(c)) else "\ufffd" for c in text)


def _is_allowed(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
