"""Triggers and functions that name what a migration renames or drops: found by running and reading them."""

from __future__ import annotations

import pytest

from migrations.errors import RehearsalError
from migrations.planner.plan import plan
from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
BEFORE = HEAD + "model Review {\n  id Int @id\n  stars Int\n  note String?\n}\nmodel Log {\n  id Int @id\n}\n"
RENAME = 'ALTER TABLE "Review" RENAME stars TO rating; ALTER TABLE "Log" RENAME TO "Entry"; '
RENAME += 'ALTER TABLE "Entry" RENAME CONSTRAINT "Log_pkey" TO "Entry_pkey"'
RENAME_BACK = 'ALTER TABLE "Entry" RENAME CONSTRAINT "Entry_pkey" TO "Log_pkey"; '
RENAME_BACK += 'ALTER TABLE "Entry" RENAME TO "Log"; ALTER TABLE "Review" RENAME rating TO stars'
AFTER = BEFORE.replace("stars", "rating").replace("Log", "Entry")


def trigger(event: str, body: str) -> str:
    row = "OLD" if "DELETE" in event else "NEW"
    return (
        f"CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$; "
        f'CREATE TRIGGER touch {event} ON "Review" FOR EACH ROW EXECUTE FUNCTION touch();'
    )


FUNCTION = "CREATE FUNCTION best() RETURNS bigint LANGUAGE {} AS $$ {} $$;"


@pytest.fixture
def rehearsed(bridge: PrismaBridge, scratch_server: ScratchServer) -> object:
    """Rehearses the renames after code was written."""
    start = plan(None, bridge.parse(BEFORE), bridge)

    def run(code: str, up: str = "", down: str = "") -> Rehearsal:
        history = (
            _migration(1, start.up, start.down, "1.0.0"),
            _migration(2, code, None, "1.0.0"),
            _migration(3, f"{RENAME}; {up}", f"{down} {RENAME_BACK}", "2.0.0"),
        )
        return rehearse(history, bridge.parse(AFTER), scratch_server, bridge)

    return run


def _migration(number: int, up: str, down: str | None, version: str) -> Migration:
    return Migration(number=number, name="m", version=SchemaVersion.parse(version), up=up, down=down)


@pytest.mark.parametrize(
    ("code", "fails"),
    [
        (trigger("BEFORE UPDATE", "NEW.stars := NEW.stars;"), 'UPDATE of "Review"'),
        (trigger("AFTER INSERT", 'PERFORM 1 FROM "Review" WHERE stars = 1;'), 'INSERT into "Review"'),
        (trigger("AFTER DELETE", "PERFORM OLD.stars;"), 'DELETE from "Review"'),
        (trigger("AFTER UPDATE OF note", """EXECUTE 'SELECT FROM "L' || 'og"';"""), 'UPDATE of "Review"'),
        (FUNCTION.format("sql", 'SELECT max(stars) FROM "Review"'), "function best()"),
        (
            FUNCTION.format("plpgsql", 'BEGIN RETURN (SELECT max(stars) FROM "Review"); END'),
            "function best()",
        ),
    ],
    ids=["update", "insert", "delete", "dynamic", "sql", "plpgsql"],
)
def test_code_that_a_rename_breaks_is_refused(rehearsed: object, code: str, fails: str) -> None:
    assert callable(rehearsed)
    with pytest.raises(RehearsalError) as refused:
        rehearsed(code)
    (problem,) = refused.value.problems
    assert problem.code == "code-fails"
    assert problem.message.startswith(f"after upgrading to 2.0.0, {fails} fails: ")
    assert "stars" in problem.message or "Log" in problem.message


def test_code_that_is_written_anew_or_was_broken_or_follows_passes(rehearsed: object) -> None:
    assert callable(rehearsed)
    old = trigger("BEFORE UPDATE", "NEW.stars := NEW.stars;")
    anew = "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $${}$$;"
    refusing = trigger("BEFORE DELETE", "RAISE 'keep it';").replace("touch", "keep")
    follows = 'CREATE FUNCTION parsed() RETURNS bigint BEGIN ATOMIC SELECT max(stars) FROM "Review"; END;'
    view = 'CREATE VIEW v AS SELECT stars FROM "Review" WHERE stars > 1;'
    ending = FUNCTION.replace("best", "end_all").format(
        "plpgsql", "BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN 1; END"
    )
    ending += FUNCTION.replace("best", "tidy_up").format("plpgsql", "BEGIN RETURN end_all(); END")
    broken = "CREATE FUNCTION broken() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN no_such(); END $$;"
    found = rehearsed(
        old + refusing + follows + view + broken + ending,
        anew.format(" BEGIN NEW.rating := NEW.rating; RETURN NEW; END "),
        anew.format(" BEGIN NEW.stars := NEW.stars; RETURN NEW; END "),
    )
    assert found.warnings == ()


def test_names_that_no_call_gets_to_are_a_warning(rehearsed: object) -> None:
    assert callable(rehearsed)
    code = FUNCTION.format("plpgsql", 'BEGIN IF false THEN DELETE FROM "Log"; END IF; RETURN 1; END')
    code += trigger("BEFORE UPDATE", "IF NEW.id = 7007 THEN NEW.stars := 1; END IF;")
    code += FUNCTION.replace("best", "other").format("plpgsql", "DECLARE stars int; BEGIN RETURN 1; END")
    found = rehearsed(code)
    assert {warning.code for warning in found.warnings} == {"stale-name"}
    assert sorted(warning.message for warning in found.warnings) == [
        'after upgrading to 2.0.0, function best() still names "Log", which is now "Entry"',
        'after upgrading to 2.0.0, function touch() still names "stars", which is now "rating"',
    ]
