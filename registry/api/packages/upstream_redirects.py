"""Where packages that aren't ours are: at the address that the settings name, under the name asked for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin

from fastapi import Response
from fastapi.responses import RedirectResponse

from ..served.document import REVALIDATED

#: For the description of routes that send callers there.
REDIRECTS: dict[int | str, dict[str, Any]] = {
    HTTPStatus.TEMPORARY_REDIRECT.value: {"description": "No package of ours: where the others are"}
}


def redirected(upstream: str, name: str) -> Response:
    """To ``name`` below ``upstream``, which is the settings'; ``name`` has been checked to be a package's."""
    address = urljoin(upstream.rstrip("/") + "/", quote(name, safe="@/"))
    headers = {"Cache-Control": REVALIDATED}
    return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT, headers=headers)
