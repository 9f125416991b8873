"""What the planner's SQL looks like, where a database it ran on can't tell: who waits for what, and when."""

from __future__ import annotations

import pytest

from migrations.planner.plan import plan
from migrations.planner.questions import UnansweredError
from migrations.planner.rewrites.prerequisites import needed_extensions
from migrations.scripts.split import split
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import t, u

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_HALF = '[accept_loss]\n"T.c" = "unused"\n[backfill]\n"T.bId" = { rows = "none" }\n'
_E = "enum E {\n  A\n  B\n}\n"
_REFERENCE = "  u U @relation(fields: [uId], references: [id])\n"


def _steps(bridge: PrismaBridge, before: str, after: str, toml: str = "") -> list[tuple[str, list[str]]]:
    """(kind, statements on one line each) of every step up."""
    old, new = (bridge.parse(_HEAD + text) for text in (before, after))
    answers = VersionToml.from_toml(toml, file="version.toml").answers
    steps = split(plan(old, new, bridge, answers).up, "up.sql")
    return [(step.kind, [" ".join(each.sql.split()) for each in step.statements]) for step in steps]


def test_an_enum_is_swapped_in_one_transaction_that_is_the_runners(bridge: PrismaBridge) -> None:
    toml = '[accept_loss]\n"E.B" = "unused"\n'
    ((kind, statements),) = _steps(bridge, t("  e E", _E), t("  e E", "enum E {\n  A\n}\n"), toml)
    assert kind == "transaction"
    assert [statement.split()[0] for statement in statements] == ["CREATE", "ALTER", "ALTER", "ALTER", "DROP"]


def test_an_enum_value_is_committed_before_it_is_used(bridge: PrismaBridge) -> None:
    after = t("  e E @default(C)", "enum E {\n  A\n  B\n  C\n}\n")
    assert _steps(bridge, t("  e E", _E), after) == [
        ("enum_value", ["ALTER TYPE \"E\" ADD VALUE 'C' AFTER 'B'"]),
        ("transaction", ['ALTER TABLE "T" ALTER COLUMN "e" SET DEFAULT \'C\'']),
    ]


def test_indexes_are_built_and_dropped_while_others_work(bridge: PrismaBridge) -> None:
    before, after = (
        t("  a Int\n  b Int @unique\n  @@index([a])"),
        t("  a Int @unique\n  b Int\n  @@index([b])"),
    )
    assert _steps(bridge, before, after) == [
        ("create_index", ['CREATE UNIQUE INDEX CONCURRENTLY "T_a_key" ON "T"("a")']),
        ("create_index", ['CREATE INDEX CONCURRENTLY "T_b_idx" ON "T"("b")']),
        ("drop_index", ['DROP INDEX CONCURRENTLY "T_b_key"']),
        ("drop_index", ['DROP INDEX CONCURRENTLY "T_a_idx"']),
    ]


def test_what_may_fail_comes_before_what_takes_away(bridge: PrismaBridge) -> None:
    after = t("  a Int\n  bId Int\n  @@unique([a, bId])")
    steps = _steps(bridge, t("  a Int @unique\n  c Int?"), after, _HALF)
    assert [sql for _, statements in steps for sql in statements] == [
        'ALTER TABLE "T" ADD COLUMN "bId" INTEGER NOT NULL',
        'CREATE UNIQUE INDEX CONCURRENTLY "T_a_bId_key" ON "T"("a", "bId")',
        'DROP INDEX CONCURRENTLY "T_a_key"',
        'ALTER TABLE "T" DROP COLUMN "c"',
    ]


def test_a_unique_index_is_built_before_a_type_changes_and_before_its_predecessor_goes(
    bridge: PrismaBridge,
) -> None:
    before = t('  a Int\n  b Int\n  c Int\n  @@unique([a], map: "u")')
    after = t('  a Int\n  b Int\n  c BigInt\n  @@unique([a, b], map: "u")')
    assert [sql for _, statements in _steps(bridge, before, after) for sql in statements] == [
        'CREATE UNIQUE INDEX CONCURRENTLY "u_new" ON "T"("a", "b")',
        'ALTER TABLE "T" ALTER COLUMN "c" SET DATA TYPE BIGINT',
        'DROP INDEX CONCURRENTLY "u"',
        'ALTER INDEX "u_new" RENAME TO "u"',
    ]


def test_a_unique_index_is_built_before_anything_gets_another_name(bridge: PrismaBridge) -> None:
    before = t('  a Int\n  b String @map("bB")\n  c Int')
    fields = "  z Int @unique\n  b String\n  c BigInt\n  @@unique([b(sort: Desc), z])"
    after = t(fields).replace("model T", "model S")
    toml = '[renames]\n"T" = "S"\n"T.a" = "S.z"\n'
    steps = [sql for _, statements in _steps(bridge, before, after, toml) for sql in statements]
    assert steps[:2] == [
        'CREATE UNIQUE INDEX CONCURRENTLY "S_z_key" ON "T" (a)',
        'CREATE UNIQUE INDEX CONCURRENTLY "S_b_z_key" ON "T" ("bB" DESC, a)',
    ]
    assert [sql.split()[-1] for sql in steps[2:]] == ['"S"', '"z"', '"b"', '"S_pkey"', "BIGINT"]


def test_constraints_are_validated_before_anything_gets_another_name(bridge: PrismaBridge) -> None:
    before = t('  a String? @map("aA")\n  b Int?\n  c String?\n  d Int?', u(""))
    fields = (
        "  z String\n  uId Int?\n  u U? @relation(fields: [uId], references: [id])\n  y String\n  d BigInt"
    )
    after = t(fields, u("  ss S[]")).replace("model T", "model S")
    toml = '[renames]\n"T" = "S"\n"T.a" = "S.z"\n"T.b" = "S.uId"\n"T.c" = "S.y"\n'
    toml += '[backfill]\n"S.z" = { rows = "none" }\n"S.d" = { rows = "none" }\n"S.y" = "none"\n'
    steps = [sql for _, statements in _steps(bridge, before, after, toml) for sql in statements]
    assert steps[:6] == [
        'ALTER TABLE "T" ADD CONSTRAINT "S_z_is_set" CHECK ("aA" IS NOT NULL) NOT VALID',
        'ALTER TABLE "T" VALIDATE CONSTRAINT "S_z_is_set"',
        'ALTER TABLE "T" ALTER COLUMN "aA" SET NOT NULL',
        'ALTER TABLE "T" DROP CONSTRAINT "S_z_is_set"',
        'ALTER TABLE "T" ADD CONSTRAINT "S_uId_fkey" FOREIGN KEY (b) REFERENCES "U" (id) '
        "ON DELETE SET NULL ON UPDATE CASCADE NOT VALID",
        'ALTER TABLE "T" VALIDATE CONSTRAINT "S_uId_fkey"',
    ]
    # Those that need a value, or another type, come after it.
    assert steps[6].startswith('ALTER TABLE "T" RENAME')
    later = [sql.split()[-1] for sql in steps if "VALIDATE" in sql]
    assert sorted(later[2:]) == ['"S_d_is_set"', '"S_y_is_set"']


def test_no_one_value_is_offered_or_taken_for_what_no_two_rows_can_share(bridge: PrismaBridge) -> None:
    before = bridge.parse(_HEAD + t("", u("")))
    types = {"n": "Int", "e": "E", "d": "DateTime", "uId": "Int"}
    fields = "".join(f"  {name} {type_} @unique\n" for name, type_ in types.items())
    fields += "  p Int @unique @default(7)\n"
    after = bridge.parse(_HEAD + t(f"{fields}{_REFERENCE}", f"{u('  t T?')}{_E}"))
    no_rows = {f"T.{name}": f'"T.{name}" = {{ rows = "none" }}' for name in ("d", "e", "n", "p", "uId")}
    ids = {name: f'"{name}" = {{ sql = "\\"id\\"" }}' for name in ("T.n", "T.p")}
    constants = '[backfill]\n"T.n" = 5\n"T.e" = "A"\n"T.d" = "2026-05-06"\n"T.uId" = 1\n"T.p" = 7\n'
    for toml in ("", constants):
        with pytest.raises(UnansweredError) as asked:
            plan(before, after, bridge, VersionToml.from_toml(toml, file="version.toml").answers)
        offered = {each.subject: [line for _, line in each.answers] for each in asked.value.questions}
        assert offered == {
            subject: [*([ids[subject]] if subject in ids else []), line] for subject, line in no_rows.items()
        }


def test_a_join_table_keeps_its_key_and_its_foreign_keys_go_and_come_in_one_step(
    bridge: PrismaBridge,
) -> None:
    before = t("  us U[]", u("  ts T[]"))
    steps = _steps(bridge, before, before.replace("id Int", "id BigInt"))
    assert [kind for kind, _ in steps] == ["transaction", "transaction", "transaction"]
    assert not any("pkey" in sql or "INDEX" in sql for _, statements in steps for sql in statements)
    actions = [sql.split()[3] for sql in steps[0][1]]
    assert actions == ["DROP"] * 2 + ["ALTER"] * 4 + ["ADD"] * 2


def test_a_foreign_key_is_validated_after_it_is_committed(bridge: PrismaBridge) -> None:
    steps = _steps(bridge, t("  uId Int", u("")), t("  uId Int\n" + _REFERENCE, u("  ts T[]")))
    assert [kind for kind, _ in steps] == ["transaction", "transaction"]
    assert steps[0][1][0].endswith("NOT VALID")
    assert steps[1][1] == ['ALTER TABLE "T" VALIDATE CONSTRAINT "T_uId_fkey"']


@pytest.mark.parametrize(
    ("kind", "constant", "kept"),
    [
        ("DateTime", "2026-05-06T07:00:00.125Z", "2026-05-06T07:00:00.125000"),
        ("DateTime", "2026-05-06 07:00:00-0330", "2026-05-06T10:30:00"),
        ("DateTime", "2026-05-06", "2026-05-06"),
        ("DateTime", "infinity", "infinity"),
        ("DateTime @db.Timestamptz(3)", "2026-05-06 07:00 CET", "2026-05-06 07:00 CET"),
        ("DateTime", "2026-05-06 07:00 CET", None),
        ("DateTime @db.Time(3)", "07:00:00 Europe/Berlin", None),
        ("String", "2026-05-06 07:00 CET", "2026-05-06 07:00 CET"),
    ],
)
def test_a_constant_in_another_zone_is_written_in_utc_or_refused(
    bridge: PrismaBridge, kind: str, constant: str, kept: str | None
) -> None:
    change = (t(""), t(f"  a {kind}"), f'[backfill]\n"T.a" = "{constant}"\n')
    if kept is None:
        with pytest.raises(UnansweredError) as refused:
            _steps(bridge, *change)
        (problem,) = refused.value.problems
        assert "in a zone that can't be read: write it with an offset" in problem.message
    else:
        written = [statement for _, statements in _steps(bridge, *change) for statement in statements]
        assert f"""UPDATE "T" SET "a" = '{kept}' WHERE "a" IS NULL""" in written


def test_a_column_becomes_required_in_steps_of_which_none_reads_the_table_under_a_lock(
    bridge: PrismaBridge,
) -> None:
    fill = 'UPDATE "T" SET "a" = 5 WHERE "a" IS NULL'
    assert _steps(bridge, t(""), t("  a Int @default(7)"), '[backfill]\n"T.a" = 5\n') == [
        (
            "transaction",
            ['ALTER TABLE "T" ADD COLUMN "a" integer, ALTER COLUMN "a" SET DEFAULT 7'],
        ),
        ("backfill", [fill]),
        ("transaction", ['ALTER TABLE "T" ADD CONSTRAINT "T_a_is_set" CHECK ("a" IS NOT NULL) NOT VALID']),
        ("backfill", [fill]),
        ("transaction", ['ALTER TABLE "T" VALIDATE CONSTRAINT "T_a_is_set"']),
        (
            "transaction",
            [
                'ALTER TABLE "T" ALTER COLUMN "a" SET NOT NULL',
                'ALTER TABLE "T" DROP CONSTRAINT "T_a_is_set"',
            ],
        ),
    ]


def test_a_table_keeps_its_key_until_the_new_one_is_built(bridge: PrismaBridge) -> None:
    before = "model T {\n  a Int\n  b Int\n  @@id([a])\n}\n"
    assert _steps(bridge, before, before.replace("[a]", "[a, b]")) == [
        ("create_index", ['CREATE UNIQUE INDEX CONCURRENTLY "T_pkey_new" ON "T"("a", "b")']),
        (
            "transaction",
            [
                'ALTER TABLE "T" DROP CONSTRAINT "T_pkey"',
                'ALTER TABLE "T" ADD CONSTRAINT "T_pkey" PRIMARY KEY USING INDEX "T_pkey_new"',
            ],
        ),
    ]


@pytest.mark.parametrize(
    ("fields", "extensions"),
    [
        ("  a String @db.Citext", {"citext"}),
        ('  a String\n  @@index([a(ops: raw("gin_trgm_ops"))], type: Gin)', {"pg_trgm"}),
        ('  a String @default(dbgenerated("uuid_generate_v4()")) @db.Uuid', {"uuid-ossp"}),
        ("  a String @default(dbgenerated(\"encode(gen_random_bytes(8), 'hex')\"))", {"pgcrypto"}),
        ('  a Unsupported("geometry(Point, 4326)")', {"postgis"}),
        ('  a Unsupported("vector(3)")', {"vector"}),
        ('  a Unsupported("hstore")?', {"hstore"}),
        ("  a String @default(uuid()) @db.Uuid", set()),
    ],
)
def test_what_a_schema_leans_on_is_created_first_and_dropped_last(
    bridge: PrismaBridge, fields: str, extensions: set[str]
) -> None:
    schema = bridge.parse(_HEAD + t(fields))
    assert needed_extensions(schema) == extensions
    made = plan(None, schema, bridge)
    up, down = (
        [each.sql for step in split(script, "s") for each in step.statements]
        for script in (made.up, made.down)
    )
    assert [sql for sql in up if "EXTENSION" in sql] == up[: len(extensions)]
    assert [sql for sql in down if "EXTENSION" in sql] == down[len(down) - len(extensions) :]
    assert all(f'"{name}"' in up[0] for name in extensions)
