"""The client that ``Model.prisma()`` uses: one for the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._runtime.results import access

if TYPE_CHECKING:
    from collections.abc import Callable

    from .async_client import AsyncClient as Prisma


def register(client: Prisma | Callable[[], Prisma]) -> None:
    """Register a client, or a function that returns one. Raises ClientAlreadyRegisteredError."""
    access.register(client)


def get_client() -> Prisma:
    """The registered client. Raises ClientNotRegisteredError."""
    client: Prisma = access.registered()
    return client


def unregister() -> None:
    """Forget the registered client, for tests."""
    access.unregister()
