"""Finds the credentials of a registry where its own tools keep them, without prompting or printing.

Rules: the .pypirc specification at packaging.python.org, twine's order of sources, and the npmrc page of the
npm documentation (a key is ``//host/path/:_authToken``; the longest path that fits wins).
"""

from __future__ import annotations

import base64
import binascii
import configparser
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from .addresses import checked_url, is_loopback
from .keyring_lookup import ask_keyring
from .secret import Secret

PYPI_CREDENTIALS_FIX = (
    "set SCHEMA_SERVICE_PYPI_USERNAME and SCHEMA_SERVICE_PYPI_PASSWORD (or TWINE_USERNAME and "
    "TWINE_PASSWORD), or keep them in the section of ~/.pypirc with this repository, or in the keyring "
    "under this address"
)
NPM_CREDENTIALS_FIX = (
    "set SCHEMA_SERVICE_NPM_TOKEN (or NODE_AUTH_TOKEN), or SCHEMA_SERVICE_NPM_USERNAME and "
    "SCHEMA_SERVICE_NPM_PASSWORD, or keep the token in ~/.npmrc as "
    "//<host>/<path>/:_authToken=…; `npm login --registry <address>` writes it there"
)
_TOKEN_USERNAME = "__token__"  # noqa: S105 - the user name that says: the password is a token
_Found = TypeVar("_Found")
# npm's own expression and rule: @npmcli/config, lib/env-replace.js.
_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{([^${}?]+)(\?)?\}")


@dataclass(frozen=True, slots=True)
class PypiCredentials:
    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class NpmCredentials:
    """The Authorization header: ``scheme`` and what follows it."""

    scheme: Literal["Bearer", "Basic"]
    secret: Secret


def credentials_fix(kind: Literal["pypi", "npm"], name: str | None, *, is_first: bool) -> str:
    """Where the credentials of a registry are read from, as the fix of a problem."""
    general = PYPI_CREDENTIALS_FIX if kind == "pypi" else NPM_CREDENTIALS_FIX
    own = _prefix(kind, name)
    if own is None:
        if is_first:
            return general
        return (
            f'give it a name in schema-service.toml, as name = "mirror", or {general.partition(", or ")[2]}'
        )
    variables = f"{own}_USERNAME and {own}_PASSWORD" if kind == "pypi" else f"{own}_TOKEN"
    return f"set {variables}, or {general.partition(', or ')[2]}"


def _prefix(kind: str, name: str | None) -> str | None:
    return None if name is None else f"SCHEMA_SERVICE_{kind.upper()}_{name.upper().replace('-', '_')}"


def pypi_credentials(
    url: str,
    *,
    name: str | None = None,
    is_first: bool = True,
    local: Mapping[str, PypiCredentials] | None = None,
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> PypiCredentials | None:
    """The credentials for the index that takes uploads at ``url``, or None.

    In this order: SCHEMA_SERVICE_PYPI_<NAME>_*, SCHEMA_SERVICE_PYPI_*, ``local`` (address -> credentials, as
    ``up`` keeps them; used for this machine's own addresses only), TWINE_*, .pypirc, the keyring. What names
    no registry is for the first of several only: no other may learn it.
    """
    address, env = checked_url(url), os.environ if environment is None else environment
    own = _prefix("pypi", name)
    return (
        (_from_variables(env, own) if own else None)
        or (_from_variables(env, "SCHEMA_SERVICE_PYPI") if is_first else None)
        or _local(address, local)
        or (_from_variables(env, "TWINE") if is_first else None)
        or _from_pypirc(address, (home or Path.home()) / ".pypirc")
        or _from_keyring(address)
    )


def npm_credentials(
    url: str,
    *,
    name: str | None = None,
    is_first: bool = True,
    local: Mapping[str, NpmCredentials] | None = None,
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
    project: Path | None = None,
) -> NpmCredentials | None:
    """The credentials for the registry at ``url``, or None.

    In this order: SCHEMA_SERVICE_NPM_<NAME>_TOKEN, SCHEMA_SERVICE_NPM_TOKEN, SCHEMA_SERVICE_NPM_USERNAME with
    _PASSWORD, ``local``, NODE_AUTH_TOKEN, then the .npmrc of ``project`` (the workspace's folder), then the
    user's. What names no registry is for the first of several only.
    """
    address, env = checked_url(url), os.environ if environment is None else environment
    own = _prefix("npm", name)
    prefixes = [*([own] if own else []), *(["SCHEMA_SERVICE_NPM"] if is_first else [])]
    for prefix in prefixes:
        if token := env.get(f"{prefix}_TOKEN"):
            return NpmCredentials("Bearer", Secret(token))
        if given := _from_variables(env, prefix):
            return _basic(given.username, given.password.reveal().encode())
    if found := _local(address, local):
        return found
    if is_first and (token := env.get("NODE_AUTH_TOKEN")):
        return NpmCredentials("Bearer", Secret(token))
    user = Path(env.get("NPM_CONFIG_USERCONFIG") or (home or Path.home()) / ".npmrc")
    files = [project / ".npmrc", user] if project else [user]
    return next((found for path in files if (found := _from_npmrc(address, _npmrc(path, env)))), None)


def _local(address: str, local: Mapping[str, _Found] | None) -> _Found | None:
    if not is_loopback(address):
        return None
    return next((found for url, found in (local or {}).items() if checked_url(url) == address), None)


def _from_variables(env: Mapping[str, str], prefix: str) -> PypiCredentials | None:
    password = env.get(f"{prefix}_PASSWORD")
    if not password:
        return None
    return PypiCredentials(env.get(f"{prefix}_USERNAME") or _TOKEN_USERNAME, Secret(password))


def _from_pypirc(address: str, path: Path) -> PypiCredentials | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return None
    for name in parser.sections():
        section = parser[name]
        password = section.get("password")
        if password and _same_address(section.get("repository", ""), address):
            return PypiCredentials(section.get("username") or _TOKEN_USERNAME, Secret(password))
    return None


def _same_address(text: str, address: str) -> bool:
    return text.strip().rstrip("/") == address.rstrip("/")


def _from_keyring(address: str) -> PypiCredentials | None:
    """What the keyring holds, if there is one and it answers without a prompt."""
    credential = ask_keyring(lambda keyring: keyring.get_credential(address, None))
    if credential is None or not credential.password:
        return None
    return PypiCredentials(credential.username or _TOKEN_USERNAME, Secret(credential.password))


def _npmrc(path: Path, env: Mapping[str, str]) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith(("#", ";")))
    return {key.strip(): _expanded(value.strip().strip("\"'"), env) for key, value in pairs}


def _expanded(value: str, env: Mapping[str, str]) -> str:
    """``${VAR}`` and ``${VAR?}`` as npm reads them; there are no defaults: all up to the brace is the name.

    npm leaves a variable that isn't set as it is, or empty with ``?``. Neither is a credential, so a value
    with one counts as none.
    """
    missing = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal missing
        escapes, name = match[1], match[2]
        if len(escapes) % 2:
            return match[0][(len(escapes) + 1) // 2 :]
        missing |= name not in env
        return escapes[len(escapes) // 2 :] + env.get(name, "")

    expanded = _VARIABLE.sub(replaced, value)
    return "" if missing else expanded


def _from_npmrc(address: str, settings: Mapping[str, str]) -> NpmCredentials | None:
    for key in _registry_keys(address):
        if token := settings.get(f"{key}:_authToken"):
            return NpmCredentials("Bearer", Secret(token))
        if basic := settings.get(f"{key}:_auth"):
            return NpmCredentials("Basic", Secret(basic))
        username, password = settings.get(f"{key}:username"), settings.get(f"{key}:_password")
        if username and password:
            return _basic_of_npmrc(username, password)
    return None


def _registry_keys(address: str) -> Iterable[str]:
    parts = urlsplit(address)
    segments = [segment for segment in parts.path.split("/") if segment]
    for count in range(len(segments), -1, -1):
        folder = "".join(f"/{segment}" for segment in segments[:count])
        yield f"//{parts.netloc}{folder}/"
        if folder:
            yield f"//{parts.netloc}{folder}"


def _basic_of_npmrc(username: str, encoded_password: str) -> NpmCredentials | None:
    try:
        return _basic(username, base64.b64decode(encoded_password, validate=True))
    except binascii.Error:
        return None


def _basic(username: str, password: bytes) -> NpmCredentials:
    return NpmCredentials("Basic", Secret(base64.b64encode(username.encode() + b":" + password).decode()))
