"""Credentials that are sent as one header: a scheme of HTTP, or a header that GitLab documents."""

from __future__ import annotations

from typing import Final

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from ..config.credentials import NpmCredentials, PypiCredentials
from ..config.secret import Secret
from ..config.settings import AuthKind

# https://docs.gitlab.com/api/rest/authentication/
_HEADERS: Final = {"private-token": "PRIVATE-TOKEN", "job-token": "JOB-TOKEN", "deploy-token": "Deploy-Token"}


class HeaderAuth(AuthBase):
    """``before`` is what the secret follows in the header called ``name``."""

    def __init__(self, name: str, secret: Secret, *, before: str = "") -> None:
        self._name = name
        self._secret = secret
        self._before = before

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers[self._name] = f"{self._before}{self._secret.reveal()}"
        return request


def npm_auth(credentials: NpmCredentials, kind: AuthKind | None) -> AuthBase:
    """What a registry is sent. ``kind``: None for the scheme that the credentials have themselves."""
    if kind in _HEADERS:
        return HeaderAuth(_HEADERS[kind], credentials.secret)
    scheme = kind.capitalize() if kind else credentials.scheme
    return HeaderAuth("Authorization", credentials.secret, before=f"{scheme} ")


def index_auth(credentials: PypiCredentials, kind: AuthKind) -> AuthBase:
    """What an index that isn't a devpi is sent: the user and the password, or the password as a token."""
    if kind == "basic":
        # As bytes: requests would encode text as latin-1.
        return HTTPBasicAuth(credentials.username.encode(), credentials.password.reveal().encode())
    if kind in _HEADERS:
        return HeaderAuth(_HEADERS[kind], credentials.password)
    return HeaderAuth("Authorization", credentials.password, before="Bearer ")
