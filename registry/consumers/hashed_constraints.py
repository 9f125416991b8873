"""A constraints file with the hashes of our wheels and all that they depend on: for `pip --require-hashes`.

Our own hashes are the release's; the others are what the index lists today. uv resolves, for every platform
at once. Rules: "Secure installs" in pip's user guide.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

import uv

from schemas.errors import Problem

from ..catalogue import PublishedArtifact
from ..config.credentials import PypiCredentials
from ..config.settings import PypiTable
from ..config.upstreams import PythonUpstream
from ..errors import VerificationError
from .errors import install_failed, timed_out
from .throwaway_environments import network_variables

_SECONDS = 300
_OLDEST_PYTHON = "3.11"  # what our wheels require
_INDEX = "ours"


def hashed_constraints(
    wheels: Sequence[PublishedArtifact],
    pypi: PypiTable,
    credentials: PypiCredentials | None,
    upstream: PythonUpstream,
) -> str:
    """The file's text. ``upstream`` is this machine's way to the network.

    Raises ConsumerError where nothing fits together, RegistryUnreachableError where an index doesn't answer,
    and VerificationError where ours lists another hash than the release has.
    """
    text = _resolved([f"{wheel.name}=={wheel.version}" for wheel in wheels], pypi, credentials, upstream)
    altered = [wheel for wheel in wheels if wheel.sha256 not in _hashes(text, wheel)]
    if altered:
        raise VerificationError(*map(_other_hash, altered))
    pins = " ".join(f"{wheel.name}=={wheel.version}" for wheel in wheels)
    return (
        f"# Written by `schema-service constraints`: the wheels of {pins}\n"
        f"# and all that they depend on. Use it with: pip install --require-hashes -r <this file>\n{text}"
    )


def _resolved(
    pins: Sequence[str],
    pypi: PypiTable,
    credentials: PypiCredentials | None,
    upstream: PythonUpstream,
) -> str:
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--python-version", _OLDEST_PYTHON]
    names = [pin.partition("==")[0] for pin in pins]
    command += [*(f"--refresh-package={name}" for name in names), "-"]
    variables = network_variables(upstream.certificates) | {
        "UV_INDEX": f"{_INDEX}={pypi.simple_url}",
        "UV_DEFAULT_INDEX": pypi.dependencies_url or pypi.simple_url,
    }
    if credentials is not None:
        variables[f"UV_INDEX_{_INDEX.upper()}_USERNAME"] = credentials.username
        variables[f"UV_INDEX_{_INDEX.upper()}_PASSWORD"] = credentials.password.reveal()
    try:
        done = subprocess.run(
            command,
            input="\n".join(pins),
            env=variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise timed_out("uv", _SECONDS) from None
    if done.returncode != 0:
        raise install_failed(done.stderr)
    return done.stdout


def _hashes(text: str, wheel: PublishedArtifact) -> list[str]:
    """Those of one pin: they follow it on continued lines."""
    joined = text.replace("\\\n", " ")
    name = re.escape(wheel.name).replace(r"\-", "[-_.]")
    match = re.search(rf"^{name}=={re.escape(wheel.version)}(.*)$", joined, re.MULTILINE | re.IGNORECASE)
    return re.findall(r"--hash=sha256:([0-9a-f]{64})", match[1]) if match else []


def _other_hash(wheel: PublishedArtifact) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the index lists another digest for {wheel.filename} than was published",
        fix="don't install it; `schema-service verify` names all that was changed",
    )
