"""What went wrong in a throw-away consumer, with the end of the tool's output."""

from __future__ import annotations

import re

from schemas.errors import Problem

from ..errors import ConsumerError, RegistryUnreachableError

_LAST_LINES = 12
_USERINFO = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_TOKEN = re.compile(
    r"(?i)((?:_authtoken|_password|_auth|authorization|password)\s*[=:]\s*)(?:bearer |basic )?\S+"
)
#: How uv and npm (through Node) report that nobody answered.
_NETWORK_SIGNS = (
    "error sending request",
    "dns error",
    "tcp connect error",
    "operation timed out",
    "econnrefused",
    "econnreset",
    "enotfound",
    "etimedout",
    "eai_again",
)


def install_failed(output: str) -> ConsumerError | RegistryUnreachableError:
    """From an installer's output: a network failure is one that can be retried."""
    if any(sign in output.lower() for sign in _NETWORK_SIGNS):
        return RegistryUnreachableError(
            Problem(
                code="registry-unreachable",
                message=f"packages can't be installed because a registry doesn't answer:\n{_tail(output)}",
                fix="check the network and the registries that pip and npm use, then run this again",
            )
        )
    return ConsumerError(
        Problem(
            code="install-failed",
            message=f"a clean consumer can't install the packages:\n{_tail(output)}",
            fix="fix what the installer names: a dependency that no registry has, or conflicting versions",
        )
    )


def usage_failed(program: str, code: int, output: str) -> ConsumerError:
    """From the output of a program that failed in a consumer."""
    return ConsumerError(
        Problem(
            code="consumer-failed",
            message=f"{program} fails with exit code {code} in a clean consumer:\n{_tail(output)}",
            fix="the packages install but don't work; the lines above say where they fail",
        )
    )


def timed_out(program: str, seconds: float) -> RegistryUnreachableError:
    """A program that didn't end in time."""
    return RegistryUnreachableError(
        Problem(
            code="consumer-timed-out",
            message=f"{program} did not end within {seconds:.0f} s in a clean consumer",
            fix="check whether the registries are slow or hang, then run this again",
        )
    )


def _tail(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()][-_LAST_LINES:]
    shown = "\n".join(f"    {line[:400]}" for line in lines)
    return _TOKEN.sub(r"\1…", _USERINFO.sub("…", shown))
