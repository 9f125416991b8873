"""Every step between two releases of real projects: planned, asked about, rehearsed with rows both ways.

A few steps in the ordinary suite; all of them with SCHEMA_SERVICE_SOAK=1, which also prints the table.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from migrations.errors import RehearsalError
from migrations.planner.plan import plan
from migrations.planner.questions import Question, UnansweredError
from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.scratch.scratch_server import ScratchServer
from schemas.answers import Answers
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_toml import VersionToml

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
SOAK = bool(os.environ.get("SCHEMA_SERVICE_SOAK"))
#: In the ordinary suite: one in so many steps.
STRIDE = 1 if SOAK else 29
MOST_ROUNDS = 6

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real projects is not beside this checkout"),
    pytest.mark.timeout(300),
]


@dataclass(frozen=True, slots=True)
class Step:
    before: Path
    after: Path

    @property
    def id(self) -> str:
        return f"{self.before.parent.parent.name}-{self.before.name}-{self.after.name.split('-', 1)[1]}"


def steps() -> list[Step]:
    found = []
    for project in ("ghostfolio", "linkwarden"):
        releases = sorted((CORPUS / project / "releases").glob("*"))
        found += [Step(*pair) for pair in pairwise(releases)]
    return found[STRIDE // 2 :: STRIDE]


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Counter[str]]:
    """How many steps ended how; printed when all are done."""
    counted: Counter[str] = Counter()
    yield counted
    width = max(map(len, counted), default=0)
    print("\n" + "\n".join(f"{outcome:<{width}}  {count}" for outcome, count in sorted(counted.items())))


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_a_release_applies_with_rows_or_is_asked_about(
    step: Step, scratch_server: ScratchServer, bridge: PrismaBridge, outcomes: Counter[str]
) -> None:
    before, after = (
        bridge.parse((release / "schema.prisma").read_text("utf-8")) for release in (step.before, step.after)
    )
    try:
        planned = plan(before, after, bridge)
    except UnansweredError as error:
        asked = sorted({question.kind for question in error.questions})
        outcome = f"refused: {', '.join(asked)}"
        outcomes[f"{outcome}; answered, it " + _answered(before, after, scratch_server, bridge)] += 1
        return
    try:
        found = _rehearsed(before, after, planned.up, planned.down, scratch_server, bridge)
    except RehearsalError:
        outcomes["failed"] += 1
        raise
    outcomes["applied"] += 1
    assert found.round_trip
    assert found.lost == (), "lost without a question"


def _rehearsed(
    before: Schema, after: Schema, up: str, down: str, server: ScratchServer, bridge: PrismaBridge
) -> Rehearsal:
    start = plan(None, before, bridge)
    old, new = SchemaVersion(1, 0, 0), SchemaVersion(2, 0, 0)
    migrations = (
        Migration(number=1, name="start", version=old, up=start.up, down=start.down),
        Migration(number=2, name="step", version=new, up=up, down=down),
    )
    return rehearse(migrations, after, server, bridge)


def _answered(before: Schema, after: Schema, server: ScratchServer, bridge: PrismaBridge) -> str:
    """What becomes of the step once every question has the first answer that keeps rows."""
    lines: dict[str, dict[str, str]] = {}
    for _ in range(MOST_ROUNDS):
        text = "\n".join(f"[{table}]\n" + "\n".join(each.values()) for table, each in lines.items())
        answers = _read(text)
        try:
            planned = plan(before, after, bridge, answers)
        except UnansweredError as error:
            for question in error.questions:
                table, line = _answer(question, after)
                lines.setdefault(table, {})[question.subject] = line
            continue
        found = _rehearsed(before, after, planned.up, planned.down, server, bridge)
        assert found.round_trip
        return "applies"
    raise AssertionError(f"still asked after {MOST_ROUNDS} rounds of answers: {text}")


def _answer(question: Question, after: Schema) -> tuple[str, str]:
    """Of the lines that the question offers, what an author would take who only wants the release: models and
    fields that go may go, an enum and its values are renamed, rows with a value that goes get another."""
    lines = dict(reversed(question.answers))  # the first of each table
    is_of_enum = question.subject.partition(".")[0] in after.enums_by_name
    if question.kind == "backfill" or question.replacements:
        table = "renames" if "renames" in lines else "backfill"
    else:
        table = "renames" if is_of_enum and "renames" in lines else "accept_loss"
    return table, lines[table]


def _read(text: str) -> Answers:
    return VersionToml.from_toml(text, file="version.toml").answers
