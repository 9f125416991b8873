"""Rehearsals with rows: from every version before, up, down and up again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from migrations.errors import RehearsalError, ScratchServerError
from migrations.package.release_state import Release
from migrations.planner.plan import plan
from migrations.rehearsal.history import read_history
from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.rehearsal.server import on_rehearsal_server
from migrations.scratch.scratch_server import ScratchServer
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
FIRST = """
enum Mood {
  GOOD
  BAD
}
model T {
  id Int @id
  a String?
  n BigInt @default(0)
  m Mood?
}
"""


def version(text: str) -> SchemaVersion:
    return SchemaVersion.parse(text)


def step(number: int, up: str, down: str | None, at: str) -> Migration:
    return Migration(number=number, name="step", version=version(at), up=up, down=down)


@pytest.fixture(scope="module")
def first(bridge: PrismaBridge) -> Migration:
    planned = plan(None, bridge.parse(HEAD + FIRST), bridge)
    return step(1, planned.up, planned.down, "1.0.0")


class Rehearsing:
    """Rehearses migrations against a schema that is given as the changes to the first one."""

    def __init__(self, server: ScratchServer, bridge: PrismaBridge) -> None:
        self.server = server
        self.bridge = bridge

    def schema(self, *changes: tuple[str, str]) -> Schema:
        text = FIRST
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        return self.bridge.parse(HEAD + text)

    def __call__(self, migrations: Sequence[Migration], *changes: tuple[str, str]) -> Rehearsal:
        return rehearse(migrations, self.schema(*changes), self.server, self.bridge)


@pytest.fixture
def rehearsing(scratch_server: ScratchServer, bridge: PrismaBridge) -> Rehearsing:
    return Rehearsing(scratch_server, bridge)


REQUIRED = ("a String?", "a String")
WIDER = ("n BigInt", "n Int")
NO_B = 'ALTER TABLE "T" DROP COLUMN b'


def test_rows_of_every_version_go_up_down_and_up(first: Migration, rehearsing: Rehearsing) -> None:
    second = step(2, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "1.1.0")
    third = step(3, 'ALTER TABLE "T" ADD COLUMN c INTEGER', 'ALTER TABLE "T" DROP COLUMN c', "2.0.0")
    found = rehearsing((first, second, third), ("a String?", "a String?\n  b String?\n  c Int?"))
    assert [str(trip.origin) for trip in found.trips] == ["1.1.0", "1.0.0"]
    newest, oldest = found.trips
    assert oldest.begun == oldest.up == oldest.down == oldest.up_again
    assert newest.begun["T"] > oldest.begun["T"] > 4
    assert found.round_trip
    assert found.lost == found.lost_down == ()
    assert found.summary == "up, down and up from an empty database, and with rows from 1.0.0, 1.1.0"


def test_a_large_schema_is_reached_from_fewer_versions_with_the_rows_of_all(
    first: Migration, rehearsing: Rehearsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrations.rehearsal.upgrade_paths._MOST_TABLES", 1)
    filled = (
        """ALTER TABLE "T" ADD COLUMN b TEXT NOT NULL DEFAULT 'old'; ALTER TABLE "T" ALTER b DROP DEFAULT"""
    )
    second, third = (
        step(2, filled, NO_B, "1.1.0"),
        step(3, 'CREATE VIEW v AS SELECT id FROM "T"', None, "1.2.0"),
    )
    change = ("a String?", "a String?\n  b String")
    found = rehearsing((first, second, third), change)
    assert [str(trip.origin) for trip in found.trips] == ["1.1.0"]
    # No row that began at 1.1.0 has this value.
    careless = step(4, """ALTER TABLE "T" ADD CONSTRAINT c CHECK (b <> 'old')""", None, "2.0.0")
    with pytest.raises(RehearsalError, match=r"with rows of 1\.0\.0 in table T"):
        rehearsing((first, second, third, careless), change)


def test_what_fails_with_rows_names_them(first: Migration, rehearsing: Rehearsing) -> None:
    careless = step(
        2, '\n  ALTER TABLE "T" ALTER a SET NOT NULL', 'ALTER TABLE "T" ALTER a DROP NOT NULL', "1.1.0"
    )
    with pytest.raises(RehearsalError) as refused:
        rehearsing((first, careless), REQUIRED)
    (problem,) = refused.value.problems
    assert problem.code == "migration-fails-with-rows"
    assert problem.place == "schemas/1.1.0/migrations/002_step/up.sql:2:3"
    assert "with rows of 1.0.0 in table T" in problem.message
    assert "null values" in problem.message


def test_the_first_version_whose_rows_fail_is_found(first: Migration, rehearsing: Rehearsing) -> None:
    second = step(2, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "1.1.0")
    careless = step(3, 'ALTER TABLE "T" ADD CONSTRAINT no CHECK (b IS NULL)', None, "2.0.0")
    with pytest.raises(RehearsalError, match=r"with rows of 1\.1\.0 in table T"):
        rehearsing((first, second, careless), ("a String?", "a String?\n  b String?"))


def test_what_is_wrong_from_nothing_is_told_without_waiting_for_the_rows(
    first: Migration, rehearsing: Rehearsing
) -> None:
    endless = step(2, 'ALTER TABLE "T" DROP COLUMN n; SELECT pg_sleep(3600) FROM "T"', None, "1.1.0")
    with pytest.raises(RehearsalError, match='column "n" is missing'):
        rehearsing((first, endless))


def test_values_at_the_limits_of_their_types_are_a_warning(first: Migration, rehearsing: Rehearsing) -> None:
    narrower = step(2, 'ALTER TABLE "T" ALTER n TYPE INTEGER', 'ALTER TABLE "T" ALTER n TYPE BIGINT', "1.1.0")
    found = rehearsing((first, narrower), WIDER)
    (warning,) = found.warnings
    assert (warning.code, warning.severity) == ("fails-at-limits", "warning")
    assert "integer out of range" in warning.message
    assert len(found.trips) == 1


def test_losses_are_named(first: Migration, rehearsing: Rehearsing) -> None:
    lossy = step(
        2,
        """
        ALTER TABLE "T" DROP COLUMN a, ADD COLUMN a TEXT;
        DELETE FROM "T" WHERE id = (SELECT min(id) FROM "T");
        CREATE TYPE "Other" AS ENUM ('GOOD');
        ALTER TABLE "T" ALTER m TYPE "Other" USING (CASE WHEN m = 'GOOD' THEN 'GOOD' END)::"Other";
        DROP TYPE "Mood"; ALTER TYPE "Other" RENAME TO "Mood"; ALTER TABLE "T" ADD COLUMN b TEXT DEFAULT 'x';
        """,
        """
        ALTER TABLE "T" DROP COLUMN b; CREATE TYPE "Other" AS ENUM ('GOOD', 'BAD');
        ALTER TABLE "T" ALTER m TYPE "Other" USING (m::text::"Other");
        DROP TYPE "Mood"; ALTER TYPE "Other" RENAME TO "Mood";
        """,
        "2.0.0",
    )
    found = rehearsing((first, lossy), ("  BAD\n", ""), ("a String?", 'a String?\n  b String? @default("x")'))
    assert {(loss.kind, loss.name) for loss in found.lost} == {
        ("column", "T.a"),
        ("rows", "T"),
        ("enum value", "Mood.BAD"),
    }
    assert [str(loss) for loss in found.lost if loss.kind == "rows"] == ["1 row of table T"]
    assert [(loss.kind, loss.name) for loss in found.lost_down] == [("column", "T.b")]
    record = found.to_json()
    assert record["lost"] == [loss.to_json() for loss in found.lost]
    (table,) = record["trips"][0]["tables"]
    assert table["begun"] - 1 == table["up"] == table["down"]
    assert any(line.startswith("going up loses column T.a, filled in") for line in found.losses)


B = "ADD COLUMN b TEXT"
OTHER = 'ALTER TABLE "T" ADD COLUMN other TEXT'
# No statement of it loses anything, so that only comparing the values shows what it does.
SWAPPED = "; ".join(
    f'ALTER TABLE "T" RENAME {old} TO {new}' for old, new in (("a", "x"), ("other", "a"), ("x", "other"))
)


@pytest.mark.parametrize(
    ("up", "down", "schema", "told"),
    [
        pytest.param(
            f'ALTER TABLE "T" {B}',
            'ALTER TABLE "T" DROP COLUMN b; ' + SWAPPED,
            ("a String?", "a String?\n  other String?\n  b String?"),
            'changes "T"."a"',
            id="of the version before",
        ),
        pytest.param(
            'ALTER TABLE "T" ALTER n TYPE numeric(20, 2)',
            'ALTER TABLE "T" ALTER n TYPE bigint; ' + SWAPPED,
            ("a String?\n  n BigInt", "a String?\n  other String?\n  n Decimal @db.Decimal(20, 2)"),
            'going down from 2.0.0 and up again changes "T"."a", which no check of the downgrade finds: ',
            id="of this version",
        ),
        pytest.param(
            f'ALTER TABLE "T" {B}',
            """DO $$ BEGIN EXECUTE 'ALTER TABLE "T" ' || 'DROP COLUMN b'; UPDATE "T" SET a = 'x'; END $$""",
            ("a String?", "a String?\n  other String?\n  b String?"),
            None,
            id="by code that asks for permission",
        ),
        pytest.param(
            f'ALTER TABLE "T" {B}; DELETE FROM "T" WHERE n < 0',
            """UPDATE "T" SET a = b || a WHERE id > 0; ALTER TABLE "T" DROP COLUMN b""",
            ("a String?", "a String?\n  other String?\n  b String?"),
            None,
            id="by statements that ask for permission",
        ),
    ],
)
def test_values_are_what_they_were_or_permission_is_asked_for(
    first: Migration, rehearsing: Rehearsing, up: str, down: str, schema: tuple[str, str], told: str | None
) -> None:
    other = step(2, OTHER, 'ALTER TABLE "T" DROP COLUMN other', "1.0.0")
    history = (first, other, step(3, up, down, "2.0.0"))
    if told is None:
        assert "loses-without-permission" not in {each.code for each in rehearsing(history, schema).warnings}
        return
    with pytest.raises(RehearsalError) as refused:
        rehearsing(history, schema)
    codes = {problem.code for problem in refused.value.problems}
    assert codes == {"loses-without-permission"}
    assert any(told in problem.message for problem in refused.value.problems), refused.value


TWO = """
model P {
  id Int @id
  n Int
  j Json%s
  cs C[]
}
model C {
  id Int @id
  pId Int%s
  p P%s @relation(fields: [pId], references: [id], onDelete: %s)
}
"""


@pytest.mark.parametrize(
    ("code", "up", "action", "is_told"),
    [
        ("", 'UPDATE "P" SET n = abs(n / 2)', "Cascade", False),
        ('CREATE VIEW v AS SELECT * FROM "P"', "UPDATE v SET n = 1", "Cascade", False),
        (
            """CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ UPDATE "P" SET n = abs(n / 2) $$""",
            "SELECT f()",
            "Cascade",
            False,
        ),
        ("", 'DELETE FROM "P" WHERE n < 3', "Cascade", False),
        ("", 'DELETE FROM "P" WHERE n < 3', "SetNull", False),
        ("", 'UPDATE "P" SET id = 4002 WHERE id = 2', "Cascade", False),
        (
            """CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE "P" SET n = 1; RETURN NULL; END $$;
            CREATE TRIGGER t AFTER UPDATE ON "C" FOR EACH ROW EXECUTE FUNCTION f()""",
            'UPDATE "C" SET "pId" = "pId" WHERE id > 0',
            "Cascade",
            True,
        ),
        ("", 'ALTER TABLE "P" ALTER j TYPE json', "Cascade", False),
    ],
    ids=["update", "view", "function", "cascade", "set null", "key", "other trigger", "json"],
)
def test_what_an_author_writes_over_is_no_loss(
    bridge: PrismaBridge, scratch_server: ScratchServer, code: str, up: str, action: str, *, is_told: bool
) -> None:
    before, after = (
        bridge.parse(HEAD + TWO % (kind, mark, mark, action))
        for mark in ("?" if action == "SetNull" else "",)
        for kind in ("", " @db.Json" if "json" in up else "")
    )
    start = plan(None, before, bridge)
    down = 'ALTER TABLE "P" ALTER j TYPE jsonb' if "json" in up else "SELECT 1"
    history = (
        step(1, start.up, start.down, "1.0.0"),
        step(2, code or "SELECT 1", None, "1.0.0"),
        step(3, up, down, "2.0.0"),
    )
    found = rehearse(history, after, scratch_server, bridge)
    assert ("loses-without-permission" in {each.code for each in found.warnings}) == is_told


def test_what_a_trigger_may_have_changed_is_a_warning(first: Migration, rehearsing: Rehearsing) -> None:
    counting = step(
        2,
        """CREATE FUNCTION halve() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.n := OLD.n / 2; RETURN NEW; END $$;
        CREATE TRIGGER halve BEFORE UPDATE ON "T" FOR EACH ROW EXECUTE FUNCTION halve();""",
        None,
        "1.0.0",
    )
    filled = step(3, f"""ALTER TABLE "T" {B}; UPDATE "T" SET b = 'x'""", NO_B, "2.0.0")
    found = rehearsing((first, counting, filled), ("a String?", "a String?\n  b String?"))
    assert {(each.code, each.severity) for each in found.warnings} == {
        ("loses-without-permission", "warning")
    }


def test_no_column_s_name_is_in_a_check_s_way(bridge: PrismaBridge, scratch_server: ScratchServer) -> None:
    names = ("value", "held", "word", "ndoc", "s", "c", "t", "n", "oid", "held_values", "key", "old", "x")
    fields = "\n".join(
        f'  {name}_ BigInt @map("{name}")\n  {name}_d String? @map("{name} d")' for name in names
    )
    text = HEAD + "enum E {\n  A\n%s}\nmodel T {\n  id Int @id\n  e E\n  es E[]\n%s\n}\n"
    before = bridge.parse(text % ("", fields.replace("BigInt", "Int")))
    after = bridge.parse(text % ("  B\n", fields + '\n  added String @default("a") @map("value_")'))
    start, planned = plan(None, before, bridge), plan(before, after, bridge)
    history = (
        step(1, start.up, start.down, "1.0.0"),
        step(2, planned.up, planned.down, "2.0.0"),
    )
    found = rehearse(history, after, scratch_server, bridge)
    assert found.warnings == ()
    assert found.round_trip


def test_a_rename_loses_nothing(first: Migration, rehearsing: Rehearsing) -> None:
    renamed = step(
        2,
        'ALTER TABLE "T" RENAME a TO b; ALTER TABLE "T" RENAME TO "U"; '
        'ALTER TABLE "U" RENAME CONSTRAINT "T_pkey" TO "U_pkey"',
        'ALTER TABLE "U" RENAME CONSTRAINT "U_pkey" TO "T_pkey"; '
        'ALTER TABLE "U" RENAME TO "T"; ALTER TABLE "T" RENAME b TO a',
        "2.0.0",
    )
    found = rehearsing((first, renamed), ("model T", "model U"), ("a String?", "b String?"))
    assert found.lost == found.lost_down == ()


def test_without_a_downgrade_only_the_upgrade_is_rehearsed(first: Migration, rehearsing: Rehearsing) -> None:
    found = rehearsing(
        (first, step(2, 'ALTER TABLE "T" DROP COLUMN a', None, "2.0.0")), ("  a String?\n", "")
    )
    assert not found.round_trip
    assert found.trips[0].down is None
    assert found.summary.startswith("up only (a down.sql is missing)")


def test_a_version_without_migrations_of_its_own_lacks_no_downgrade(
    first: Migration, rehearsing: Rehearsing, scratch_server: ScratchServer, bridge: PrismaBridge
) -> None:
    found = rehearse((first,), rehearsing.schema(), scratch_server, bridge, version=version("1.1.0"))
    assert found.summary == "no migrations in this version; the earlier ones already match schema.prisma"


def test_a_downgrade_that_fails_with_rows_is_refused(first: Migration, rehearsing: Rehearsing) -> None:
    required = step(
        2,
        """UPDATE "T" SET a = 'none' WHERE a IS NULL; ALTER TABLE "T" ALTER a SET NOT NULL""",
        'ALTER TABLE "T" ALTER a DROP NOT NULL',
        "1.1.0",
    )
    careless = step(
        3, 'ALTER TABLE "T" DROP COLUMN a', '  ALTER TABLE "T" ADD COLUMN a TEXT NOT NULL', "2.0.0"
    )
    with pytest.raises(RehearsalError) as refused:
        rehearsing((first, required, careless), ("  a String?\n", ""))
    (problem,) = refused.value.problems
    assert problem.place == "schemas/2.0.0/migrations/003_step/down.sql:1:3"
    assert "with rows of 1.0.0 in table T" in problem.message


def test_what_is_published_can_t_be_fixed_and_is_a_warning(first: Migration, rehearsing: Rehearsing) -> None:
    published = step(
        2, 'ALTER TABLE "T" DROP COLUMN n', 'ALTER TABLE "T" ADD COLUMN n BIGINT NOT NULL', "2.0.0"
    )
    third = step(3, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "2.1.0")
    found = rehearsing(
        (first, published, third), ("  n BigInt @default(0)\n", ""), ("a String?", "a String?\n  b String?")
    )
    (warning,) = found.warnings
    assert warning.message.startswith("going down from 2.0.0 to 1.0.0: 002_step fails")
    assert [trip.up_again is None for trip in found.trips] == [False, True]


def test_tables_that_take_no_rows_are_told(first: Migration, rehearsing: Rehearsing) -> None:
    closed = step(
        2, 'ALTER TABLE "T" ADD CONSTRAINT closed CHECK (id < 0 AND id > 0) NOT VALID', None, "1.0.0"
    )
    found = rehearsing((first, closed))
    (warning,) = found.warnings
    assert warning.code == "not-rehearsed-with-rows"


def test_the_history_of_every_version(
    first: Migration,
    rehearsing: Rehearsing,
    scratch_server: ScratchServer,
    bridge: PrismaBridge,
    tmp_path: Path,
) -> None:
    second = step(2, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "1.1.0")
    schema = rehearsing.schema(("a String?", "a String?\n  b String?"))
    releases = tuple(Release(version=version(v), schema_digest=v) for v in ("0.9.0", "1.0.0", "1.0.1"))
    found = rehearse(
        (first, second), schema, scratch_server, bridge, version=version("1.1.0"), releases=releases
    )
    assert [str(state.version) for state in found.history] == ["1.0.0", "1.0.1", "1.1.0"]
    old, patch, new = found.history
    assert old.objects == patch.objects != new.objects
    assert new.schema_digest == schema.digest
    this = Release(version=version("1.1.0"), schema_digest=schema.digest)
    read = read_history((first, second), (*releases, this), scratch_server.role_url, tmp_path)
    assert read == found.history


def test_a_version_without_migrations(first: Migration, rehearsing: Rehearsing) -> None:
    found = rehearse(
        (first,), rehearsing.schema(), rehearsing.server, rehearsing.bridge, version=version("1.0.1")
    )
    assert [str(state.version) for state in found.history] == ["1.0.1"]
    with pytest.raises(RehearsalError, match="nullability"):
        rehearse(
            (first,),
            rehearsing.schema(REQUIRED),
            rehearsing.server,
            rehearsing.bridge,
            version=version("1.0.1"),
        )


def test_nothing_is_left_on_a_given_server(first: Migration, rehearsing: Rehearsing) -> None:
    second = step(2, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "1.1.0")
    rehearsing((first, second), ("a String?", "a String?\n  b String?"))
    with psycopg.connect(rehearsing.server.url) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname ~ 'tmpl|scratch'").fetchall()
    assert left == []


class TestKeptServer:
    """One workspace's cache: what it spares, and what it survives."""

    @pytest.fixture
    def history(self, first: Migration) -> tuple[Migration, ...]:
        return (first, step(2, 'ALTER TABLE "T" ADD COLUMN b TEXT', NO_B, "1.1.0"))

    def rehearse(
        self, folder: Path, history: Sequence[Migration], bridge: PrismaBridge, text: str
    ) -> Rehearsal:
        schema = bridge.parse(HEAD + text)
        return on_rehearsal_server(
            None, folder, lambda server, cache: rehearse(history, schema, server, bridge, cache=cache)
        )

    def test_only_what_is_new_runs(
        self, tmp_path: Path, history: tuple[Migration, ...], bridge: PrismaBridge
    ) -> None:
        text = FIRST.replace("a String?", "a String?\n  b String?")
        cold = self.rehearse(tmp_path, history, bridge, text)
        assert [ran.id for ran in cold.migrations] == ["001_step", "002_step"]
        warm = self.rehearse(tmp_path, history, bridge, text)
        assert [ran.id for ran in warm.migrations] == ["002_step"]
        assert (warm.history, warm.trips, warm.lost) == (cold.history, cold.trips, cold.lost)
        later = (*history, step(3, 'ALTER TABLE "T" ADD COLUMN c TEXT', None, "2.0.0"))
        third = self.rehearse(tmp_path, later, bridge, text.replace("a String?", "a String?\n  c String?"))
        assert [ran.id for ran in third.migrations] == ["002_step", "003_step"]
        assert len(third.trips) == 2

    @pytest.mark.soak
    def test_a_damaged_cache_is_made_again(
        self, tmp_path: Path, history: tuple[Migration, ...], bridge: PrismaBridge
    ) -> None:
        text = FIRST.replace("a String?", "a String?\n  b String?")
        cold = self.rehearse(tmp_path, history, bridge, text)
        for damage in (
            (tmp_path / "stopped").unlink,
            lambda: (tmp_path / "data" / "global" / "pg_control").write_bytes(b"x"),
            lambda: [
                file.write_bytes(b"") for file in (tmp_path / "data" / "base").rglob("*") if file.is_file()
            ],
            lambda: [file.write_text("{}") for file in (tmp_path / "states").iterdir()],
        ):
            damage()
            again = self.rehearse(tmp_path, history, bridge, text)
            assert (again.history, again.trips) == (cold.history, cold.trips)

    def test_a_second_rehearsal_at_once_has_a_server_of_its_own(
        self, tmp_path: Path, history: tuple[Migration, ...], bridge: PrismaBridge
    ) -> None:
        text = FIRST.replace("a String?", "a String?\n  b String?")
        inner: list[Rehearsal] = []

        def work(_server: ScratchServer, cache: Path | None) -> None:
            assert cache == tmp_path
            inner.append(self.rehearse(tmp_path, history, bridge, text))

        on_rehearsal_server(None, tmp_path, work)
        assert len(inner[0].trips) == 1

    def test_a_failing_server_is_no_traceback(self, tmp_path: Path) -> None:
        def work(server: ScratchServer, _cache: Path | None) -> None:
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(ScratchServerError, match="failed"):
            on_rehearsal_server(None, tmp_path, work)

    def test_a_build_reads_what_was_rehearsed(
        self, tmp_path: Path, history: tuple[Migration, ...], bridge: PrismaBridge
    ) -> None:
        text = FIRST.replace("a String?", "a String?\n  b String?")
        rehearsed = self.rehearse(tmp_path / "one", history, bridge, text)
        this = Release(version=version("1.1.0"), schema_digest=bridge.parse(HEAD + text).digest)
        for folder in (tmp_path / "one", tmp_path / "two", tmp_path / "two"):
            assert read_history(history, (this,), None, folder) == rehearsed.history
