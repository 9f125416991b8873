"""What the generators write for one fixed version, by its digest, for each revision of the generators.

Whoever changes it declares that in ``generators/revisions.py``: the next version's number follows from there,
so a change that nobody declared would reach consumers under a number that promises less. Runtimes that
packages carry as they are don't count: what a change of theirs asks for is known to its author alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from generators.revisions import current_revision
from generators.target import GenerationRequest, Package
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_ROOT = Path(__file__).parents[4]
_CASE = _ROOT / "tests" / "golden" / "python_client"
_DIGESTS = _ROOT / "tests" / "golden" / "revisions" / "digests.json"
_RUNTIMES = ("generators/*/runtime", "migrations/runner")


def test_what_the_generators_write_is_that_of_their_revision(
    make_request: Callable[..., GenerationRequest], bridge: PrismaBridge
) -> None:
    """After a declared change: ``UPDATE_GOLDEN=1 pytest`` on this file records the new revision."""
    request = make_request(
        (_CASE / "schema.prisma").read_text("utf-8"),
        schema_name="orders",
        version=SchemaVersion(1, 2, 0),
        description="Orders and what is in them",
        author="Orders Team <orders@example.org>",
        partial_types=(_CASE / "partial_types.py").read_text("utf-8"),
        migrations=(
            Migration(number=1, name="init", version=SchemaVersion(1, 0, 0), up="SELECT 1;\n", down=None),
        ),
        changelog="# 1.2.0\n",
    )
    written = {target.language: _digest(target.generate(request)) for target in all_targets(bridge)}
    recorded = json.loads(_DIGESTS.read_text("utf-8"))
    number = str(current_revision())
    if os.environ.get("UPDATE_GOLDEN") and number not in recorded:
        recorded[number] = dict(sorted(written.items()))
        _DIGESTS.write_text(json.dumps(recorded, indent=2) + "\n", "utf-8")
    assert not (told := undeclared(number, written, recorded)), told


def test_a_change_that_nobody_declared_is_told_with_what_to_do() -> None:
    recorded = {"1": {"python": "a", "node": "b"}, "2": {"python": "c", "node": "b"}}
    assert undeclared("2", {"python": "c", "node": "b"}, recorded) == ""
    told = undeclared("2", {"python": "d", "node": "b"}, recorded)
    assert told.startswith("the generators write something else for python than revision 2 does.")
    assert "add Revision(3, " in told
    assert undeclared("3", {"python": "c", "node": "b"}, recorded).startswith("revision 3 is not recorded")


def undeclared(number: str, written: Mapping[str, str], recorded: Mapping[str, Mapping[str, str]]) -> str:
    """What is wrong and what to do; empty where nothing is."""
    record = f"UPDATE_GOLDEN=1 make test-one T={Path(__file__).relative_to(_ROOT).as_posix()}"
    if number not in recorded:
        return f"revision {number} is not recorded in {_DIGESTS.name}: {record}"
    changed = sorted(language for language in written if written[language] != recorded[number].get(language))
    if not changed:
        return ""
    return (
        f"the generators write something else for {', '.join(changed)} than revision {number} does. If a "
        f"release has shipped revision {number}, add Revision({int(number) + 1}, step, text) to REVISIONS in "
        "generators/revisions.py, with the step that consumers need to be told by; if none has, correct the "
        f"step and text of revision {number} where they don't say this yet, and remove its record from "
        f"{_DIGESTS.name}. Then: {record}"
    )


def _digest(package: Package) -> str:
    """sha256 over all files of a package but those of runtimes."""
    carried = {
        hashlib.sha256(file.read_bytes()).digest()
        for folder in _RUNTIMES
        for place in _ROOT.glob(folder)
        for file in place.rglob("*")
        if file.is_file()
    }
    files = [(path, hashlib.sha256(content)) for path, content in sorted(package.files.items())]
    own = [f"{path} {found.hexdigest()}\n" for path, found in files if found.digest() not in carried]
    assert own
    return hashlib.sha256("".join(own).encode()).hexdigest()
