"""[notify] in schema-service.toml: channels by name, their secrets by the name of a place only."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config.settings import Settings, load_settings
from registry.errors import SettingsError

_SECRET = "https://hooks.example/T0/s3kret"


def load(folder: Path, text: str) -> Settings:
    (folder / "schema-service.toml").write_text(f'name = "reviews"\n{text}', encoding="utf-8")
    return load_settings(folder)


def test_each_channel_gets_the_events_that_it_wants(tmp_path: Path) -> None:
    notify = load(
        tmp_path,
        '[notify]\nwebhook_env = "HOOK"\nwebhook_secret_env = "HOOK_SECRETS"\n'
        '[notify.webhooks.deploy]\nurl_env = "DEPLOY"\nsecret_keyring = "deploy"\n'
        'events = ["release.published", "release.rolled_back"]\n'
        '[notify.chat.team]\nurl_keyring = "team"\nevents = ["release.withdrawn"]\n',
    ).notify
    assert notify.interested("release.published") == ("webhook", "deploy")
    assert notify.interested("release.withdrawn") == ("webhook", "team")
    assert notify.interested("run.failed") == ("webhook",)


def test_channels_can_be_set_by_variables_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_NOTIFY__CHAT__TEAM__URL_ENV", "TEAM_CHAT")
    monkeypatch.setenv("SCHEMA_SERVICE_NOTIFY__CHAT__TEAM__EVENTS", "latest.moved, release.withdrawn")
    notify = load(tmp_path, "").notify
    assert notify.interested("release.withdrawn") == ("team",)
    assert notify.interested("release.published") == ()


@pytest.mark.parametrize(
    "text",
    [
        f'[notify]\nwebhook_env = "{_SECRET}"\n',
        f'[rehearsal]\nurl_env = "{_SECRET}"\n',
        f'[databases.main]\nurl_env = "{_SECRET}"\n',
        f'[trust]\nkey_env = "{_SECRET}"\n',
        f'[notify.webhooks.deploy]\nurl_env = "{_SECRET}"\n',
        f'[notify.webhooks.deploy]\nurl_keyring = "{_SECRET}"\n',
        '[notify.webhooks.deploy]\nurl_env = "HOOK"\nsecret_keyring = "whsec_s3kret"\n',
        '[notify.webhooks.deploy]\nurl_env = "HOOK"\nsecret_env = "whsec_s3kret=="\n',
        f'[notify.chat.team]\nurl = "{_SECRET}"\n',
        '[notify.webhooks.deploy]\nevents = ["release.published"]\n',
        '[notify.chat.team]\nurl_env = "A"\nurl_keyring = "B"\n',
        '[notify.webhooks.deploy]\nurl_env = "A"\nsecret_env = "B"\nsecret_keyring = "c"\n',
        '[notify.chat.team]\nurl_env = "A"\nevents = ["release.publish"]\n',
        '[notify.chat."The Team"]\nurl_env = "A"\n',
        '[notify]\nwebhook_env = "A"\n[notify.chat.webhook]\nurl_env = "B"\n',
        '[notify]\nwebhook_secret_env = "A"\n',
    ],
)
def test_what_can_not_be_a_channel_is_refused_without_repeating_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert "s3kret" not in str(caught.value)
    assert {problem.file for problem in caught.value.problems} == {"schema-service.toml"}
