"""The catalogue on SQLite and on Postgres: what is recorded comes back, and never changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Announcement, Catalogue, NewEvent, PublishedArtifact, PublishedVersion
from registry.catalogue.access import SCOPES, Writer
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.facts.events import LATEST_MOVED, PUBLISHED, RESTORED, WITHDRAWN
from registry.catalogue.runs import NewRun
from registry.errors import (
    CatalogueError,
    ImmutableVersionError,
    RunStateError,
    SettingsError,
    TokenError,
)
from registry.versions.log import version_log
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.workspace import Workspace


def published(version: str, *, digest: str = "a" * 64, number: int = 1) -> PublishedVersion:
    parsed = SchemaVersion.parse(version)
    artifact = PublishedArtifact(
        language="python",
        kind="wheel",
        name="schema-client",
        version=parsed.pep440,
        filename=f"schema_client-{parsed.pep440}-py3-none-any.whl",
        sha256="b" * 64,
        size=1234,
    )
    migration = Migration(number=number, name="init", version=parsed, up="SELECT 1;", down=None)
    return PublishedVersion(
        version=parsed,
        description='a "first" version',
        author=None,
        schema_text="// schema\n",
        schema_digest="c" * 64,
        input_digest=digest,
        changelog="# 1.0.0\n",
        published_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        published_by="somebody",
        migrations=(migration,),
        artifacts=(artifact,),
    )


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///state.db"
        return
    server: ScratchServer = request.getfixturevalue("scratch_server")
    with server.new_database() as dsn:
        yield dsn


@pytest.fixture
def catalogue(state: str, tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue.open(state, root=tmp_path, schema_name="schema")
    yield opened
    opened.close()


def test_an_empty_catalogue_knows_nothing(catalogue: Catalogue) -> None:
    assert catalogue.versions() == ()
    assert catalogue.latest() is None
    assert catalogue.find(SchemaVersion.parse("1.0.0")) is None


def test_what_was_recorded_comes_back(catalogue: Catalogue) -> None:
    first = published("1.0.0")
    catalogue.record(first, latest=first.version)
    assert catalogue.find(first.version) == first
    assert catalogue.latest() == first.version


def test_partial_types_are_kept_with_their_version(catalogue: Catalogue, state: str, tmp_path: Path) -> None:
    first = replace(published("1.0.0"), partial_types="# é\n")
    catalogue.record(first, latest=first.version)
    second = published("1.1.0", number=2)
    catalogue.record(second, latest=second.version)
    assert catalogue.find(first.version) == first
    assert [each.partial_types for v in catalogue.versions() if (each := catalogue.find(v))] == ["# é\n", ""]


def test_versions_are_in_semver_order_and_latest_is_what_was_said(catalogue: Catalogue) -> None:
    for number, text in enumerate(("1.10.0", "1.9.0", "2.0.0-rc.1"), start=1):
        catalogue.record(published(text, number=number), latest=SchemaVersion.parse("1.10.0"))
    assert [str(version) for version in catalogue.versions()] == ["1.9.0", "1.10.0", "2.0.0-rc.1"]
    assert str(catalogue.latest()) == "1.10.0"


def test_latest_may_be_a_version_that_another_catalogue_has(catalogue: Catalogue) -> None:
    newest, back_port = published("2.0.0", number=2), published("1.0.1")
    catalogue.record(back_port, latest=newest.version)
    assert catalogue.latest() == newest.version
    assert catalogue.versions() == (back_port.version,)
    catalogue.record(newest, latest=newest.version)
    assert catalogue.latest() == newest.version
    newer = SchemaVersion.parse("2.0.1")
    catalogue.record(newest, latest=newer)
    assert catalogue.latest() == newer


def test_the_feed_and_the_log_have_what_was_said_since(catalogue: Catalogue, tmp_path: Path) -> None:
    first, second = published("1.0.0"), published("1.1.0", number=2)
    catalogue.record(first, latest=first.version)
    catalogue.stage(second)
    (only,) = catalogue.release_log.newest(1)
    assert (only.version, only.updated_at) == (first.version, first.published_at)
    assert (only.withdrawn, only.is_corrected) == (None, False)
    catalogue.record(second, latest=second.version)
    found = {each.version: each for each in catalogue.release_log.newest(5)}
    assert found[second.version].updated_at == catalogue.events.all()[-1].created_at
    catalogue.corrections.add(first.version, {"description": "Better."}, by="somebody")
    for event, withdrawn in ((WITHDRAWN, "slow"), (RESTORED, None)):
        new = NewEvent(event=event, version=first.version, details={"reason": "slow"} if withdrawn else {})
        (done,) = catalogue.events.begin([new], latest=None)
        found = {each.version: each for each in catalogue.release_log.newest(5)}
        logged = found[first.version]
        assert (logged.withdrawn, logged.updated_at) == (withdrawn, done.created_at)
        assert (logged.description, logged.is_corrected) == ("Better.", True)
    (tmp_path / "schema-service.toml").write_text('name = "schema"\n')
    assert [
        (str(each.version), each.what, each.text) for each in version_log(Workspace(tmp_path), catalogue)
    ] == [
        ("1.0.0", "restored", ""),
        ("1.0.0", "withdrawn", "slow"),
        ("1.0.0", "corrected", "the description"),
        ("1.1.0", "promoted", ""),
        ("1.1.0", "pushed", second.description),
        ("1.0.0", "published", "Better. (corrected)"),
    ]


def test_recording_again_is_fine_but_other_content_is_refused(catalogue: Catalogue) -> None:
    first = published("1.0.0")
    catalogue.record(first, latest=first.version)
    catalogue.record(first, latest=first.version)
    with pytest.raises(ImmutableVersionError) as caught:
        catalogue.record(replace(first, input_digest="f" * 64), latest=first.version)
    assert "1.0.0" in caught.value.problems[0].message
    assert catalogue.find(first.version) == first


def test_migrations_up_to_a_version_leave_out_later_ones(catalogue: Catalogue) -> None:
    newest = published("2.0.0", number=2)
    catalogue.record(newest, latest=newest.version)
    catalogue.record(published("1.0.0", number=1), latest=newest.version)
    up_to_one = catalogue.migrations_up_to(SchemaVersion.parse("1.0.0"))
    up_to_two = catalogue.migrations_up_to(SchemaVersion.parse("2.0.0"))
    assert [migration.number for migration in up_to_one] == [1]
    assert [migration.number for migration in up_to_two] == [1, 2]


def test_two_schemas_share_one_state_without_meeting(state: str, tmp_path: Path) -> None:
    billing = Catalogue.open(state, root=tmp_path, schema_name="billing")
    users = Catalogue.open(state, root=tmp_path, schema_name="users")
    first = published("1.0.0")
    billing.record(first, latest=first.version)
    assert users.versions() == ()
    users.record(published("1.0.0", digest="d" * 64), latest=first.version)
    found = billing.find(SchemaVersion.parse("1.0.0"))
    assert found is not None
    assert found.input_digest == "a" * 64
    billing.close()
    users.close()


def test_a_database_that_is_down_is_a_service_failure_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.open(
            "postgresql://someone:hunter2@127.0.0.1:1/none?connect_timeout=2",
            root=tmp_path,
            schema_name="schema",
        )
    assert caught.value.exit_code == 3
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://user:hunter2@db/x", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Catalogue.open(url, root=tmp_path, schema_name="schema")
    assert "hunter2" not in str(caught.value)


def test_events_tell_what_is_withdrawn_what_was_decided_and_what_is_left_to_do(catalogue: Catalogue) -> None:
    first, second = published("1.0.0"), published("1.1.0", digest="d" * 64, number=2)
    for each in (first, second):
        catalogue.record(each, latest=each.version)
    events = catalogue.events
    assert (events.decision(), events.withdrawn(), events.unfinished()) == (None, {}, ())
    moved = NewEvent(event=LATEST_MOVED, version=first.version, decision=1)
    withdrawn = NewEvent(event=WITHDRAWN, version=second.version, details={"reason": "loses rows"})
    begun = events.begin([moved, withdrawn], latest=first.version)
    assert [event.number for event in begun] == [3, 4], "after the two that tell of the releases"
    assert events.unfinished() == begun
    assert (catalogue.latest(), events.decision()) == (first.version, 1)
    assert events.withdrawn() == {second.version: "loses rows"}
    events.finish(begun, [Announcement(event=WITHDRAWN, version=second.version, body={}, channels=("hook",))])
    assert events.unfinished() == ()
    assert [delivery.event for delivery in catalogue.deliveries.pending()] == [WITHDRAWN]
    events.adopt([NewEvent(event=RESTORED, version=second.version)], latest=None)
    assert events.withdrawn() == {}
    assert catalogue.latest() == first.version
    last = events.all()[-1]
    assert (last.created_by, last.finished_at is not None) == ("the registries", True)
    assert last.created_at.tzinfo is not None


def test_drafts_have_numbers_of_their_own(catalogue: Catalogue) -> None:
    drafts, version = catalogue.drafts, SchemaVersion.parse("1.1.0")
    one, other, third = ("a" * 64, "b" * 64, "c" * 64)
    assert drafts.reserve(version, one, []) == 1
    assert drafts.reserve(version, other, []) == 1, "nothing of it was uploaded"
    assert drafts.reserve(version, other, [1]) == 1, "its own upload was cut short"
    assert drafts.all() == ()
    artifacts = published("1.0.0").artifacts
    drafts.complete(version, 1, artifacts, by="somebody")
    (draft,) = drafts.all()
    assert (str(draft.number), draft.number.pep440) == ("1.1.0-dev.1", "1.1.0.dev1")
    assert (draft.version, draft.artifacts, draft.published_by) == (version, artifacts, "somebody")
    assert drafts.reserve(version, other, [1]) == 1
    assert drafts.reserve(version, one, [1]) == 2
    assert drafts.reserve(version, third, [1, 2, 7]) == 8, "another machine has uploaded 7"
    assert drafts.reserve(SchemaVersion.parse("1.2.0"), one, []) == 1
    assert drafts.find(version, 1) == draft
    assert drafts.find(version, 2) is None
    assert catalogue.versions() == ()
    assert catalogue.package_versions("schema-client") == frozenset()
    assert catalogue.migrations_up_to(version) == ()


def test_a_version_that_waits_is_a_version_and_not_latest(catalogue: Catalogue) -> None:
    first, second = published("1.0.0"), published("1.1.0", number=2)
    catalogue.stage(first)
    catalogue.stage(first)
    assert (catalogue.latest(), catalogue.versions()) == (None, (first.version,))
    assert catalogue.staged.all() == {first.version}
    announcement = Announcement(event=PUBLISHED, version=first.version, body={}, channels=("hook",))
    for _ in range(2):  # a resumed release does it again
        catalogue.record(first, latest=first.version, announcement=announcement)
    assert (catalogue.latest(), catalogue.staged.all()) == (first.version, frozenset())
    assert len(catalogue.deliveries.all()) == 1
    catalogue.stage(first)
    assert catalogue.staged.all() == frozenset(), "what is promoted stays so"
    catalogue.stage(second)
    assert catalogue.latest() == first.version
    with pytest.raises(ImmutableVersionError):
        catalogue.stage(replace(second, input_digest="d" * 64))


def test_a_run_has_one_worker_and_keeps_its_events_in_order(catalogue: Catalogue) -> None:
    runs, by = catalogue.runs, Writer(who="somebody", origin="here")
    new = NewRun(
        database="main",
        direction="up",
        target=SchemaVersion.parse("1.0.0"),
        dry_run=False,
        allow_data_loss=False,
    )
    first, second = runs.add(new, by), runs.add(new, by)
    assert runs.find(first.id) == first
    assert [run.id for run in runs.active()] == [first.id, second.id]
    with runs.only_worker("main") as is_ours, runs.only_worker("main") as is_theirs:
        assert (is_ours, is_theirs) == (True, False)
        begun = runs.begin(first.id, "a worker")
        assert begun is not None
        assert begun.started_at is not None
        assert abs(begun.started_at - begun.created_at) < timedelta(minutes=5)
        # Two threads of the runner tell what happens.
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: runs.note(begun, {"event": "progress", "n": n}), range(12)))
        runs.give_back(begun, "stopped")
        again = runs.begin(first.id, "another")
        assert again is not None
        assert (again.attempt, again.started_at) == (2, begun.started_at)
        runs.finish(again, "failed", {"problems": []})
    assert runs.begin(first.id, "late") is None
    events = runs.events(first.id)
    assert [event.seq for event in events] == list(range(1, 18))
    assert [event.event["event"] for event in events[-2:]] == ["run_started", "run_finished"]
    assert [event.seq for event in runs.events(first.id, after=15)] == [16, 17]
    assert runs.retry(first.id, by).state == "queued"
    with pytest.raises(RunStateError):
        runs.retry(second.id, by)
    assert runs.cancel(second.id, by).state == "cancelled"
    with pytest.raises(RunStateError):
        runs.cancel(second.id, by)
    assert [entry.what.partition(": ")[2] for entry in catalogue.access.audit(9)] == [
        "cancel",
        "retry",
        "migrate main --to 1.0.0",
        "migrate main --to 1.0.0",
    ]


def test_a_token_is_valid_until_it_expires_or_is_revoked(catalogue: Catalogue) -> None:
    access, by = catalogue.access, Writer(who="somebody", origin="here")
    now = datetime.now(UTC)
    old = access.create("old", "admin", expires_at=now - timedelta(seconds=1), by=by)
    assert not access.has_valid()
    text = access.create("ci", "migrate", expires_at=now + timedelta(days=1), by=by)
    assert access.used(old) is None
    used = access.used(text)
    assert used is not None
    assert [used.permits(scope) for scope in SCOPES] == [True, False, True, False]
    assert [token.last_used_at is not None for token in access.tokens()] == [True, False]
    assert access.has_valid()
    access.revoke("ci", by=by)
    assert access.used(text) is None
    for refused in (
        lambda: access.revoke("ci", by=by),
        lambda: access.create("ci", "read", expires_at=None, by=by),
    ):
        with pytest.raises(TokenError):
            refused()
    log = access.audit(9)
    assert [entry.what for entry in log] == [
        "token revoke ci",
        "token create ci --scope migrate",
        "token create old --scope admin",
    ]
    pages = [access.audit(2), access.audit(2, before=log[1].id), access.audit(2, before=log[2].id)]
    assert pages == [log[:2], log[2:], ()]


def test_what_a_token_is_limited_to(catalogue: Catalogue) -> None:
    access, by = catalogue.access, Writer(who="somebody", origin="here")
    other = access.of("other")
    limits = {"own": (), "two": (access.schema_name, "other"), "all": ("*",), "others": ("other",)}
    texts = {
        name: access.create(name, "publish", "migrate", "read", expires_at=None, by=by, schemas=schemas)
        for name, schemas in limits.items()
    }
    assert [name for name, text in texts.items() if access.used(text)] == ["own", "two", "all"]
    assert [name for name, text in texts.items() if other.used(text)] == ["two", "all", "others"]
    used = access.used(texts["own"])
    assert used is not None
    assert (used.scopes, used.labels) == (("publish", "migrate"), None)
    labelled = access.used(access.create("eu", "admin", expires_at=None, by=by, labels=("eu", "us")))
    assert labelled is not None
    assert (labelled.labels, labelled.permits("publish")) == (("eu", "us"), True)
    assert access.audit(1)[0].what == "token create eu --scope admin --label eu --label us"


def test_the_audit_log_can_only_grow(state: str, tmp_path: Path) -> None:
    engine = open_engine(state_url(state, tmp_path))
    access = Catalogue(engine, "reviews").access
    access.create("ci", "migrate", expires_at=None, by=Writer(who="somebody", origin="here"))
    for statement in ("DELETE FROM catalogue_audit", "UPDATE catalogue_audit SET who = 'x'"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert [entry.who for entry in access.audit(9)] == ["somebody"]
    engine.dispose()


def test_workers_are_known_while_they_say_that_they_live(catalogue: Catalogue) -> None:
    catalogue.operation.check()
    for name in ("b:2", "a:1", "b:2"):
        catalogue.workers.beat(name, "here")
    assert [worker.name for worker in catalogue.workers.alive()] == ["a:1", "b:2"]
    catalogue.workers.leave("a:1")
    assert [worker.name for worker in catalogue.workers.alive()] == ["b:2"]


def test_a_timeout_that_is_too_short_is_told_as_that(tmp_path: Path, scratch_server: ScratchServer) -> None:
    with scratch_server.new_database() as dsn:
        short = f"{dsn}{'&' if '?' in dsn else '?'}options=-c%20lock_timeout%3D50ms"
        opened = Catalogue.open(short, root=tmp_path, schema_name="reviews")
        with psycopg.connect(dsn) as blocker:
            blocker.execute("LOCK catalogue_versions")
            with pytest.raises(CatalogueError) as ended:
                opened.versions()
        opened.close()
    (problem,) = ended.value.problems
    assert problem.code == "catalogue-timeout"
    assert "lock timeout" in problem.message
    assert "SET lock_timeout = 0" in problem.fix
