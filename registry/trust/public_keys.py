"""``signing-keys.json`` in the workspace: the public halves of the team's keys, with their times.

It is committed like the versions, so that whoever has the workspace can verify. Keys only ever come in; the
current one is the one that isn't retired. A release that was published while a key was in use must be signed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.errors import Problem
from schemas.workspace.files import exclusive, file_names, read_text, write_atomically

from ..catalogue.facts.trust import PublicKey
from ..errors import SigningKeyError

KEYS_FILE = "signing-keys.json"


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Oldest first."""

    keys: tuple[PublicKey, ...] = ()

    @property
    def current(self) -> PublicKey | None:
        return next((key for key in reversed(self.keys) if key.retired_at is None), None)

    def find(self, keyid: str) -> PublicKey | None:
        return next((key for key in self.keys if key.keyid == keyid), None)

    def in_use(self, moment: datetime) -> bool:
        """Whether what was published then has to be signed."""
        return any(key.was_in_use(moment) for key in self.keys)

    def with_new(self, key: PublicKey) -> PublicKeys:
        """``key`` as the current one; the one before is retired at the moment that it was made."""
        retired = (
            each if each.retired_at else replace(each, retired_at=key.created_at) for each in self.keys
        )
        return PublicKeys((*retired, key))


def read_public_keys(root: Path) -> PublicKeys:
    """Those of the workspace at ``root``; none where there is no file. Raises SigningKeyError for a damaged
    one, and WorkspaceError where it can't be read."""
    if KEYS_FILE not in file_names(root, "."):
        return PublicKeys()
    try:
        entries = json.loads(read_text(root, KEYS_FILE))["keys"]
        return PublicKeys(tuple(_read(entry) for entry in entries))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SigningKeyError(_damaged()) from None


def add_public_key(root: Path, key: PublicKey) -> PublicKeys:
    """Make ``key`` the current one of the workspace, and return all. Raises as :func:`read_public_keys`."""
    with exclusive(root):
        keys = read_public_keys(root).with_new(key)
        write_atomically(root / KEYS_FILE, keys_text(keys.keys))
    return keys


def keys_text(keys: Sequence[PublicKey]) -> str:
    """The file's text."""
    return json.dumps({"keys": [_written(key) for key in keys]}, indent=2) + "\n"


def npm_keys(keys: Sequence[PublicKey]) -> dict[str, Any]:
    """As npm asks a registry for them: the answer to ``/-/npm/v1/keys``."""
    return {
        "keys": [
            {
                "expires": key.retired_at.isoformat() if key.retired_at else None,
                "keyid": key.keyid,
                "keytype": "ecdsa-sha2-nistp256",
                "scheme": "ecdsa-sha2-nistp256",
                "key": key.key,
            }
            for key in keys
        ]
    }


def _written(key: PublicKey) -> dict[str, Any]:
    return {
        "keyid": key.keyid,
        "scheme": "ecdsa-sha2-nistp256",
        "key": key.key,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
    }


def _read(entry: dict[str, Any]) -> PublicKey:
    retired = entry["retired_at"]
    return PublicKey(
        keyid=str(entry["keyid"]),
        key=str(entry["key"]),
        created_at=_moment(entry["created_at"]),
        retired_at=_moment(retired) if retired is not None else None,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _damaged() -> Problem:
    return Problem(
        code="signing-keys-damaged",
        message=f"{KEYS_FILE} was changed by hand, or merged wrongly",
        fix="restore it from version control; `schema-service key list` shows what it says",
        file=KEYS_FILE,
    )
