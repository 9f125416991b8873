"""The channels of ``[notify]``: who is told of which events.

Their addresses are secrets, so the settings have only the names of variables or of entries in the keyring.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .keyring_lookup import keyring_password
from .secret import Secret

Event = Literal[
    "release.published",
    "release.rolled_back",
    "release.withdrawn",
    "release.restored",
    "latest.moved",
    "run.failed",
    "fleet.paused",
    "fleet.finished",
]
EVENTS: tuple[Event, ...] = get_args(Event)
#: The service under which the keyring has our entries.
KEYRING_SERVICE = "schema-service"
#: The channel that ``[notify] webhook_env`` makes, for who has only one.
ONLY_WEBHOOK = "webhook"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _variable(value: str) -> str:
    """Whoever writes the secret itself must not find it in an error."""
    if not _VARIABLE.fullmatch(value):
        raise ValueError("has to be the name of a variable of the environment: letters, digits and _")
    return value


def _entry(value: str) -> str:
    if not value or "://" in value or value.startswith("whsec_"):
        raise ValueError("has to be the name of an entry in the keyring, and not the secret itself")
    return value


def _channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise ValueError("a channel's name has lower-case letters, digits, - and _, at most 40")
    return value


def _listed(value: Any) -> Any:
    """In a variable, events are separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


VariableName = Annotated[str, AfterValidator(_variable)]
KeyringEntry = Annotated[str, AfterValidator(_entry)]
ChannelName = Annotated[str, AfterValidator(_channel)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretPlace(_Table):
    """Where a secret is: in a variable of the environment, or in the keyring."""

    variable: str | None = None
    entry: str | None = None

    def __str__(self) -> str:
        if self.variable is not None:
            return f"the variable {self.variable}"
        return f"the entry {self.entry} of {KEYRING_SERVICE} in the keyring"

    def find(self) -> Secret | None:
        """The secret, if it is there and not empty."""
        if self.variable is not None:
            text = os.environ.get(self.variable, "").strip()
            return Secret(text) if text else None
        return keyring_password(KEYRING_SERVICE, self.entry) if self.entry is not None else None


class ChatTable(_Table):
    """``[notify.chat.NAME]``: chat or mail through an address of apprise."""

    url_env: VariableName | None = Field(None, description="The variable with the address.")
    url_keyring: KeyringEntry | None = Field(None, description="Or the entry of the keyring with it.")
    events: Annotated[tuple[Event, ...], BeforeValidator(_listed)] = Field(
        EVENTS, description="What it is told of; all of them if nothing is given."
    )

    @property
    def url(self) -> SecretPlace:
        return SecretPlace(variable=self.url_env, entry=self.url_keyring)

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if (self.url_env is None) == (self.url_keyring is None):
            raise ValueError("url_env or url_keyring has to say where the address is, and not both")
        return self


class WebhookTable(ChatTable):
    """``[notify.webhooks.NAME]``; the secrets sign what is sent."""

    secret_env: VariableName | None = Field(None, description="The variable with the secrets that sign.")
    secret_keyring: KeyringEntry | None = Field(None, description="Or the entry of the keyring with them.")

    @property
    def secret(self) -> SecretPlace | None:
        """None: what is sent is not signed."""
        if self.secret_env is None and self.secret_keyring is None:
            return None
        return SecretPlace(variable=self.secret_env, entry=self.secret_keyring)

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if self.secret_env is not None and self.secret_keyring is not None:
            raise ValueError("secret_env or secret_keyring says where the secret is, and not both")
        return self


class NotifyTable(_Table):
    """Who is told of releases. ``webhook_env`` is short for a channel called ``webhook`` with all events."""

    webhook_env: VariableName | None = Field(
        None, description="The variable with the address of the only webhook, which gets all events."
    )
    webhook_secret_env: VariableName | None = Field(None, description="The variable with its secrets.")
    webhooks: dict[ChannelName, WebhookTable] = Field({}, description="A webhook.")
    chat: dict[ChannelName, ChatTable] = Field({}, description="Chat or mail, at an address of apprise.")

    @property
    def channels(self) -> Mapping[str, ChatTable]:
        """Every channel by its name."""
        only = {}
        if self.webhook_env is not None:
            only[ONLY_WEBHOOK] = WebhookTable(url_env=self.webhook_env, secret_env=self.webhook_secret_env)
        return {**only, **self.webhooks, **self.chat}

    def interested(self, event: str) -> tuple[str, ...]:
        """The channels that want to be told of ``event``."""
        return tuple(name for name, channel in self.channels.items() if event in channel.events)

    @model_validator(mode="after")
    def _has_each_name_once(self) -> Self:
        only = {ONLY_WEBHOOK} if self.webhook_env is not None else set()
        twice = (self.webhooks.keys() & self.chat.keys()) | (only & {*self.webhooks, *self.chat})
        if twice:
            raise ValueError(f"two channels are called {', '.join(sorted(twice))}")
        if self.webhook_secret_env is not None and self.webhook_env is None:
            raise ValueError("webhook_secret_env signs what webhook_env sends, which is missing")
        return self
