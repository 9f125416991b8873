"""``check`` rehearses what passes its other checks, once for each content; a release takes its result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from migrations.errors import ScratchServerError
from migrations.rehearsal import server
from registry.catalogue import Catalogue, PublishedVersion
from registry.config.settings import StateTable, load_settings
from registry.release.context import ReleaseContext
from registry.release.steps import rehearse
from registry.release.workspace_snapshot import take_snapshot
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ....command_line import CommandLine


@pytest.fixture
def without_a_server(cli: CommandLine) -> Callable[[], None]:
    """Called, it lets every rehearsal fail from then on."""

    def fails(*_arguments: object) -> None:
        raise ScratchServerError(Problem(code="no-scratch-server", message="there is none", fix="-"))

    def stop() -> None:
        cli.monkeypatch.setattr(server, "on_rehearsal_server", fails)

    return stop


def test_a_release_takes_the_rehearsal_that_check_made(
    cli: CommandLine, bridge: PrismaBridge, without_a_server: Callable[[], None]
) -> None:
    cli.with_workspace(sample=True)
    assert cli.run("check", "1.0.0").exit_code == 0
    first = cli.run("check", "2.0.0", "--json").document
    report = first["rehearsals"]["2.0.0"]
    assert report["is_kept"] is False
    assert report["summary"].endswith("with rows from 1.0.0, 1.1.0")
    assert first["problems"] == []
    without_a_server()
    again = cli.run("check", "2.0.0")
    assert again.exit_code == 0
    assert again.output.startswith(f"2.0.0: rehearsed earlier: {report['summary']}\n  going up loses")
    assert again.output.endswith("2.0.0: valid\n")
    assert cli.run("build", "2.0.0", "--out", "built").exit_code == 0

    workspace, settings = Workspace(cli.folder), load_settings(cli.folder)
    with closing(Catalogue.open("sqlite:///state.db", root=cli.folder, schema_name="shop")) as catalogue:
        context = ReleaseContext(
            root=cli.folder,
            settings=settings,
            catalogue=catalogue,
            bridge=bridge,
            publishers={},
            rehearsal_url=None,
            webhook_url=None,
        )
        source = workspace.load(SchemaVersion.parse("1.0.0"))
        snapshot = take_snapshot(workspace, source, settings, catalogue, bridge)
        result = rehearse.run(context, snapshot, {})
        assert result["summary"].endswith("from an empty database (found earlier, for the same content)")
        assert {"migrations", "fingerprint", "trips"} <= result.keys()
        context.end_work_ahead()
        other = replace(snapshot, schema_text=f"{snapshot.schema_text}\n")
        with pytest.raises(ScratchServerError):
            rehearse.run(context, other, {})


def test_what_only_running_shows_is_told_by_check_and_not_by_a_quick_one(
    cli: CommandLine, without_a_server: Callable[[], None]
) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    script = cli.folder / "schemas/1.0.0/migrations/001_init/up.sql"
    written = script.read_text()

    def told(*options: str) -> list[str]:
        document = cli.run("check", "--json", *options).document
        assert document["ok"] is (not document["problems"])
        return [problem["code"] for problem in document["problems"]]

    script.write_text(f"{written}\nSELECT 1 / 0;\n")
    assert told("--quick") == []
    assert told() == ["migration-failed"]
    script.write_text(written.replace("DEFAULT CURRENT_TIMESTAMP", "DEFAULT '2026-01-01'"))
    assert told() == ["drift"]
    without_a_server()
    assert told() == ["drift"]
    script.write_text(f"{written}\nSELECT 1 / 0;\n")
    assert cli.refused("check", exit_code=3).codes == ["no-scratch-server"]
    assert told("--quick") == []


def test_check_asks_the_shared_state_database_what_others_have_published(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.run("migration", "new", "init")
    settings = cli.folder / "schema-service.toml"
    plain = settings.read_text()
    assert StateTable().url in plain

    def problems(url: str) -> list[tuple[str, str]]:
        settings.write_text(plain.replace(StateTable().url, url))
        found = cli.run("check", "--quick", "--json").document["problems"]
        return [(each["code"], each["severity"]) for each in found]

    assert problems("sqlite:///shared.db") == []
    assert not (cli.folder / "shared.db").exists()
    assert problems("postgresql://nobody@127.0.0.1:1/none") == [("published-unknown", "warning")]
    source = Workspace(cli.folder).load(SchemaVersion.parse("1.0.0"))
    later = replace(source.migrations[0], number=0, version=SchemaVersion.parse("2.0.0"))
    edited = replace(source.migrations[0], up="SELECT 1;")
    with closing(Catalogue.open("sqlite:///shared.db", root=cli.folder, schema_name="shop")) as catalogue:
        for version, migration in (("2.0.0", later), ("1.0.0", edited)):
            published = PublishedVersion(
                version=SchemaVersion.parse(version),
                description="",
                author=None,
                schema_text=source.schema_text,
                schema_digest="b" * 64,
                input_digest="another",
                changelog="",
                published_at=datetime(2026, 1, 1, tzinfo=UTC),
                published_by="somebody",
                migrations=(migration,),
                artifacts=(),
            )
            catalogue.record(published, latest=published.version)
    assert set(problems("sqlite:///shared.db")) == {
        ("version-is-immutable", "error"),
        ("later-migrations", "error"),
        ("published-migration-edited", "error"),
    }
    assert cli.refused("publish", "1.0.0").codes == ["version-is-immutable"]
