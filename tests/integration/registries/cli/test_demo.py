"""`make demo` as a newcomer runs it: to its end, on real servers, leaving nothing behind."""

from __future__ import annotations

import os
import runpy
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import psutil

from ..release_kit import COMMAND

_RECORDING = Path(__file__).parents[4] / "docs" / "recording"
_SERVERS = ("verdaccio", "devpi", "postgres")


def test_the_demo_runs_to_its_end_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "both see the same 2 new reviews",
        "badge.ts compiles",
        "schema-client==2.0.0",
        "ENTRYPOINT",
    ):
        assert line in done.stdout
    record = runpy.run_path(str(_RECORDING / "record.py"))
    drawn = ET.parse(record["PICTURE"]).iter("{http://www.w3.org/2000/svg}text")
    told = "the README's recording shows something else than the demo prints: make recording"
    assert record["skeleton"](" ".join("".join(each.itertext()) for each in drawn)) == record["skeleton"](
        f"$ make demo {done.stdout}"
    ), told
    assert list(tmp_path.glob("schema-service*")) == []
    assert _servers_in(tmp_path) == []


def _servers_in(folder: Path) -> list[str]:
    commands = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    return [line for line in commands if str(folder) in line and any(name in line for name in _SERVERS)]
