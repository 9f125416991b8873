"""The asyncio client's own methods; the generated class adds an accessor for each model."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, LiteralString, Self, TypeVar, overload

from pydantic import BaseModel

from ...connection.transactions import MAX_WAIT, TIMEOUT, IsolationLevel, begin_statement, seconds
from ...observability.observers import Observer
from ...operations import raw
from ...public.client_types import DatasourceOverride
from ...public.errors import DataError, TransactionConflictError, TransactionError
from ...results import access
from ...schema import Schema
from ..options import TracerProvider, client_options
from .runner import AsyncRunner
from .session import AsyncPoolSession, AsyncSession, AsyncTransactionSession
from .transaction import AsyncTransaction
from .waiting import sleep

if TYPE_CHECKING:
    from ...observability.metrics import Metrics
    from ...public.client_types import MetricsFormat
    from .listener import AsyncListener
    from .replicas import AsyncReplicatedPool

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=BaseModel)


class AsyncClientBase:
    """A client over a connection pool. Use it as a context manager, or call connect() and disconnect().

    ``dsn`` (or ``datasource["url"]``) is a libpq connection string or URL; without one, DATABASE_URL is read
    when connecting, from the environment or (``use_dotenv``) a ``.env`` file. ``pool_size`` is the greatest
    number of connections (10 by default); ``connect_timeout`` (an int counts seconds) bounds the wait for
    one, ``statement_timeout`` every statement. ``log_queries`` logs statements, ``on_query`` is called for
    each. ``tracing`` creates OpenTelemetry spans, with a provider or (True) the process's own. ``replicas``
    are connection strings of servers to read from. ``check_database=False`` connects to a database whatever
    its version is. ``auto_register`` registers the client
    for ``Model.prisma()``. ``http`` is accepted for code written for Prisma Client Python, and ignored.
    """

    _schema: ClassVar[Schema]
    _accessors: ClassVar[dict[str, str]]

    def __init__(
        self,
        dsn: str | None = None,
        *,
        use_dotenv: bool = True,
        log_queries: bool = False,
        auto_register: bool = False,
        datasource: DatasourceOverride | None = None,
        replicas: Sequence[str | DatasourceOverride] = (),
        connect_timeout: int | timedelta = timedelta(seconds=10),
        http: Mapping[str, object] | None = None,  # noqa: ARG002 - nothing here speaks HTTP
        connect_timeout_seconds: float | None = None,
        pool_size: int | None = None,
        statement_timeout: timedelta | None = None,
        on_query: Observer | None = None,
        tracing: TracerProvider | bool = False,
        check_database: bool = True,
    ) -> None:
        options = client_options(
            self._schema.package,
            dsn,
            datasource,
            use_dotenv=use_dotenv,
            log_queries=log_queries,
            connect_timeout=connect_timeout
            if connect_timeout_seconds is None
            else timedelta(seconds=connect_timeout_seconds),
            pool_size=pool_size,
            on_query=on_query,
            tracing=tracing,
        )

        def pool(find_dsn: Callable[[], str | None]) -> AsyncPoolSession:
            return AsyncPoolSession(
                find_dsn,
                pool_size=pool_size,
                timeout_seconds=options.timeout_seconds,
                statement_timeout_seconds=None
                if statement_timeout is None
                else statement_timeout.total_seconds(),
                package=self._schema.database,
            )

        primary = pool(options.find_dsn)
        primary.database = self._schema.database if check_database else None
        self._pool: AsyncPoolSession | AsyncReplicatedPool = primary
        if replicas:
            from .replicas import replicated  # noqa: PLC0415 - for the few that use it

            logger = logging.getLogger(self._schema.package)
            self._pool = replicated(primary, replicas, pool, logger)
        self._session: AsyncSession = self._pool
        self._runner = AsyncRunner(self._pool, self._schema, options.observers)
        if auto_register:
            access.register(self)

    @property
    def primary(self) -> Self:
        """The same client, but reading from the primary: for rows that were written a moment ago."""
        return self if self._session.primary is self._session else self._on_primary

    @cached_property
    def _on_primary(self) -> Self:
        return self._within(self._session.primary)

    async def connect(self, timeout: int | timedelta | None = None) -> None:
        """Open the pool; nothing happens if it is open. Raises DatabaseConnectionError, and the
        DatabaseVersionError that is one where this client doesn't work on the database.

        ``timeout`` (an int counts seconds) bounds the wait for a connection, instead of ``connect_timeout``.
        """
        self._refuse_in_transaction()
        if timeout is not None:
            given = timeout if isinstance(timeout, timedelta) else timedelta(seconds=timeout)
            self._pool.timeout_seconds = given.total_seconds()
        await self._pool.open()

    async def disconnect(self, timeout: float | timedelta | None = None) -> None:  # noqa: ARG002
        """Close the pool; nothing happens if it is closed. It never waits: ``timeout`` is ignored."""
        self._refuse_in_transaction()
        await self._pool.close()

    def is_connected(self) -> bool:
        """Whether the pool is open."""
        return self._pool.is_open

    def is_transaction(self) -> bool:
        """Whether this client works inside a transaction."""
        return isinstance(self._session, AsyncTransactionSession)

    def is_registered(self) -> bool:
        """Whether this is the client that ``Model.prisma()`` uses."""
        return access.is_registered(self)

    def tx(
        self,
        *,
        max_wait: int | timedelta | None = MAX_WAIT,
        timeout: int | timedelta | None = TIMEOUT,
        isolation_level: IsolationLevel | None = None,
        read_only: bool = False,
    ) -> AsyncTransaction[Self]:
        """A client inside one transaction, committed at the end of the block and rolled back on an error.

        ::

            async with client.tx() as tx:
                ...

        It waits ``max_wait`` for a connection and may take ``timeout`` in all (an int counts milliseconds,
        None is no limit). Inside a transaction ``tx.tx()`` is a savepoint.
        """
        begin = begin_statement(isolation_level, read_only=read_only)
        self._refuse_level_in_transaction(begin)
        wait, limit = seconds(max_wait, "max_wait"), seconds(timeout, "timeout")
        return AsyncTransaction(
            lambda: self._session.transaction(begin=begin, max_wait_seconds=wait, timeout_seconds=limit),
            self._within,
        )

    async def tx_retry(
        self,
        work: Callable[[Self], Awaitable[_T]],
        *,
        attempts: int = 5,
        max_wait: int | timedelta | None = MAX_WAIT,
        timeout: int | timedelta | None = TIMEOUT,
        isolation_level: IsolationLevel = "serializable",
    ) -> _T:
        """Call ``work`` inside a transaction, and again after a conflict with another transaction.

        Only a transaction that the server rolled back for that reason is retried, ``attempts`` times at most;
        side effects of ``work`` outside the database are repeated too. Raises TransactionConflictError.
        """
        self._refuse_level_in_transaction(b"")
        for attempt in range(1, attempts + 1):
            try:
                async with self.tx(max_wait=max_wait, timeout=timeout, isolation_level=isolation_level) as tx:
                    return await work(tx)
            except TransactionConflictError:
                if attempt == attempts:
                    raise
                await sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, so that they don't conflict again
        raise TransactionError("attempts: needs to be one or more")

    @overload
    async def query_raw(
        self, query: LiteralString, *args: Any, replica: bool = False
    ) -> list[dict[str, Any]]: ...

    @overload
    async def query_raw(
        self, query: LiteralString, *args: Any, model: type[_Model], replica: bool = False
    ) -> list[_Model]: ...

    async def query_raw(
        self, query: LiteralString, *args: Any, model: type[Any] | None = None, replica: bool = False
    ) -> list[Any]:
        """The rows of a query, as dicts or as instances of ``model``. Values are ``$1``, ``$2``, ...

        It runs on the primary, or on a ``replica`` if asked to.
        """
        try:
            return await self._raw_runner(replica=replica).run(
                raw.query_raw(self._schema, query, args, model)
            )
        except DataError as error:
            raise raw.refused(error) from error.__cause__

    @overload
    async def query_first(
        self, query: LiteralString, *args: Any, replica: bool = False
    ) -> dict[str, Any] | Any: ...

    @overload
    async def query_first(
        self, query: LiteralString, *args: Any, model: type[_Model], replica: bool = False
    ) -> _Model | None: ...

    async def query_first(
        self, query: LiteralString, *args: Any, model: type[Any] | None = None, replica: bool = False
    ) -> Any:
        """The first row of a query, as a dict or as an instance of ``model``; None if there is none.

        The dict's type says nothing of None: most such queries, like ``SELECT count(*)``, have a row.
        """
        try:
            return await self._raw_runner(replica=replica).run(
                raw.query_first(self._schema, query, args, model)
            )
        except DataError as error:
            raise raw.refused(error) from error.__cause__

    async def execute_raw(self, query: LiteralString, *args: Any) -> int:
        """Run a statement; returns how many rows it affected. Values are ``$1``, ``$2``, ..."""
        try:
            return await self._runner.run(raw.execute_raw(query, args))
        except DataError as error:
            raise raw.refused(error) from error.__cause__

    def listen(self, *channels: str, reconnect: timedelta | None = None) -> AsyncListener:
        """Notifications of these channels, on a connection of its own that lasts for the block.

        ::

            async with client.listen("orders") as notifications:
                async for notification in notifications(timeout=60):
                    ...

        If the connection is lost, DatabaseConnectionError is raised: what is sent meanwhile is lost for good.
        With ``reconnect`` the client tries to reconnect for that long, and then returns one notification for
        each channel (``is_gap``) that says so.
        """
        self._refuse_in_transaction()
        from ...connection.notifications import Inbox  # noqa: PLC0415
        from .listener import AsyncListener  # noqa: PLC0415 - for the few that use it

        return AsyncListener(self._pool.settings, Inbox(channels, reconnect), self._pool.timeout_seconds)

    async def notify(self, channel: str, payload: str = "") -> None:
        """Notify all listeners of a channel; inside a transaction, when it is committed."""
        from ...connection.notifications import notify  # noqa: PLC0415 - for the few that use it

        await self.primary._runner.run(notify(channel, payload))

    @overload
    async def get_metrics(
        self, format: Literal["json"] = "json", *, global_labels: Mapping[str, str] | None = None
    ) -> Metrics: ...

    @overload
    async def get_metrics(
        self, format: Literal["prometheus"], *, global_labels: Mapping[str, str] | None = None
    ) -> str: ...

    async def get_metrics(
        self,
        format: MetricsFormat = "json",  # noqa: A002 - Prisma Client Python's name
        *,
        global_labels: Mapping[str, str] | None = None,
    ) -> Metrics | str:
        """The number and duration of queries and the pool's state, as objects or as Prometheus' text.

        It counts from ``connect()`` on, in this process. Every metric gets the ``global_labels``. Raises
        ClientNotConnectedError.
        """
        from ...observability.metrics import metrics_as  # noqa: PLC0415 - for the few that use it

        return metrics_as(format, self._pool.usage, global_labels or {})

    @classmethod
    def model_accessor(cls, model: str) -> str | None:
        """The attribute of a model of the schema; None if it has no such model."""
        return cls._accessors.get(model)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()

    def _within(self, session: AsyncSession) -> Self:
        inside = type(self).__new__(type(self))
        inside._pool, inside._session = self._pool, session
        inside._runner = self._runner.within(session)
        return inside

    def _raw_runner(self, *, replica: bool) -> AsyncRunner:
        return self._runner.within(self._session.reads) if replica else self.primary._runner

    def _refuse_in_transaction(self) -> None:
        if isinstance(self._session, AsyncTransactionSession):
            raise TransactionError("a transaction's client shares its parent's connections; use the parent")

    def _refuse_level_in_transaction(self, begin: bytes) -> None:
        if begin != b"BEGIN" and isinstance(self._session, AsyncTransactionSession):
            raise TransactionError("a transaction inside another has its isolation level; leave it out")
