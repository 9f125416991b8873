"""Runs an asyncio client's operations: calls observers, and adds details to errors."""

from __future__ import annotations

from typing import TypeVar

from ...observability.error_details import reported
from ...observability.observers import Observer, ended, observed
from ...public.errors import PrismaError
from ...schema import Schema
from ...sql.plans import Steps
from .session import AsyncSession

_T = TypeVar("_T")


class AsyncRunner:
    """A session, with the client's schema and observers."""

    __slots__ = ("observers", "schema", "session")

    def __init__(self, session: AsyncSession, schema: Schema, observers: tuple[Observer, ...]) -> None:
        self.session: AsyncSession = session
        self.schema: Schema = schema
        self.observers: tuple[Observer, ...] = observers

    async def run(self, steps: Steps[_T], *, atomic: bool = False) -> _T:
        """Run an operation to its end; all of it or nothing if ``atomic``."""
        if self.observers:
            steps = observed(steps, self.observers, self.session.server)
        try:
            return await self.session.run(steps, atomic=atomic)
        except PrismaError as error:
            ended(steps, error, is_observed=bool(self.observers))
            reported(error, self.schema)
            raise

    def within(self, session: AsyncSession) -> AsyncRunner:
        """The same runner, in another session."""
        return AsyncRunner(session, self.schema, self.observers)
