"""Jobs of CI systems, which need no token of ours: their system signs one that says which job it is.

OpenID Connect Core 1.0, section 2 (the claims), RFC 8725 (what to check). Only issuers that the settings name
are asked for keys, and only for keys with which nobody but they can sign.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from ...config.api_settings import Claim, TrustedTable
from ...config.scopes import Scope
from .issuer_keys import IssuerKeys

_LOG = logging.getLogger(__name__)
_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_CLOCK_SECONDS = 30
_MOST_SUBJECT = 200
_MOST_TEXT = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedJob:
    """What a job may do, and what it is called in the audit log. ``schemas``: None for all of the service."""

    who: str
    scopes: tuple[Scope, ...]
    schemas: tuple[str, ...] | None
    labels: tuple[str, ...] | None


class TrustedJobs:
    """Those of ``[api.trusted]``."""

    def __init__(self, tables: Mapping[str, TrustedTable]) -> None:
        self._trusted = [(name, table, IssuerKeys(table)) for name, table in tables.items()]

    def find(self, text: str) -> tuple[TrustedJob, ...]:
        """The jobs that a token's text may act as: one for each entry that matches it.

        Raises IssuerUnreachableError where that can't be told.
        """
        if text.count(".") != 2 or len(text) > _MOST_TEXT:
            return ()
        try:
            key_id = jwt.get_unverified_header(text).get("kid")
            issuer = jwt.decode(text, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError as error:
            _LOG.info("a token was refused", extra={"fields": {"reason": str(error)}})
            return ()
        candidates = [entry for entry in self._trusted if entry[1].issuer == issuer]
        if not candidates:
            _LOG.info("a token was refused", extra={"fields": {"reason": "its issuer is not trusted"}})
        found = (_job(name, table, keys, text, key_id) for name, table, keys in candidates)
        return tuple(job for job in found if job is not None)


def _job(
    name: str, table: TrustedTable, keys: IssuerKeys, text: str, key_id: str | None
) -> TrustedJob | None:
    """Why a token isn't one is for the log of the service: whoever sends it learns nothing."""
    key = keys.find(key_id)
    try:
        if key is None or key.algorithm_name not in _ALGORITHMS:
            raise jwt.InvalidKeyError("the issuer has no such key")
        claims = jwt.decode(
            text,
            key,
            algorithms=[key.algorithm_name],
            audience=table.audience,
            issuer=table.issuer,
            leeway=_CLOCK_SECONDS,
            options={"require": _REQUIRED},
        )
        different = [claim for claim, wanted in table.claims.items() if not _is(claims.get(claim), wanted)]
        if different:
            raise jwt.InvalidTokenError(f"other claims: {', '.join(different)}")
    except jwt.PyJWTError as error:
        _LOG.info("a token was refused", extra={"fields": {"trusted": name, "reason": str(error)}})
        return None
    who = f"{name} {claims['sub']}"[:_MOST_SUBJECT]
    return TrustedJob(who=who, scopes=table.scopes, schemas=table.schemas, labels=table.labels)


def _is(found: Any, wanted: Claim) -> bool:
    """GitLab writes `true` in quotes, others don't."""
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return found is not None and any(_text(found) == _text(each) for each in values)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)
