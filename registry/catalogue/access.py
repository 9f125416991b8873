"""Who may write over the API, and who wrote what."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from schemas.errors import Problem

from ..errors import TokenError
from . import tables
from .deliveries import in_utc
from .engine import catalog_errors

#: Each permits reading, and `admin` all of it.
Scope = Literal["read", "publish", "migrate", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_PREFIX = "sst_"  # so that scanners of repositories can find one
_RANDOM_BYTES = 32
_TOKENS, _AUDIT = tables.tokens, tables.audit
_TIMES = ("created_at", "expires_at", "last_used_at", "revoked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who asks for a write: a token's name or a user's, and from where."""

    who: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One write that was asked for."""

    at: datetime
    who: str
    what: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, without its text."""

    name: str
    scope: Scope
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def permits(self, scope: Scope) -> bool:
        return self.scope in (scope, "admin") or scope == "read"


class Access:
    """The tokens and writes of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    def create(self, name: str, scope: Scope, *, expires_at: datetime | None, by: Writer) -> str:
        """Make a token and return its text, which is kept nowhere. Raises TokenError for a name that is
        taken, also by a token that was revoked."""
        text = f"{_PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}"
        row = {
            "schema_name": self._name,
            "name": name,
            "scope": scope,
            "digest": _digest(text),
            "created_at": datetime.now(UTC),
            "created_by": by.who,
            "expires_at": expires_at,
        }
        with catalog_errors(), self._engine.begin() as connection:
            try:
                connection.execute(_TOKENS.insert().values(**row))
            except IntegrityError:
                raise TokenError(_taken(name)) from None
            add_audit(connection, self._name, by, f"token create {name} --scope {scope}")
        return text

    def tokens(self) -> tuple[Token, ...]:
        """All that were ever made, by name."""
        query = sa.select(_TOKENS).where(self._mine).order_by(_TOKENS.c.name)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_token(row) for row in connection.execute(query).mappings())

    def used(self, text: str) -> Token | None:
        """The valid token that ``text`` is, which is noted as used; None for anything else."""
        now, digest = datetime.now(UTC), _digest(text)
        this = (self._mine, _TOKENS.c.digest == digest)
        with catalog_errors(), self._engine.begin() as connection:
            row = connection.execute(sa.select(_TOKENS).where(*this)).mappings().one_or_none()
            token = _token(row) if row is not None else None
            if token is None or not token.is_valid(now):
                return None
            connection.execute(_TOKENS.update().where(*this).values(last_used_at=now))
        return token

    def has_valid(self) -> bool:
        now = datetime.now(UTC)
        return any(token.is_valid(now) for token in self.tokens())

    def revoke(self, name: str, *, by: Writer) -> None:
        """Nobody can use it from now on. Raises TokenError where there is none that could be used."""
        this = (self._mine, _TOKENS.c.name == name, _TOKENS.c.revoked_at.is_(None))
        with catalog_errors(), self._engine.begin() as connection:
            done = connection.execute(_TOKENS.update().where(*this).values(revoked_at=datetime.now(UTC)))
            if done.rowcount == 0:
                raise TokenError(_no_token(name))
            add_audit(connection, self._name, by, f"token revoke {name}")

    def audit(self) -> tuple[AuditEntry, ...]:
        """Every write, oldest first."""
        query = sa.select(_AUDIT).where(_AUDIT.c.schema_name == self._name).order_by(_AUDIT.c.at, _AUDIT.c.id)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(
                AuditEntry(at=in_utc(row.at), who=row.who, what=row.what, origin=row.origin)
                for row in connection.execute(query)
            )

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TOKENS.c.schema_name == self._name


def add_audit(connection: sa.Connection, schema_name: str, by: Writer, what: str) -> None:
    """In the transaction of ``connection``, which makes the write."""
    row = {"schema_name": schema_name, "id": uuid4().hex, "at": datetime.now(UTC)}
    connection.execute(_AUDIT.insert().values(**row, who=by.who, what=what, origin=by.origin))


def _digest(text: str) -> str:
    # 256 random bits need no salt and no slow hash: nobody can try them all.
    return hashlib.sha256(text.encode()).hexdigest()


def _token(row: Any) -> Token:
    facts: dict[str, Any] = {name: row[name] for name in ("name", "scope", "created_by")}
    facts |= {name: in_utc(row[name]) if row[name] is not None else None for name in _TIMES}
    return Token(**facts)


def _taken(name: str) -> Problem:
    return Problem(
        code="token-exists",
        message=f"there is a token called {name} already, or there was one",
        fix="choose another name; `schema-service token list` shows all",
    )


def _no_token(name: str) -> Problem:
    return Problem(
        code="no-such-token",
        message=f"there is no token called {name[:60]!r} that could be revoked",
        fix="`schema-service token list` shows all",
    )
