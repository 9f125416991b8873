"""Configures a running devpi for releases through its JSON API; safe to repeat."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from schemas.errors import Problem

from ..config.addresses import without_userinfo
from ..config.secret import Secret
from ..config.upstreams import PythonUpstream
from ..errors import EmbeddedServerError

_MIRROR = "root/pypi"  # devpi-init creates it, as a mirror of devpi's default index
_RESERVED_VERSION = "0.dev0"
_TIMEOUT_SECONDS = 30


class DevpiSetup:
    """A session as root. Raises EmbeddedServerError for whatever devpi refuses."""

    def __init__(self, url: str, root_password: Secret, log: Path) -> None:
        self._url = url
        self._log = log
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept"] = "application/json"
        login = self._call("POST", "+login", {"user": "root", "password": root_password.reveal()})
        token = f"root:{login['result']['password']}".encode()
        self._session.headers["X-Devpi-Auth"] = base64.b64encode(token).decode()

    def __enter__(self) -> DevpiSetup:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def user(self, name: str, password: Secret) -> None:
        """Create the user, or set its password to the one we keep."""
        method = "PATCH" if self._exists(name) else "PUT"
        self._call(method, name, {"password": password.reveal()})

    def indexes(self, user: str, index: str, staging: str, upstream: PythonUpstream) -> None:
        """The release index, and as its base the mirror of ``upstream``, where that can be mirrored; and the
        staging index, whose base is the release index."""
        bases = [_MIRROR] if _can_be_mirrored(upstream) else []
        if bases:
            mirror: dict[str, Any] = {"type": "mirror", "mirror_no_project_list": True}
            if upstream.index_url:
                mirror["mirror_url"] = without_userinfo(upstream.index_url)
            self._call("PATCH", _MIRROR, mirror)
        settings = {
            "type": "stage",
            "volatile": False,
            "mirror_whitelist": [],
            "acl_upload": [user, "root"],  # root reserves names
        }
        for name, over in ((index, bases), (staging, [f"{user}/{index}"])):
            method = "PATCH" if self._exists(f"{user}/{name}") else "PUT"
            self._call(method, f"{user}/{name}", {**settings, "bases": over})

    def reserve(self, user: str, index: str, names: Iterable[str]) -> None:
        """Register names with a version without files, which no installer sees."""
        # Without checking for them first: devpi would ask the mirror for a name that it doesn't have.
        form = {":action": "submit", "version": _RESERVED_VERSION, "metadata_version": "1.0"}
        url = f"{self._url}{user}/{index}/"
        for name in names:
            self._checked(self._session.post(url, data={**form, "name": name}, timeout=_TIMEOUT_SECONDS))

    def _exists(self, path: str) -> bool:
        response = self._session.get(f"{self._url}{path}?no_projects=", timeout=_TIMEOUT_SECONDS)
        return response.status_code != 404 and bool(self._checked(response))

    def _call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self._session.request(method, f"{self._url}{path}", json=body, timeout=_TIMEOUT_SECONDS)
        answer: dict[str, Any] = self._checked(response).json()
        return answer

    def _checked(self, response: requests.Response) -> requests.Response:
        if response.ok:
            return response
        path = urlsplit(response.url).path
        raise EmbeddedServerError(
            Problem(
                code="server-set-up-failed",
                message=f"devpi can't be set up: {path} answered with status {response.status_code}",
                fix=f"see the end of {self._log}; a folder made by another version of devpi may not work",
            )
        )


def upstream_authorization(upstream: PythonUpstream) -> Secret | None:
    """The Authorization header for an index whose address holds a user and a password."""
    parts = urlsplit(upstream.index_url or "")
    if not parts.username:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")


def _can_be_mirrored(upstream: PythonUpstream) -> bool:
    """devpi mirrors over HTTP only; a folder that pip reads stays pip's."""
    return upstream.index_url is None or upstream.index_url.startswith(("http://", "https://"))
