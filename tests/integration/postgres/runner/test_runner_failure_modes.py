"""The research note's 44 failure modes each have a test of that name here."""

from __future__ import annotations

import ast
from pathlib import Path

FAILURE_MODES = (
    *(
        "race8",
        "race_cic",
        "sigkill",
        "sigterm",
        "kill_cic",
        "cic_auto",
        "multi_cic",
        "edited",
        "out_of_order",
    ),
    *(
        "fail_mid",
        "owncommit",
        "split",
        "enum_next",
        "search_path",
        "lockq",
        "dbdown",
        "terminated",
        "bouncer",
    ),
    *("ahead", "restart_cic", "commit_lost", "orphan", "enum_same", "deadlock", "budget", "role_timeouts"),
    *("role_idle", "cic_snapshot", "cic_dupes", "bad_password", "transient", "standby", "privilege"),
    *("down_loss", "down_inuse", "updownup", "baseline", "verify", "cosmetic", "nonascii", "disk_full"),
    *("updown_race", "readonly_noop", "backfill_kill"),
)


def test_every_failure_mode_has_its_test() -> None:
    tested = {
        node.name
        for file in Path(__file__).parent.rglob("test_runner_*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert len(FAILURE_MODES) == 44
    assert [name for name in FAILURE_MODES if f"test_{name}" not in tested] == []
