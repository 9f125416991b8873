"""``/feed.atom``: the releases as an Atom feed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ..catalogue import Catalogue
from ..notify.feed import MEDIA_TYPE, MOST_ENTRIES, releases_feed
from .served.document import Document, respond


def feed_routes(catalogue: Catalogue) -> APIRouter:
    router = APIRouter(tags=["versions"])

    @router.get("/feed.atom", response_class=Response)
    def feed(request: Request) -> Response:
        """The releases as an Atom feed, with what was corrected and withdrawn since."""
        releases = catalogue.release_log.newest(MOST_ENTRIES)
        content = releases_feed(
            catalogue.schema_name, releases, url=str(request.url), base_url=str(request.base_url)
        )
        return respond(request, Document(content, MEDIA_TYPE))

    return router
