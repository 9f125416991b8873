"""Who may use the API, and who wrote what."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from schemas.errors import Problem

from ..config.scopes import SCOPES, Scope, permits
from ..errors import TokenError, UnknownWriteError
from . import tables
from .deliveries import in_utc
from .engine import catalog_errors

#: So that scanners of repositories can find one.
PREFIX = "sst_"
#: Of ``schemas``: every schema of the state database.
EVERY_SCHEMA = "*"
_NOTE_USE_AFTER = timedelta(minutes=1)
_RANDOM_BYTES = 32
_TOKENS, _AUDIT = tables.tokens, tables.audit
_TIMES = ("created_at", "expires_at", "last_used_at", "revoked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who asks for a write: a token's name or a user's, and from where. ``labels``: the only ones whose
    databases it may change."""

    who: str
    origin: str
    labels: tuple[str, ...] | None = None

    def may_change(self, labels: Collection[str]) -> bool:
        """Whether a database with these labels is one of those."""
        return self.labels is None or not set(self.labels).isdisjoint(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One write that was asked for."""

    id: str
    at: datetime
    who: str
    what: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, without its text. ``schemas`` are those that it is for; ``labels`` limit it to databases."""

    name: str
    scopes: tuple[Scope, ...]
    schemas: tuple[str, ...]
    labels: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def permits(self, scope: Scope) -> bool:
        return permits(self.scopes, scope)

    def is_for(self, schema_name: str) -> bool:
        return not {schema_name, EVERY_SCHEMA}.isdisjoint(self.schemas)


class Access:
    """The tokens and writes of the schema called ``schema_name``. Every method raises CatalogueError."""

    def __init__(self, engine: sa.Engine, schema_name: str) -> None:
        self._engine = engine
        self._name = schema_name

    @property
    def schema_name(self) -> str:
        return self._name

    def of(self, schema_name: str) -> Access:
        """The same of another schema of the state database."""
        return Access(self._engine, schema_name)

    def create(
        self,
        name: str,
        *scopes: Scope,
        expires_at: datetime | None,
        by: Writer,
        schemas: Sequence[str] = (),
        labels: Sequence[str] = (),
    ) -> str:
        """Make a token and return its text, which is kept nowhere. It is for this schema, unless ``schemas``
        are named, and for all databases, unless ``labels`` are. Raises TokenError for a name that is taken,
        also by a token that was revoked."""
        text = f"{PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}"
        chosen = [scope for scope in SCOPES if scope in scopes]
        kept = [each for each in chosen if not permits([other for other in chosen if other != each], each)]
        row = {
            "schema_name": self._name,
            "name": name,
            "scope": ",".join(kept),
            "schemas": json.dumps(sorted(set(schemas))) if schemas else None,
            "labels": json.dumps(sorted(set(labels))) if labels else None,
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
            add_audit(connection, self._name, by, _words(name, kept, schemas, labels))
        return text

    def tokens(self) -> tuple[Token, ...]:
        """All that were ever made, by name."""
        query = sa.select(_TOKENS).where(self._mine).order_by(_TOKENS.c.name)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(_token(row) for row in connection.execute(query).mappings())

    def used(self, text: str) -> Token | None:
        """The valid token for this schema that ``text`` is, which is noted as used; None for anything else.

        It is looked for by its digest: how long that takes tells nothing of the tokens that there are.
        """
        now, digest = datetime.now(UTC), _digest(text)
        with catalog_errors(), self._engine.begin() as connection:
            row = connection.execute(sa.select(_TOKENS).where(_TOKENS.c.digest == digest)).mappings().first()
            token = _token(row) if row is not None else None
            if token is None or not (token.is_valid(now) and token.is_for(self._name)):
                return None
            if token.last_used_at is None or token.last_used_at < now - _NOTE_USE_AFTER:
                this = _TOKENS.update().where(_TOKENS.c.digest == digest)
                connection.execute(this.values(last_used_at=now))
        return token

    def has_valid(self) -> bool:
        """Whether there is one that can be used."""
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

    def audit(self, most: int, *, before: str | None = None) -> tuple[AuditEntry, ...]:
        """The last ``most`` writes, newest first, or those before the one with the id ``before``. Raises
        UnknownWriteError where that is none of them."""
        query = sa.select(_AUDIT).where(_AUDIT.c.schema_name == self._name)
        if before is not None:
            of_it = sa.select(_AUDIT.c.at).where(_AUDIT.c.schema_name == self._name, _AUDIT.c.id == before)
            with catalog_errors(), self._engine.connect() as connection:
                at = connection.scalar(of_it)
            if at is None:
                raise UnknownWriteError(_no_such_write(before))
            query = query.where(sa.or_(_AUDIT.c.at < at, sa.and_(_AUDIT.c.at == at, _AUDIT.c.id < before)))
        query = query.order_by(_AUDIT.c.at.desc(), _AUDIT.c.id.desc()).limit(most)
        with catalog_errors(), self._engine.connect() as connection:
            return tuple(
                AuditEntry(id=row.id, at=in_utc(row.at), who=row.who, what=row.what, origin=row.origin)
                for row in connection.execute(query)
            )

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return _TOKENS.c.schema_name == self._name


def add_audit(connection: sa.Connection, schema_name: str, by: Writer, what: str) -> None:
    """In the transaction of ``connection``, which makes the write."""
    row = {"schema_name": schema_name, "id": uuid4().hex, "at": datetime.now(UTC)}
    connection.execute(_AUDIT.insert().values(**row, who=by.who, what=what, origin=by.origin))


def _no_such_write(before: str) -> Problem:
    return Problem(
        code="no-such-write",
        message=f"no write has the id {before[:40]!r}",
        fix="take it from `next` of the page before, or leave it out for the newest",
    )


def _digest(text: str) -> str:
    # 256 random bits need no salt and no slow hash: nobody can try them all.
    return hashlib.sha256(text.encode()).hexdigest()


def _token(row: Any) -> Token:
    facts: dict[str, Any] = {name: row[name] for name in ("name", "created_by")}
    facts |= {name: in_utc(row[name]) if row[name] is not None else None for name in _TIMES}
    schemas = tuple(json.loads(row["schemas"])) if row["schemas"] is not None else (row["schema_name"],)
    labels = tuple(json.loads(row["labels"])) if row["labels"] is not None else None
    scopes = tuple(scope for scope in SCOPES if scope in row["scope"].split(","))
    return Token(**facts, scopes=scopes, schemas=schemas, labels=labels)


def _words(name: str, scopes: Sequence[Scope], schemas: Sequence[str], labels: Sequence[str]) -> str:
    options = {"--scope": scopes, "--schema": schemas, "--label": labels}
    given = [word for option, values in options.items() for value in values for word in (option, value)]
    return " ".join(["token create", name, *given])


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
