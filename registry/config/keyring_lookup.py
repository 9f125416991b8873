"""Asks the keyring, without ever waiting for a person."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

from .secret import Secret

_WAIT_SECONDS = 5.0


def ask_keyring(look: Callable[[Any], Any]) -> Any:
    """What ``look`` finds in the module ``keyring``; None where there is none, or none that answers."""
    found: list[Any] = []

    def work() -> None:
        try:
            import keyring  # noqa: PLC0415 - slow to import, and rarely needed

            found.append(look(keyring))
        except Exception:  # a back end may raise anything, and none of it is ours to fix
            return

    # A locked keyring opens a dialogue and waits; a daemon thread lets us go on without it.
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(_WAIT_SECONDS)
    return found[0] if found else None


def keyring_password(service: str, username: str) -> Secret | None:
    """The password of one entry."""
    password = ask_keyring(lambda keyring: keyring.get_password(service, username))
    return Secret(password) if password else None
