"""Ranges of versions, held to npm's own reader of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from schemas.prisma.nodejs import node_executable, npm_command
from schemas.version_ranges import parse_range
from schemas.versions import SchemaVersion

_VERSIONS = [
    SchemaVersion.parse(text)
    for text in (
        *("0.0.1", "0.0.3", "0.1.0", "0.2.3", "0.2.9", "1.0.0-rc.1", "1.0.0", "1.2.0-beta.1", "1.2.0-rc.2"),
        *("1.2.0", "1.2.3", "1.3.0", "2.0.0-alpha.0", "2.0.0", "2.1.0", "10.0.0"),
    )
]
_RANGES = (
    *(
        "^0",
        "^0.0",
        "^0.0.1",
        "^0.0.3",
        "^0.2",
        "^0.2.3",
        "^1",
        "^1.2",
        "^1.2.0",
        "^1.2.0-beta.1",
        "^2",
        "^10",
    ),
    *("~0", "~0.2", "~0.2.3", "~1", "~1.2", "~1.2.3", "~1.2.0-rc.1", "~2.0.0-alpha.0"),
    *("0", "1", "1.2", "1.x", "1.2.x", "1.*", "2", "3", "1.X.x"),
)
_ASK = """
const semver = require(process.argv[1]);
const [versions, ranges] = JSON.parse(process.argv[2]);
const found = ranges.map((range) => versions.filter((each) => semver.satisfies(each, range)));
console.log(JSON.stringify(found));
"""


def test_a_range_has_what_npm_says() -> None:
    semver = Path(npm_command()[-1]).parents[1] / "node_modules" / "semver"
    asked = json.dumps([[str(each) for each in _VERSIONS], _RANGES])
    done = subprocess.run(
        [str(node_executable()), "-e", _ASK, str(semver), asked], capture_output=True, text=True, check=True
    )
    for text, expected in zip(_RANGES, json.loads(done.stdout), strict=True):
        found = parse_range(text)
        assert found is not None, text
        assert [str(each) for each in _VERSIONS if each in found] == expected, text
