"""An announcement as people read it in a chat or a mail."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_MOST_CHARACTERS = 1500
_TITLES = {
    "release.published": "{schema} {version} is published",
    "release.rolled_back": "{schema} is rolled back to {version}",
    "release.withdrawn": "{schema} {version} is withdrawn",
    "release.restored": "{schema} {version} is restored",
    "latest.moved": "{schema}: latest is {version}",
    "run.failed": "{schema} {version}: a migration failed",
    "fleet.paused": "{schema} {version}: a fleet run is paused",
    "fleet.finished": "{schema} {version}: a fleet run is over",
}
#: What would call everybody, or anybody, in a chat.
_MENTION = re.compile(r"@(?=\w)|<(?=[!@#])")


@dataclass(frozen=True, slots=True)
class Message:
    """``title`` is one line."""

    title: str
    text: str


def message(body: str) -> Message:
    """The message for the payload ``body``, which is JSON. What others wrote in it stays text."""
    payload = json.loads(body)
    data = payload.get("data", payload)
    kind = payload.get("type", "")
    schema, version = str(data.get("schema", "")), str(data.get("version", ""))
    title = _TITLES.get(kind, "{schema} {version}: " + kind).format(schema=schema, version=version)
    return Message(_plain(title).replace("\n", " "), _plain("\n\n".join(_parts(data)) or title))


def _parts(data: dict[str, Any]) -> list[str]:
    texts = [data.get(key) for key in ("description", "reason", "failure", "changelog")]
    packages = [f"{each['name']} {each['version']}" for each in data.get("packages", ())]
    return [*(str(text).strip() for text in texts if text), *(["\n".join(packages)] if packages else [])]


def _plain(text: str) -> str:
    """Nothing that a terminal or a chat would act on; a mention has an invisible character after its sign."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    cut = shown if len(shown) <= _MOST_CHARACTERS else f"{shown[:_MOST_CHARACTERS]} …"
    return _MENTION.sub(lambda sign: f"{sign[0]}\u200b", cut)
