"""Announcements on their way to real receivers, over a state database on SQLite and on Postgres."""

from __future__ import annotations

import base64
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from standardwebhooks.webhooks import WebhookVerificationError

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue, Delivery, tables
from registry.catalogue.engine import open_engine, state_url
from registry.config.channels import Event, NotifyTable
from registry.due_note import is_due
from registry.errors import AnnouncementsBusyError
from registry.notify.events import announcement
from registry.notify.schedule import PAUSES
from registry.notify.sending import Sent, send_chosen, send_due, send_pending
from schemas.versions import SchemaVersion

from ..webhook_receiver import WebhookReceiver, webhook_receiver

NEW_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(24, 0, -1))).decode()
V1 = SchemaVersion(1, 0, 0)


class State:
    """A state database, whose announcements go to ``receiver`` as the channel ``hook``."""

    def __init__(self, url: str, root: Path, receiver: WebhookReceiver) -> None:
        self.url, self.root, self.receiver = url, root, receiver
        self.engine = open_engine(state_url(url, root))
        self.catalogue = Catalogue(self.engine, "reviews", root)
        self.notify = NotifyTable.model_validate({"webhooks": {"hook": {"url_env": "HOOK"}}})

    def announce(self, event: Event = "release.published", notify: NotifyTable | None = None) -> None:
        told = announcement(
            notify or self.notify, event, schema_name="reviews", version=V1, data={"reason": "a\u202eb"}
        )
        with self.engine.begin() as connection:
            self.catalogue.deliveries.add(connection, told)

    def send(self) -> Sent:
        return send_due(self.catalogue.deliveries, self.notify)

    def rows(self) -> tuple[Delivery, ...]:
        return self.catalogue.deliveries.all()

    def make_due(self) -> None:
        """Let the time of the next attempt come."""
        table = tables.deliveries
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.engine.begin() as connection:
            connection.execute(
                table.update().where(table.c.next_attempt_at.is_not(None)).values(next_attempt_at=past)
            )


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        monkeypatch.setenv("HOOK", running.url)
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path, receiver: WebhookReceiver) -> Iterator[State]:
    if request.param == "sqlite":
        opened = State("sqlite:///state.db", tmp_path, receiver)
        yield opened
        opened.engine.dispose()
        return
    server: ScratchServer = request.getfixturevalue("scratch_server")
    with server.new_database() as dsn:
        opened = State(dsn, tmp_path, receiver)
        yield opened
        opened.engine.dispose()


@pytest.fixture
def here(tmp_path: Path, receiver: WebhookReceiver) -> Iterator[State]:
    """On SQLite, for what doesn't depend on the database."""
    opened = State("sqlite:///state.db", tmp_path, receiver)
    yield opened
    opened.engine.dispose()


def test_every_interested_channel_is_told_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = {"url_env": "HOOK"}
    state.notify = NotifyTable.model_validate(
        {"webhooks": {"all": hook, "back": {**hook, "events": ["release.rolled_back"]}}}
    )
    state.announce()
    assert [row.channel for row in state.rows()] == ["all"]
    state.announce("release.rolled_back")
    assert is_due(state.root, datetime.now(UTC))
    assert state.send().delivered == 3
    assert not is_due(state.root, datetime.now(UTC))
    assert state.send().summary == "nothing to announce"
    assert sorted(row.state for row in state.rows()) == ["delivered"] * 3
    assert len({each.id for each in state.receiver.requests}) == 3
    first = state.receiver.requests[0].body
    assert first["type"] == "release.published"
    assert datetime.fromisoformat(first["timestamp"]).tzinfo is not None
    assert first["data"] == {"schema": "reviews", "version": "1.0.0", "reason": "a\u202eb"}


def test_what_rolls_back_is_not_announced(state: State) -> None:
    told = announcement(state.notify, "latest.moved", schema_name="reviews", version=V1, data={})
    with state.engine.connect() as connection:
        state.catalogue.deliveries.add(connection, told)
        connection.rollback()
    assert state.send().summary == "nothing to announce"
    assert state.rows() == ()


def test_a_schema_is_told_of_none_of_another_one(state: State) -> None:
    state.announce()
    other = Catalogue(state.engine, "other").deliveries
    assert other.all() == ()
    assert send_due(other, state.notify).delivered == 0


def test_signed_with_every_secret_as_the_specification_says(
    here: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.notify = NotifyTable.model_validate({"webhook_env": "HOOK", "webhook_secret_env": "HOOK_SECRETS"})
    here.announce()
    monkeypatch.setenv("HOOK_SECRETS", f"{NEW_SECRET} {OLD_SECRET}")
    assert here.send().delivered == 1
    (got,) = here.receiver.requests
    for secret in (NEW_SECRET, OLD_SECRET):
        assert got.verified(secret)["type"] == "release.published"
    with pytest.raises(WebhookVerificationError):
        got.verified("whsec_" + base64.b64encode(b"x" * 32).decode())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HOOK", "ftp://receiver.example/s3kret"),
        ("HOOK", "http://[s3kret"),
        ("HOOK", ""),
        ("HOOK_SECRETS", "s3kret"),
        ("HOOK_SECRETS", f"{NEW_SECRET} whsec_s3kret"),
        ("HOOK_SECRETS", "whsec_" + base64.b64encode(b"s3kret").decode()),
        ("HOOK_SECRETS", ""),
    ],
)
def test_what_can_not_be_used_sends_nothing_and_is_not_repeated(
    here: State, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    here.notify = NotifyTable.model_validate({"webhook_env": "HOOK", "webhook_secret_env": "HOOK_SECRETS"})
    monkeypatch.setenv("HOOK_SECRETS", NEW_SECRET)
    monkeypatch.setenv(variable, value)
    here.announce()
    sent = here.send()
    assert (sent.delivered, sent.held) == (0, 1)
    assert f"the variable {variable}" in sent.summary
    assert "s3kret" not in sent.summary
    (row,) = here.rows()
    assert (row.state, row.attempts) == ("pending", 0)
    assert here.receiver.requests == []
    assert not is_due(here.root, datetime.now(UTC)), "not each command has to look again"


def test_a_failure_is_tried_again_after_growing_pauses_for_a_day(state: State) -> None:
    state.receiver.status = 500
    state.announce()
    pauses = []
    for attempts in range(1, len(PAUSES) + 2):
        assert state.send().failed == 1
        (row,) = state.rows()
        assert (row.attempts, row.failure, row.status) == (attempts, "status 500", 500)
        if row.next_attempt_at is not None and row.attempted_at is not None:
            pauses.append(row.next_attempt_at - row.attempted_at)
            assert state.send().summary == "nothing to announce", "not before it is due"
        state.make_due()
    assert row.state == "given up"
    assert row.given_up_at is not None
    assert pauses == sorted(pauses)
    assert timedelta(days=1) <= sum(pauses, timedelta()) <= timedelta(days=1.1)
    assert state.send().summary == "nothing to announce"
    assert len(state.receiver.requests) == len(PAUSES) + 1
    state.receiver.status = 200
    sent = send_chosen(state.catalogue.deliveries, state.notify, state.rows(), wait_seconds=0)
    assert (sent.delivered, [row.state for row in state.rows()]) == (1, ["delivered"])
    assert len({each.id for each in state.receiver.requests}) == 1


def test_a_receiver_says_how_long_to_wait(here: State) -> None:
    here.receiver.status = 429
    later = datetime.now(UTC) + timedelta(hours=2)
    for value in ("7200", format_datetime(later, usegmt=True)):
        here.receiver.headers = {"Retry-After": value}
        here.announce()
        here.make_due()
        here.send()
        waits = [row.next_attempt_at for row in here.rows() if row.next_attempt_at]
        assert len(waits) == len(here.rows()), "what is behind it waits, too"
        assert all(each >= later - timedelta(minutes=1) for each in waits)
    assert len(here.receiver.requests) == 2


def test_gone_ends_it_until_somebody_sends_by_hand(state: State) -> None:
    state.receiver.status = 410
    state.announce()
    state.announce()
    assert state.send().failed == 1
    assert [row.state for row in state.rows()] == ["given up"] * 2
    state.announce()
    assert "wants no more" in state.send().summary
    assert len(state.receiver.requests) == 1
    state.receiver.status = 204
    by_hand = state.rows()[1:2]
    assert send_chosen(state.catalogue.deliveries, state.notify, by_hand, wait_seconds=0).delivered == 1
    state.announce()
    assert state.send().delivered == 1


def test_one_that_is_refused_keeps_no_other_and_a_receiver_that_fails_is_asked_once(here: State) -> None:
    for _ in range(3):
        here.announce()
    here.receiver.statuses = [422, 204, 503]
    sent = here.send()
    assert (sent.delivered, sent.failed) == (1, 2)
    assert [row.status for row in here.rows()] == [422, None, 503]
    here.announce()
    here.make_due()
    here.receiver.statuses = [503]
    assert here.send().failed == 1
    assert len(here.receiver.requests) == 4


def test_no_redirect_is_followed_and_no_answer_is_read(here: State) -> None:
    with webhook_receiver() as other:
        here.receiver.status, here.receiver.headers = 307, {"Location": other.url}
        here.announce()
        here.send()
        assert other.requests == []
    (row,) = here.rows()
    assert row.failure == "status 307: it redirects, which is not followed"


@pytest.mark.parametrize("host", ["x" * 70, "a..b", "\u200b"])
def test_a_host_that_can_not_be_one_is_a_failure(
    here: State, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("HOOK", f"http://{host}/s3kret")
    here.announce()
    sent = here.send()
    assert (sent.delivered, sent.failed) == (0, 1)
    assert "s3kret" not in f"{sent}{here.rows()}"


def test_nothing_that_is_kept_or_told_has_the_address(
    here: State, unused_port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HOOK", f"http://user:s3kret@127.0.0.1:{unused_port}/s3kret")
    here.announce()
    sent = here.send()
    assert "it can't be reached" in sent.summary
    assert "s3kret" not in f"{sent}{here.rows()}{caplog.text}"
    assert b"s3kret" not in (here.root / "state.db").read_bytes()


def _send_and_die(url: str, root: str, port_url: str) -> None:
    """Killed between the receiver's answer and the row that records it."""
    os.environ["HOOK"] = port_url
    state = State(url, Path(root), WebhookReceiver(port_url))
    deliveries = state.catalogue.deliveries
    type(deliveries).attempted = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    send_due(deliveries, state.notify)


def test_a_kill_at_any_moment_loses_nothing(state: State) -> None:
    state.announce()  # and killed before it was sent: the rows are all that there is
    start = multiprocessing.get_context("spawn")
    killed = start.Process(target=_send_and_die, args=(state.url, str(state.root), state.receiver.url))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert [row.state for row in state.rows()] == ["pending"]
    while (sent := state.send()).summary == "another process is sending what is to be announced":
        time.sleep(0.05)  # Postgres has not noticed yet that the killed one has gone, whose lock it holds
    assert sent.delivered == 1, "the one that was killed keeps nobody from sending"
    assert state.send().delivered == 0
    first, second = state.receiver.got
    assert first == second


def test_two_senders_never_send_at_once(state: State) -> None:
    state.announce()
    other = Catalogue(state.engine, "reviews").deliveries
    seen: list[Any] = []

    def meanwhile() -> None:
        seen.append(send_due(other, state.notify).summary)
        with pytest.raises(AnnouncementsBusyError):
            send_pending(other, state.notify, wait_seconds=0.2)

    state.receiver.during = meanwhile
    assert state.send().delivered == 1
    assert seen == ["another process is sending what is to be announced"]
    assert len(state.receiver.requests) == 1


def test_chat_through_apprise(here: State, monkeypatch: pytest.MonkeyPatch) -> None:
    here.notify = NotifyTable.model_validate({"chat": {"team": {"url_env": "TEAM"}}})
    told = announcement(
        here.notify,
        "release.published",
        schema_name="reviews",
        version=V1,
        data={"description": "@everyone <!here> <b>look</b>", "changelog": "# 1.0.0\n\n- New\n"},
    )
    with here.engine.begin() as connection:
        here.catalogue.deliveries.add(connection, told)
    with webhook_receiver() as chat:
        monkeypatch.setenv("TEAM", chat.url.replace("http://", "json://"))
        chat.statuses = [500]
        assert here.send().failed == 1
        assert [row.failure for row in here.rows()] == ["apprise could not deliver it"]
        here.make_due()
        assert here.send().delivered == 1
        body = chat.requests[-1].body
    assert body["title"] == "reviews 1.0.0 is published"
    assert "@everyone" not in body["message"]
    assert "<!" not in body["message"]
    assert "- New" in body["message"]
    here.announce(notify=here.notify)
    with webhook_receiver() as other, webhook_receiver() as chat:
        monkeypatch.setenv("TEAM", chat.url.replace("http://", "json://"))
        chat.status, chat.headers = 307, {"Location": other.url}
        here.send()
        assert (len(chat.requests), other.requests) == (1, [])
    monkeypatch.setenv("TEAM", "nosuch://s3kret")
    here.make_due()
    held = here.send()
    assert held.held == 1
    assert "s3kret" not in held.summary


def test_mail_through_apprise(here: State, monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
    mails: list[Any] = []

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd names it
            mails.append(envelope)
            return "250 taken"

    here.notify = NotifyTable.model_validate({"chat": {"mail": {"url_env": "MAIL"}}})
    here.announce("release.withdrawn", notify=here.notify)
    controller = Controller(Handler(), hostname="127.0.0.1", port=unused_port)
    controller.start()
    try:
        monkeypatch.setenv(
            "MAIL",
            f"mailto://127.0.0.1:{unused_port}?smtp=127.0.0.1&mode=insecure&from=releases@reviews.example"
            "&to=team@reviews.example",
        )
        assert here.send().delivered == 1
    finally:
        controller.stop()
    (mail,) = mails
    assert mail.rcpt_tos == ["team@reviews.example"]
    assert b"reviews 1.0.0 is withdrawn" in mail.content


def test_apprise_is_loaded_for_its_channels_only() -> None:
    code = (
        "import json, sys; from registry.notify.sending import channels_of; "
        "from registry.config.channels import NotifyTable; channels_of(NotifyTable(webhook_env='X')); "
        "print(json.dumps('apprise' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) is False


def test_what_an_older_tool_left_waiting_is_delivered(state: State) -> None:
    """Rows of revision 0003 have no channel: they are for the webhook that was all there was."""
    state.announce(notify=NotifyTable(webhook_env="HOOK"))
    columns = ("channel", "status", "next_attempt_at", "given_up_at")
    with state.engine.begin() as connection:
        for column in columns:
            connection.execute(sa.text(f"ALTER TABLE catalogue_deliveries DROP COLUMN {column}"))
        connection.execute(sa.text("UPDATE catalogue_revision SET version_num = '0003'"))
    upgraded = Catalogue(state.engine, "reviews").deliveries
    assert send_due(upgraded, NotifyTable(webhook_env="HOOK")).delivered == 1
