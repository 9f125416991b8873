"""Every answer that a question offers leads to migrations that pass the rehearsal, rows and all."""

from __future__ import annotations

import pytest

from migrations.planner.plan import plan
from migrations.planner.questions import UnansweredError
from migrations.rehearsal.may_refuse import table_refused
from migrations.rehearsal.rehearsal import rehearse
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import t, u

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_AB = "enum E {\n  A\n  B\n}\n"
_OWNED = "  uId Int{}\n  u U @relation(fields: [uId], references: [id])"


@pytest.mark.parametrize(
    ("before", "after", "refusing"),
    [
        pytest.param(t("  e E", _AB), t("  e E", "enum E {\n  A\n}\n"), [True, False], id="enum value"),
        pytest.param(t("  a String?"), t("  a String"), [False, True], id="required"),
        pytest.param(t(""), t("  a String"), [False, True], id="new and required", marks=pytest.mark.soak),
        pytest.param(t("  a String"), t("  b Int?"), [False], id="dropped"),
        pytest.param(t(""), t(_OWNED.format(""), u("  ts T[]")), [True], id="new reference to a new table"),
        pytest.param(t("", u("")), t(_OWNED.format(""), u("  ts T[]")), [False, True], id="new reference"),
        pytest.param(t("  a String?"), t("  b String?"), [False, False], id="renamed or dropped"),
        pytest.param(
            t("  a String"), t("  a Int").replace("T {", 'T {\n  @@map("t")'), [True], id="type and table"
        ),
        pytest.param(
            t("  a Decimal @db.Decimal(10,4)"),
            t("  a Decimal @db.Decimal(10,2)"),
            [False, False],
            id="decimals",
        ),
        pytest.param(
            t("  a DateTime"),
            t("  a DateTime @db.Timestamp(0)"),
            [True, False],
            id="seconds",
            marks=pytest.mark.soak,
        ),
        pytest.param(t("  a Float"), t("  a Int"), [True, False], id="float to int", marks=pytest.mark.soak),
        pytest.param(
            t("  a DateTime"),
            t("  a DateTime @db.Time(3)"),
            [True, False],
            id="no day",
            marks=pytest.mark.soak,
        ),
        pytest.param(t("  a String[]"), t("  a String?"), [True, False], id="list to scalar"),
        pytest.param(t("  a Int"), t("  a Boolean"), [True, False], id="flag", marks=pytest.mark.soak),
        pytest.param(t(_OWNED.format(""), u("  ts T[]")), t("", u("")), [False], id="reference"),
        pytest.param(
            t(_OWNED.format(" @unique"), u("  t T?")),
            t("", u("")),
            [True],
            id="unique reference",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_each_answer_leads_to_a_rehearsal_that_passes(
    bridge: PrismaBridge, scratch_server: ScratchServer, before: str, after: str, refusing: list[bool]
) -> None:
    old, new = (bridge.parse(_HEAD + text) for text in (before, after))
    start = plan(None, old, bridge)
    with pytest.raises(UnansweredError) as unanswered:
        plan(old, new, bridge)
    (question,) = unanswered.value.questions
    refuses = []
    for table, line in question.answers:
        answers = VersionToml.from_toml(f"[{table}]\n{line}\n", file="version.toml").answers
        planned = plan(old, new, bridge, answers)
        migrations = (
            Migration(number=1, name="m", version=SchemaVersion(1, 0, 0), up=start.up, down=start.down),
            Migration(number=2, name="m", version=SchemaVersion(2, 0, 0), up=planned.up, down=planned.down),
        )
        found = rehearse(migrations, new, scratch_server, bridge)
        assert found.round_trip
        refuses.append("may-refuse" in {warning.code for warning in found.warnings})
    assert refuses == refusing


def test_an_unmarked_statement_refuses_nothing() -> None:
    script = 'ALTER TABLE "a" RENAME TO "b";\nALTER TABLE "b" ALTER c TYPE int;\n'
    assert table_refused(script, 2, 1, name_before=True) is None
    marked = script.replace(";\nALTER", ";\n-- schema-service: may-refuse\nALTER")
    assert table_refused(marked, 3, 1, name_before=True) == '"public"."a"'
    assert table_refused(marked, 3, 1, name_before=False) == '"public"."b"'
    assert table_refused(marked, 1, 1, name_before=True) is None


def test_the_rows_that_a_marked_statement_accepts_are_rehearsed(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    both = (
        t("  a String?", u("  t T? @relation(fields: [tId], references: [id])\n  tId Int?")) for _ in "12"
    )
    old, new = (bridge.parse(_HEAD + text.replace("T {", "T {\n  us U[]")) for text in both)
    start = plan(None, old, bridge)
    mark = "-- schema-service: may-refuse\n"
    up = f'{mark}ALTER TABLE "T" ALTER a SET NOT NULL;\n{mark}ALTER TABLE "T" ADD CHECK (id % 2 = 0);\n'
    undone = 'ALTER TABLE "T" DROP CONSTRAINT "T_id_check"; ALTER TABLE "T" ALTER a DROP NOT NULL;'
    migrations = (
        Migration(number=1, name="m", version=SchemaVersion(1, 0, 0), up=start.up, down=start.down),
        Migration(number=2, name="m", version=SchemaVersion(2, 0, 0), up=up + undone, down="SELECT 1"),
    )
    found = rehearse(migrations, new, scratch_server, bridge)
    told = found.warnings[-1]
    assert [each.code for each in found.warnings] == ["downgrade-fails-with-rows", "may-refuse"]
    assert told.message.endswith('rehearsed without the rows in "public"."T" that it refuses')
    (trip,) = found.trips
    assert trip.begun == trip.up == trip.down
    assert 0 < trip.begun["T"] < trip.begun["U"]
