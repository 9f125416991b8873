"""The keys that an issuer of OIDC tokens signs with now, which it publishes and changes as it likes.

OpenID Connect Discovery 1.0, sections 3 and 4; RFC 7517 (JSON Web Key).
"""

from __future__ import annotations

import json
import time
from threading import Lock
from typing import Any

import jwt
import requests

from schemas.errors import Problem

from ...config.api_settings import TrustedTable
from ...errors import IssuerUnreachableError

_FRESH_SECONDS = 300
#: A key that isn't known is looked for no sooner: whoever sends invented ones can't make us ask all the time.
_ASK_AGAIN_SECONDS = 10
_ANSWER_SECONDS = 5
_MOST_BYTES = 256 * 1024


class IssuerKeys:
    """Those of the issuer that the settings name. What a token says about where its keys are is not read."""

    def __init__(self, trusted: TrustedTable) -> None:
        self._issuer = trusted.issuer
        self._jwks_url = trusted.jwks_url
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._lock = Lock()

    def find(self, key_id: str | None) -> jwt.PyJWK | None:
        """The key with this id; None if the issuer has none. Raises IssuerUnreachableError."""
        with self._lock:
            age = None if self._asked_at is None else time.monotonic() - self._asked_at
            is_unknown = key_id not in self._keys
            if age is None or age > _FRESH_SECONDS or (is_unknown and age > _ASK_AGAIN_SECONDS):
                self._keys = self._ask()
                self._asked_at = time.monotonic()
            return self._keys.get(key_id)

    def check(self) -> None:
        """Whether the issuer answers. Raises IssuerUnreachableError."""
        self.find(None)

    def _ask(self) -> dict[str | None, jwt.PyJWK]:
        try:
            found = jwt.PyJWKSet.from_dict(_json(self._jwks_url or self._discovered()))
        except (requests.RequestException, ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
            raise IssuerUnreachableError(_unreachable(self._issuer, error)) from None
        return {key.key_id: key for key in found.keys}

    def _discovered(self) -> str:
        document = _json(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"].rstrip("/") != self._issuer.rstrip("/"):
            raise ValueError("its configuration is that of another issuer")
        address = str(document["jwks_uri"])
        if self._issuer.startswith("https:") and not address.startswith("https://"):
            raise ValueError("its keys don't come over https")
        return address


def _json(url: str) -> dict[str, Any]:
    """An issuer that redirects elsewhere isn't followed."""
    answer = requests.get(url, timeout=_ANSWER_SECONDS, allow_redirects=False, stream=True)
    with answer:
        if answer.status_code != requests.codes.ok:
            raise ValueError(f"it answers {answer.status_code}")
        content = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
        if len(content) > _MOST_BYTES:
            raise ValueError("it answers more than keys")
    document = json.loads(content)
    if not isinstance(document, dict):
        raise TypeError("it answers something else than JSON objects")
    return document


def _unreachable(issuer: str, error: Exception) -> Problem:
    why = str(error) if type(error) in (ValueError, TypeError) else type(error).__name__
    return Problem(
        code="issuer-unreachable",
        message=f"the keys of {issuer} can't be read: {why}",
        fix="send the request again; if this stays so, check that the service can reach the issuer",
    )
