"""Events during a run: a line of text on a terminal, one JSON line per event elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from .output import is_terminal, write_line

#: Called with the event's name and its fields, all of them JSON values.
Listener = Callable[..., None]

_SENTENCES: dict[str, str] = {
    "waiting_for_database": "waiting for the database: {reason}",
    "waiting_for_runner": "waiting: another runner is at work on this database",
    "waiting_for_version": "waiting for {wanted}: the database is at {version}",
    "ended_orphan": "ended a statement that an earlier, killed run had left running",
    "not_checked": "not checked: {migration}: {what} ({reason})",
    "migration_started": "{direction:>4}  {migration}  ({version})  {number} of {migrations}",
    "step_finished": "      step {step} of {steps}",
    "step_retried": "      step {step} of {steps}, retrying: {reason}",
    "progress": "      step {step} of {steps}, {seconds} s: {sentence}",
    "backfill_resumed": "      continuing with the batch after {after}",
    "rebuilding_index": "      dropping the invalid index {index} of an earlier attempt",
    "index_exists": "      the index {index} exists already, and is valid",
    "commit_unknown": "      the connection broke at COMMIT: reading the journal to see whether it happened",
    "migration_finished": "      done in {duration_ms:.0f} ms",
    "up_to_date": "nothing to do: the database is at {version}",
    "ahead": "nothing to do: the database is ahead, at {version}, which is compatible with this package",
    "ready": "the database is at {version}",
    "baselined": "recorded the database as being at {version} ({migrations} migrations, none of them run)",
    "resolved": "recorded the database as being at {version}",
    "finished": "the database is at {version} ({migrations} migrations, {duration_ms:.0f} ms)",
}


def silent(event: str, /, **fields: Any) -> None:
    """A listener that ignores every event."""


def redacted(text: str, secret: str | None) -> str:
    """``text`` without ``secret``; very short secrets stay, since removing them would garble the text."""
    return text.replace(secret, "***") if secret and len(secret) >= 4 else text


class Reporter:
    """Writes events to a stream, as sentences or as JSON lines, without the database's password."""

    def __init__(self, *, as_json: bool | None, secret: str | None, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = sys.stdout if stream is None else stream
        self._asked = as_json
        self._json = not is_terminal(self._stream) if as_json is None else as_json
        self._secret = secret
        #: Whether a migration has been started, and whether one is under way.
        self.has_begun = self.is_migrating = False

    def to(self, stream: TextIO | None) -> Reporter:
        """The same reporter on another stream, in the same format if one was asked for."""
        return Reporter(as_json=self._asked, secret=self._secret, stream=stream)

    def __call__(self, event: str, /, **fields: Any) -> None:
        if event == "migration_started":
            self.has_begun = self.is_migrating = True
        elif event == "migration_finished":
            self.is_migrating = False
        if self._json:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._write(json.dumps({"at": at, "event": event, **fields}, ensure_ascii=False))
        elif event in _SENTENCES:
            self._write(_SENTENCES[event].format(**fields))

    def error(self, code: str, message: str, fix: str, **fields: Any) -> None:
        """Report a failure, as text or as JSON."""
        if self._json:
            self("error", code=code, message=message, fix=fix, **fields)
        else:
            details = [f"  - {detail}" for detail in fields.get("details", ())]
            self._write("\n".join([f"error[{code}]: {message}", *details, f"  fix: {fix}"]))

    def _write(self, line: str) -> None:
        write_line(self._stream, redacted(line, self._secret))
