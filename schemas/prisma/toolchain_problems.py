"""The problems for a failed installation of the npm toolchain, without secrets."""

from __future__ import annotations

import errno
import re
from pathlib import Path

from ..errors import Problem

UNPACKING_FAILED = re.compile(r"TAR_ENTRY_ERROR (\w+)")
_NPM_CODE = re.compile(r"^npm (?:error|ERR!) code (\w+)", re.MULTILINE)
_HOST = re.compile(
    r"^npm (?:error|ERR!) .*?\bhttps?://(?:[^/\s@]*@)?([\w.-]+|\[[0-9a-fA-F:]+\])", re.MULTILINE
)
_CREDENTIALS = re.compile(r"//[^/\s@]*@")
_TOKEN = re.compile(r"(?i)((?:_auth|_authToken|_password|token|password)\s*[=:]\s*)\S+")
_UNREACHABLE = {
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ERR_SOCKET_TIMEOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "FETCH_ERROR",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "E500",
    "E502",
    "E503",
    "E504",
}
_REFUSED = {"E401", "E403", "ENEEDAUTH"}
_NO_SPACE = {"ENOSPC", "EDQUOT"}
_UNWRITABLE = {"EACCES", "EPERM", "EROFS", "ENOTDIR"}


def npm_problem(package: str, stderr: str, cache_variable: str) -> Problem:
    """A failed ``npm ci`` for ``package``, by the code that npm prints. Of URLs only the host is shown."""
    match = _NPM_CODE.search(stderr) or UNPACKING_FAILED.search(stderr)
    code = match[1] if match else "unknown"
    host = _HOST.search(stderr)
    where = f"the npm registry at {host[1]}" if host else "the npm registry"
    if code in _UNREACHABLE:
        return Problem(
            code="toolchain-unreachable",
            message=f"{where} can't be reached ({code}), so {package} can't be installed",
            fix="check the network, and the registry, proxy and cafile that `npm config list` shows; then run"
            " the command again",
        )
    if code in _REFUSED:
        return Problem(
            code="toolchain-refused",
            message=f"{where} denies access to this user ({code}), so {package} can't be installed",
            fix="log in with `npm login`, or put a valid token in ~/.npmrc; then run the command again",
        )
    if code in _NO_SPACE:
        return _no_space(f"npm ran out of disk space ({code})", cache_variable)
    if code in _UNWRITABLE:
        return Problem(
            code="toolchain-unwritable",
            message=f"npm can't write its files ({code})",
            fix=f"make npm's cache folder (`npm config get cache`) writable, or set npm_config_cache and"
            f" {cache_variable} to folders that are",
        )
    return step_problem(f"npm ci failed ({code}) for {package} against {where}", stderr)


def cache_problem(error: OSError, cache: Path, cache_variable: str) -> Problem:
    """The problem for a cache folder that can't be written."""
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_space(f"no disk space is left for the cache {cache} ({reason})", cache_variable)
    return Problem(
        code="toolchain-unwritable",
        message=f"the cache folder {cache} can't be written: {reason}",
        fix=f"make it writable, or set {cache_variable} to a folder that is",
    )


def step_problem(message: str, output: str) -> Problem:
    """Any other failure: the message with the most telling line of the output, without credentials."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "complete log" not in line]
    told = next((line for line in lines if "Error" in line), lines[-1] if lines else "")
    detail = f": {without_secrets(told)[:300]}" if told else ""
    return Problem(
        code="toolchain-failed",
        message=f"{message}{detail}",
        fix="run the command again; if it fails the same way, try `npm ping` and `npm cache verify`",
    )


def without_secrets(text: str) -> str:
    """``text`` without the user part of addresses and without values of token-like settings."""
    return _TOKEN.sub(r"\1***", _CREDENTIALS.sub("//", text))


def _no_space(message: str, cache_variable: str) -> Problem:
    return Problem(
        code="toolchain-no-space",
        message=message,
        fix=f"free about 200 MB (needed during the installation), or set {cache_variable} to a folder"
        " on another disk; then run the command again",
    )
