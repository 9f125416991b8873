"""Registry addresses: compared, joined and printed without what may be a secret."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

from schemas.errors import Problem

from ..errors import SettingsError

_DEFAULT_PORTS = {"http": 80, "https": 443}


def checked_url(url: str) -> str:
    """``url`` with one slash at its end. Raises SettingsError for what is not a registry address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and has_possible_port(parts)
    except ValueError:
        usable = False
    if not usable or any(character <= " " or character == "\x7f" for character in url):
        raise SettingsError(
            Problem(
                code="invalid-registry-url",
                message=f"{shown_url(url)!r} is not a registry address",
                fix="write it as http:// or https://, a host and a path, without spaces",
            )
        )
    if "@" in parts.netloc:
        raise SettingsError(
            Problem(
                code="credentials-in-url",
                message=f"the address {shown_url(url)} contains credentials",
                fix="put them in the environment, the keyring, .pypirc or .npmrc instead",
            )
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/", "", ""))


def has_possible_port(parts: SplitResult) -> bool:
    """Whether the port of an address, if it names one, is from 1 to 65535."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def shown_url(url: str) -> str:
    """``url`` as it may be printed: no user, password, query or fragment."""
    try:
        parts = urlsplit(url)
        host = _host(parts)
        # A password that is not percent-encoded ends the host: its rest looks like a port or a path.
        is_cut = (parts.port is None and ":" in host.rpartition("]")[2]) or re.search(r"[^/]@", parts.path)
    except ValueError:
        return "(unreadable address)"
    if is_cut:
        return "(unreadable address)"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))[:200]


def without_userinfo(url: str) -> str:
    """``url`` with its user and password left out and everything else kept."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=_host(parts)))


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: credentials go nowhere else."""
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme))


def is_loopback(url: str) -> bool:
    """Whether the host is this machine: a loopback address or ``localhost``."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]
