"""Basic authentication for a Python index, with devpi's faster login if the index is a devpi.

devpi checks a password with a slow hash at every request (about 0.1 s each). Its own client logs in once and
then sends the returned token instead of the password (devpi documentation, "+login"); so does this.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any
from urllib.parse import urljoin

from requests import PreparedRequest, Response
from requests.auth import AuthBase, HTTPBasicAuth

from ..config.addresses import origin
from ..config.credentials import PYPI_CREDENTIALS_FIX, PypiCredentials
from ..errors import CredentialsError, RegistryUnreachableError
from .connection import Connection


class IndexAuth(AuthBase):
    """The credentials as they are, or a devpi token for half of its lifetime."""

    def __init__(self, url: str, credentials: PypiCredentials) -> None:
        self._credentials = credentials
        self._connection = Connection(
            url, kind="Python index", auth=None, credentials_fix=PYPI_CREDENTIALS_FIX
        )
        self._lock = Lock()
        self._password = ""
        self._known_until = 0.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        # As bytes: requests would encode text as latin-1.
        pair = (self._credentials.username.encode(), self._current_password().encode())
        HTTPBasicAuth(*pair)(request)
        return request

    def _current_password(self) -> str:
        with self._lock:
            if time.monotonic() >= self._known_until:
                self._password, seconds = self._logged_in() or (self._credentials.password.reveal(), 3600.0)
                self._known_until = time.monotonic() + seconds / 2
            return self._password

    def _logged_in(self) -> tuple[str, float] | None:
        login = self._login_address()
        if login is None:
            return None
        pair = {"user": self._credentials.username, "password": self._credentials.password.reveal()}
        try:
            answer = _result(self._connection.send("POST", login, json=pair, headers=_JSON))
        except (CredentialsError, RegistryUnreachableError):
            return None  # the request that needs authentication will report what is wrong
        token, seconds = answer.get("password"), answer.get("expiration")
        return (token, float(seconds)) if isinstance(token, str) and isinstance(seconds, int) else None

    def _login_address(self) -> str | None:
        """A devpi's login address; None if this is not a devpi, or the address is on another host."""
        try:
            described = self._connection.get(urljoin(self._connection.url, "+api"), headers=_JSON)
        except (CredentialsError, RegistryUnreachableError):
            return None
        login = _result(described).get("login")
        if isinstance(login, str) and origin(login) == origin(self._connection.url):
            return login
        return None


_JSON = {"Accept": "application/json"}


def _result(response: Response) -> dict[str, Any]:
    try:
        result = response.json()["result"] if response.ok else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return result if isinstance(result, dict) else {}
