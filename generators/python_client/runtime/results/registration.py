"""The client that ``Model.prisma()`` uses: one for the process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..public.errors import ClientAlreadyRegisteredError, ClientNotRegisteredError

_registered: Callable[[], Any] | None = None


def register(client: Any) -> None:
    """Register a client, or a function that gives one. Raises ClientAlreadyRegisteredError."""
    global _registered  # noqa: PLW0603 - one for the process is what it is for
    if _registered is not None:
        raise ClientAlreadyRegisteredError("a client has already been registered")
    _registered = client if callable(client) else lambda: client


def unregister() -> None:
    """Forget the registered client, as tests want to."""
    global _registered  # noqa: PLW0603 - one for the process is what it is for
    _registered = None


def registered() -> Any:
    """The registered client. Raises ClientNotRegisteredError."""
    if _registered is None:
        raise ClientNotRegisteredError("no client is registered; call register(client) first")
    return _registered()


def is_registered(client: Any) -> bool:
    """Whether it is this one."""
    return _registered is not None and _registered() is client
