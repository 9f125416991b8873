"""A list of versions: which of them, and which page of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schemas.errors import Problem
from schemas.version_ranges import VersionRange, version_or_range

from ...errors import NotPublishedError
from ..served.version_index import IndexedVersion, VersionIndex
from ..version_patterns import VERSION_OR_RANGE

_USUAL, _MOST = 100, 1000


def _not_a_number(value: object) -> object:
    """Pydantic takes a number for seconds since 1970, which nobody means."""
    if isinstance(value, str) and re.fullmatch(r"[-+]?[0-9.]*", value):
        raise ValueError("write a time like 2026-01-31T09:30:00Z")
    return value


class VersionsQuery(BaseModel):
    """What a list of versions can be asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: int = Field(default=1, ge=1, le=1_000_000_000)
    per_page: int = Field(default=_USUAL, ge=1, le=_MOST, description="how many on a page")
    range: str | None = Field(
        default=None,
        max_length=80,
        description="only those in it",
        examples=["^1", "~1.2", "1"],
        **VERSION_OR_RANGE,
    )
    author: str | None = Field(
        default=None, max_length=200, description="only those of this author", examples=["Ada"]
    )
    q: str | None = Field(
        default=None,
        max_length=200,
        description="only those with this in their description, in any case",
        examples=["reviews"],
    )
    since: Annotated[datetime, BeforeValidator(_not_a_number)] | None = Field(
        default=None, description="only those published then or later", examples=["2026-01-31T09:30:00Z"]
    )
    prereleases: bool = Field(default=True, description="list pre-releases, too")
    withdrawn: bool = Field(default=True, description="list withdrawn ones, too")
    staged: bool = Field(default=False, description="list those that wait to be promoted, too")
    drafts: bool = Field(default=False, description="list the packages of drafts, too")


@dataclass(frozen=True, slots=True)
class Page:
    """``total`` is how many there are on all pages."""

    versions: Sequence[IndexedVersion]
    total: int
    links: str


def page_of(index: VersionIndex, query: VersionsQuery, path: str) -> Page:
    """The versions, newest first. ``path`` is the address of the list. Raises InvalidVersionError for a
    range that is none, and NotPublishedError for a page that is not there."""
    found = _filtered(index, query)
    pages = max(-(-len(found) // query.per_page), 1)
    if query.page > pages:
        raise NotPublishedError(_no_page(query.page, pages))
    first = (query.page - 1) * query.per_page
    return Page(found[first : first + query.per_page], len(found), _links(query, path, pages))


def _filtered(index: VersionIndex, query: VersionsQuery) -> Sequence[IndexedVersion]:
    wanted = version_or_range(query.range) if query.range is not None else None
    since = query.since
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    text = query.q.casefold() if query.q else None
    return [
        each
        for each in index.newest_first
        if (query.staged or not each.is_staged)
        and (query.withdrawn or each.withdrawn is None)
        and (query.prereleases or not each.version.is_prerelease)
        and (query.author is None or each.summary.author == query.author)
        and (since is None or each.summary.published_at >= since)
        and (text is None or text in each.description.casefold())
        and (wanted is None or _fits(each, wanted))
    ]


def _fits(each: IndexedVersion, wanted: object) -> bool:
    return each.version in wanted if isinstance(wanted, VersionRange) else each.version == wanted


def _links(query: VersionsQuery, path: str, pages: int) -> str:
    """The `Link` header (RFC 8288)."""
    numbers = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": pages}
    given = query.model_dump(mode="json", exclude_defaults=True, exclude={"page"})
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
    return ", ".join(
        f'<{path}?{urlencode({**words, "page": number})}>; rel="{rel}"'
        for rel, number in numbers.items()
        if 1 <= number <= pages
    )


def _no_page(page: int, pages: int) -> Problem:
    return Problem(
        code="no-such-page",
        message=f"there is no page {page}: the last one is {pages}",
        fix="follow the links of the header Link, or ask for page=1",
    )
