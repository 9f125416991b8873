"""What commands do with announcements: send what is due, show it, write the feed. And the page about it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from registry.catalogue import Attempt, Catalogue, Deliveries, PublishedVersion
from registry.catalogue.engine import open_engine, state_url
from registry.config.channels import EVENTS
from registry.config.settings import load_settings
from registry.due_note import is_due
from registry.notify.events import announcement
from registry.notify.feed import feed_id
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

from ....documented_page import blocks, commands
from ..release_kit import COMMAND, Team
from ..webhook_receiver import WebhookReceiver, webhook_receiver

_V1 = SchemaVersion(1, 0, 0)
_ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def team(tmp_path: Path, receiver: WebhookReceiver) -> Team:
    """A workspace in which 1.0.0 is recorded as published, and its announcement waits."""
    root = tmp_path / "workspace"
    create_workspace(root, name="reviews", sample=False)
    team = Team(root, "reviews", {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV": "HOOK", "HOOK": receiver.url})
    announce(team)
    return team


def open_catalogue(team: Team) -> Catalogue:
    return Catalogue.open("sqlite:///.schema-service/state.db", root=team.root, schema_name="reviews")


def announce(team: Team) -> None:
    now = datetime.now(UTC)
    published = PublishedVersion(
        version=_V1,
        description="Stars & ratings",
        author=None,
        schema_text="",
        schema_digest="0" * 64,
        input_digest="0" * 64,
        changelog="# 1.0.0\n",
        published_at=now,
        published_by="ci",
        migrations=(),
        artifacts=(),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV", "HOOK")
        notify = load_settings(team.root).notify
    told = announcement(notify, "release.published", schema_name="reviews", version=_V1, data={})
    catalogue = open_catalogue(team)
    catalogue.record(published, latest=_V1, announcement=told)
    catalogue.close()


def postpone(team: Team, by: timedelta) -> None:
    """As after a failure."""
    catalogue = open_catalogue(team)
    found = catalogue.deliveries
    now = datetime.now(UTC)
    found.attempted(found.all()[0].id, Attempt(at=now, failure="status 500", status=500, next_at=now + by))
    found.note_next()
    catalogue.close()


@pytest.mark.parametrize("command", [["versions", "--json"], ["new", "1.1.0"]])
def test_the_next_command_sends_what_is_due_and_nothing_else(
    team: Team, receiver: WebhookReceiver, command: list[str]
) -> None:
    postpone(team, timedelta(hours=1))
    assert team.run("versions").errors == ""
    assert receiver.requests == []
    postpone(team, timedelta(seconds=-1))
    done = team.run(*command)
    assert done.exit_code == 0
    assert "What was due: 1 announcement delivered." in done.errors
    assert "announce" not in done.output
    assert receiver.versions == ["1.0.0"]
    assert team.run("versions").errors == ""


def test_a_receiver_that_is_down_stops_no_command_and_is_not_asked_by_each(
    team: Team, receiver: WebhookReceiver
) -> None:
    receiver.status = 503
    for _ in range(3):
        done = team.run("versions")
        assert (done.exit_code, done.errors) == (0, "")
    assert len(receiver.requests) == 1


def test_what_another_machine_has_sent_is_looked_for_once(team: Team) -> None:
    engine = open_engine(state_url("sqlite:///.schema-service/state.db", team.root))
    elsewhere = Deliveries(engine, "reviews")
    elsewhere.attempted(elsewhere.all()[0].id, Attempt(at=datetime.now(UTC)))
    engine.dispose()
    assert is_due(team.root, datetime.now(UTC)), "nobody has said so here"
    assert team.run("versions").errors == ""
    assert not is_due(team.root, datetime.now(UTC))


def test_without_channels_nothing_is_looked_for_by_each_command(team: Team) -> None:
    without = Team(team.root, team.name)
    assert without.run("versions").errors == ""
    assert not is_due(team.root, datetime.now(UTC))
    assert is_due(team.root, datetime.now(UTC) + timedelta(minutes=2))


def test_what_waits_is_shown_without_trying(team: Team, receiver: WebhookReceiver) -> None:
    assert "webhook  release.published 1.0.0" in team.run("deliveries").output
    (waiting,) = team.run("deliveries", "--json").document["deliveries"]
    assert (waiting["state"], waiting["attempts"], waiting["failure"]) == ("pending", 0, None)
    postpone(team, timedelta(hours=1))
    assert "pending after 1 attempt: status 500; next 20" in team.run("deliveries").output
    elsewhere = Team(team.root, team.name)
    assert "pending; [notify] has no such channel" in elsewhere.run("deliveries").output
    assert receiver.requests == []
    receiver.status = 410
    assert team.run("deliveries", "--send").exit_code == 3
    assert "given up after 2 attempts: status 410" in team.run("deliveries").output
    for chosen, count in (
        (("--state", "given-up", "--channel", "webhook", "--version", "1.0.0"), 1),
        (("--state", "pending"), 0),
        (("--state", "given-up", "--version", "2.0.0"), 0),
        (("--channel", "webhook"), 1),
    ):
        assert len(team.run("deliveries", *chosen, "--json").document["deliveries"]) == count, chosen
    assert "No announcement is like that." in team.run("deliveries", "--state", "delivered").output
    (unknown,) = team.run("deliveries", "--channel", "webhok", "--json").document["problems"]
    assert (unknown["code"], unknown["fix"]) == ("unknown-channel", "name one of: webhook")
    # What was given up is sent again where it is asked for, and not by a filter alone.
    asked = len(receiver.requests)
    assert team.run("deliveries", "--send", "--channel", "webhook").exit_code == 0
    assert len(receiver.requests) == asked
    assert team.run("deliveries", "--send", "--state", "given-up").exit_code == 3
    assert len(receiver.requests) == asked + 1


def test_serve_sends_in_the_background(team: Team, receiver: WebhookReceiver, unused_port: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--json", "--port", str(unused_port)],
        cwd=team.root,
        env={**os.environ, **team.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["ok"]
            assert receiver.waited_for(1)
        finally:
            process.kill()
    assert receiver.versions == ["1.0.0"]


def test_the_feed_is_written_and_replaced_and_nothing_else_is(team: Team) -> None:
    for _ in range(2):
        written = team.run("feed", "releases.atom", "--json").document
        assert written == {"ok": True, "file": "releases.atom", "entries": 1}
    feed = ElementTree.parse(team.root / "releases.atom").getroot()
    assert feed.findtext(f"{_ATOM}id") == feed_id("reviews")
    before = (team.root / "schema-service.toml").read_bytes()
    refused = team.run("feed", "schema-service.toml", "--json")
    assert (refused.exit_code, refused.document["problems"][0]["code"]) == (1, "not-a-feed")
    assert (team.root / "schema-service.toml").read_bytes() == before
    assert team.run("feed", "no/such/folder.atom").exit_code == 1


def test_the_page_on_notifications(team: Team, receiver: WebhookReceiver) -> None:
    page = "notifications.md"
    toml = (team.root / "schema-service.toml").read_text()
    for block in blocks(page, "toml"):
        (team.root / "schema-service.toml").write_text(f"{toml}\n{block}")
        assert load_settings(team.root).notify.channels
    (team.root / "schema-service.toml").write_text(toml)
    make_secret, *shown = commands(page)
    secret = subprocess.run(["bash", "-c", make_secret], capture_output=True, text=True, check=True).stdout
    signed = {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_SECRET_ENV": "SECRETS", "SECRETS": secret}
    (delivery,) = team.run("deliveries", "--json").document["deliveries"]
    for line in shown:
        program, *arguments = line.replace("msg_…", delivery["id"]).split()
        assert program == "schema-service"
        done = team.run(*arguments, **signed)
        assert done.exit_code == 0, done.errors
    assert (team.root / "releases.atom").is_file()
    scope: dict[str, Any] = {}
    (program,) = blocks(page, "python")
    exec(program, scope)
    got = receiver.requests[-1]
    read = scope["event"](got.content, dict(got.headers), secret.strip())
    (example,) = (json.loads(block) for block in blocks(page, "json"))
    assert read.keys() == example.keys()
    text = (Path(__file__).parents[4] / "docs" / page).read_text()
    assert all(f"`{event}`" in text for event in EVENTS)
