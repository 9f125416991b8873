"""A part of a file, for who goes on with a download (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request, Response

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(
    request: Request, content: bytes, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """All of ``content``, or the one range of it that is asked for. Several ranges get all of it, as does a
    range of another file than ``etag`` is of."""
    sent = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    match = _ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or request.headers.get("If-Range", etag) != etag or match.group(1, 2) == ("", ""):
        return Response(content, media_type=media_type, headers=sent)
    first, last = _bounds(match[1], match[2], len(content))
    if first > last:
        sent["Content-Range"] = f"bytes */{len(content)}"
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=sent)
    sent["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    part = content[first : last + 1]
    return Response(part, status_code=HTTPStatus.PARTIAL_CONTENT, media_type=media_type, headers=sent)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte; a last one before the first where the file has none of them."""
    if not first:
        return max(size - int(last), 0), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return int(first), end
