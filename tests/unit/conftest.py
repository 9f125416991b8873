"""Unit tests start no server: one that starts Node, Postgres, devpi or Verdaccio fails here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SERVERS = frozenset(
    {"devpi-server", "initdb", "node", "npm", "npx", "pg_ctl", "postgres", "psql", "verdaccio"}
)
_SCRIPTS = frozenset({"devpi_main.py", "npm-cli.js", "supervise.py"})
_started: list[str] = []
_is_unit_test = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _is_unit_test and event == "subprocess.Popen":
        executable, command = arguments[:2]
        words = [executable, *([command] if isinstance(command, str | bytes | os.PathLike) else command)]
        names = {Path(os.fsdecode(word)).name for word in words if word is not None}
        if names & (_SERVERS | _SCRIPTS):
            _started.append(" ".join(sorted(names & (_SERVERS | _SCRIPTS))))


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _no_server() -> Iterator[None]:
    """Fail the test that started one, whatever it thinks of that itself."""
    global _is_unit_test  # noqa: PLW0603 - an audit hook stays for good, so it has to be told
    _is_unit_test = True
    _started.clear()
    yield
    _is_unit_test = False
    if _started:
        pytest.fail(f"a unit test started {_started[0]}: its place is tests/integration/", pytrace=False)
