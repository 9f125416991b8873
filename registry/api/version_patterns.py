"""What versions and ranges look like, for the description of the API: those who write a client know what they
may send. It describes only: what is refused is refused by the readers of versions, with a fix."""

from __future__ import annotations

from typing import Any

from pydantic.config import JsonDict

_NUMBER = r"(0|[1-9][0-9]{0,14})"
_ANY = r"(\.[xX*])"
_WHOLE = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-(alpha|beta|rc)\.{_NUMBER})?"
_RANGE = rf"[~^]?{_NUMBER}(\.{_NUMBER}{_ANY}?|{_ANY}{{1,2}})?|[~^]?{_WHOLE}"

_VERSION: JsonDict = {"pattern": f"^({_WHOLE})$"}
_VERSION_OR_RANGE: JsonDict = {"pattern": f"^({_RANGE})$"}
_VERSION_OR_LATEST: JsonDict = {"pattern": f"^(latest|{_WHOLE})$"}
_ANY_VERSION: JsonDict = {"pattern": f"^(latest|{_RANGE})$"}

#: Arguments of a field, a path or a query: one whole version; or `latest`; or a range of them; or all of it.
VERSION: dict[str, Any] = {"json_schema_extra": _VERSION}
VERSION_OR_LATEST: dict[str, Any] = {"json_schema_extra": _VERSION_OR_LATEST}
VERSION_OR_RANGE: dict[str, Any] = {"json_schema_extra": _VERSION_OR_RANGE}
ANY_VERSION: dict[str, Any] = {"json_schema_extra": _ANY_VERSION}
