"""A package in which a script stops at one of its steps, and continues with the package as it was made."""

from __future__ import annotations

import copy
from typing import Any

from migrations.runner.manifest import Direction, Manifest

_FAILS = "SELECT 1 / 0 AS stopped_here"


def stopping(
    package: dict[str, Any], number: int, direction: Direction, step: int, statement: str = _FAILS
) -> Manifest:
    """With a ``statement`` that fails in place of a step of the migration with this number, from 1."""
    changed = copy.deepcopy(package)
    steps = changed["migrations"][number - 1][direction]
    steps[step] = {
        "kind": "transaction",
        "statements": [{"sql": statement, "line": 1, "column": 1}],
        "checksum": "stops here",
    }
    if direction == "up":  # the checksum is over the script
        changed["migrations"][number - 1]["checksum"] = package["migrations"][number - 1]["checksum"]
    return Manifest.from_json(changed)
