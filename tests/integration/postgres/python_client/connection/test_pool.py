"""The pool: nobody loses a connection, nobody gets a bad one, and who holds them all is said."""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from typing import Any

import anyio
import psycopg
import pytest

from .cutting_relay import CuttingRelay

SCHEMA = """
model Counter {
  id    Int    @id @default(autoincrement())
  name  String @unique
  value Int    @default(0)
}
"""
_DEADLINE_SECONDS = 30
_WAITING = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(autouse=True)
def _empty(client: Any) -> None:
    client.empty()


@pytest.fixture
def pool_module(client: Any) -> Any:
    return importlib.import_module(f"{client.module.__name__}._runtime.connection.pool")


@pytest.fixture
def admin(client: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(client.dsn, autocommit=True) as connection:
        yield connection


def _state(db: Any) -> Any:
    """The pool's inner state."""
    return db._pool._pool._state


def _assert_whole(db: Any) -> None:
    """Every slot is free, and every connection idle."""
    state = _state(db)
    free = [*state._idle, *state._vacant]
    assert sorted(map(id, free)) == sorted(map(id, state.slots))
    assert not state._waiters
    assert {slot.connection.pgconn.transaction_status for slot in state._idle} <= {0}


def _backends(admin: psycopg.Connection[Any]) -> set[int]:
    rows = admin.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return {pid for (pid,) in rows}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.01)


def _kill(admin: psycopg.Connection[Any]) -> None:
    for pid in _backends(admin):
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
    _until(lambda: not _backends(admin))


def _waits_for_lock(admin: psycopg.Connection[Any]) -> Callable[[], bool]:
    return lambda: bool(admin.execute(f"SELECT count(*) {_WAITING}".encode()).fetchone() == (1,))


def test_an_exhausted_pool_names_the_threads_and_where_they_are(client: Any, errors: Any) -> None:
    holds, done = threading.Event(), threading.Event()

    def settle_invoices(db: Any) -> None:
        with db.tx():
            holds.set()
            done.wait(_DEADLINE_SECONDS)

    with client.module.Client(client.dsn, pool_size=1, connect_timeout_seconds=0.1) as db:
        thread = threading.Thread(target=settle_invoices, args=(db,), name="billing")
        thread.start()
        holds.wait(_DEADLINE_SECONDS)
        with pytest.raises(errors.DatabaseConnectionError) as caught:
            db.counter.count()
        done.set()
        thread.join()
        assert "'billing'" in str(caught.value)
        assert f"{__file__}:" in str(caught.value)
        assert "in settle_invoices" in str(caught.value)
        _assert_whole(db)


def test_an_exhausted_pool_names_the_tasks_and_where_they_wait(client: Any, errors: Any) -> None:
    async def settle_invoices(db: Any, holds: asyncio.Event) -> None:
        async with db.tx():
            holds.set()
            await asyncio.sleep(_DEADLINE_SECONDS)

    async def main() -> str:
        async with client.module.AsyncClient(client.dsn, pool_size=1, connect_timeout_seconds=0.1) as db:
            holds = asyncio.Event()
            task = asyncio.create_task(settle_invoices(db, holds), name="billing")
            await holds.wait()
            with pytest.raises(errors.DatabaseConnectionError) as caught:
                await db.counter.count()
            task.cancel()
            await asyncio.wait([task])
            _assert_whole(db)
            return str(caught.value)

    message = asyncio.run(main())
    assert "'billing'" in message
    assert f"{__file__}:" in message
    assert "in settle_invoices" in message


def test_those_who_wait_are_served_in_their_order(client: Any) -> None:
    served: list[int] = []

    async def work(db: Any, number: int) -> None:
        await db.counter.create({"name": f"{number}"})
        served.append(number)

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            await asyncio.gather(*(work(db, number) for number in range(30)))
            _assert_whole(db)

    asyncio.run(main())
    assert served == list(range(30))


def test_tasks_cancelled_at_any_moment_lose_no_connection(client: Any) -> None:
    chance = random.Random(7)

    async def work(db: Any, number: int) -> None:
        async with db.tx() as tx:
            await tx.counter.create({"name": f"{number}"})
            await tx.counter.update({"value": 1}, {"name": f"{number}"})
        await db.counter.count()

    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=3) as db:
            tasks = [asyncio.create_task(work(db, number)) for number in range(150)]
            for task in chance.sample(tasks, 100):
                await asyncio.sleep(chance.random() * 0.004)
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
            _assert_whole(db)
            # A row is either complete or not there.
            assert await db.counter.count(where={"value": 0}) == 0
            assert await db.counter.count() >= results.count(None)

    asyncio.run(main())


def test_threads_that_fail_and_time_out_lose_no_connection(client: Any, errors: Any) -> None:
    def work(number: int) -> None:
        with suppress(errors.UniqueViolationError, errors.DatabaseConnectionError, KeyError), db.tx() as tx:
            tx.counter.create({"name": f"{number % 40}"})
            if number % 3 == 0:
                raise KeyError

    with (
        client.module.Client(client.dsn, pool_size=2, connect_timeout_seconds=0.05) as db,
        ThreadPoolExecutor(12) as threads,
    ):
        list(threads.map(work, range(300)))
        _assert_whole(db)
        assert db.counter.count() <= 40


def test_two_loops_in_two_threads_share_an_asyncio_client(client: Any) -> None:
    db = client.module.AsyncClient(client.dsn, pool_size=2)

    async def work(first: int) -> None:
        names = range(first, first + 40)
        await asyncio.gather(*(db.counter.create({"name": f"{name}"}) for name in names))

    asyncio.run(db.connect())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda first: asyncio.run(work(first)), (0, 100)))
    _assert_whole(db)
    assert asyncio.run(db.counter.count()) == 80
    asyncio.run(db.disconnect())


def test_a_task_cancelled_in_a_statement_leaves_a_clean_connection(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            await db.counter.create({"name": "a"})
            with admin.transaction():
                admin.execute('LOCK TABLE "Counter"')
                task = asyncio.create_task(db.counter.update({"value": 1}, {"name": "a"}))
                await asyncio.to_thread(_until, _blocked(client.dsn))
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert (await db.counter.find_unique({"name": "a"})).value == 0
            _assert_whole(db)

    asyncio.run(main())


def test_a_statement_that_a_signal_interrupts_is_ended_on_the_server(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    class OutOfTimeError(Exception):
        """What the time limits of task queues raise."""

    def stop(*_: object) -> None:
        raise OutOfTimeError

    def interrupt() -> None:
        _until(_waits_for_lock(admin))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with client.module.Client(client.dsn, pool_size=1) as db, psycopg.connect(client.dsn) as locker:
            locker.execute('LOCK TABLE "Counter"')
            for begin in (lambda: nullcontext(db), db.tx):
                with ThreadPoolExecutor(1) as threads:
                    done = threads.submit(interrupt)
                    with pytest.raises(OutOfTimeError), begin() as inside:
                        inside.counter.count()
                    done.result()
                _until(lambda: admin.execute(f"SELECT 1 {_WAITING}".encode()).fetchone() is None)
            locker.rollback()
            assert db.counter.count() == 0
            _assert_whole(db)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_statement_is_ended_on_the_server_though_its_task_is_cancelled_again(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    # Over TCP it takes some waits to tell the server; a socket of its machine would do it at the first.
    async def main(dsn: str) -> None:
        async with client.module.AsyncClient(dsn, pool_size=1) as db:
            async with await psycopg.AsyncConnection.connect(client.dsn) as locker:
                await locker.execute('LOCK TABLE "Counter"')
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as group:
                        group.start_soon(db.counter.count)
                        await asyncio.to_thread(_until, _waits_for_lock(admin))
                        scope.cancel()
                gone = lambda: admin.execute(f"SELECT 1 {_WAITING}".encode()).fetchone() is None  # noqa: E731
                await asyncio.to_thread(_until, gone)
            assert await db.counter.count() == 0
            _assert_whole(db)

    with CuttingRelay(client.dsn).opened() as dsn:
        asyncio.run(main(dsn))


def test_tasks_that_a_closed_loop_left_in_the_middle_keep_no_connection(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    async def begin(db: Any) -> list[asyncio.Task[Any]]:
        await db.connect()
        tasks = [asyncio.create_task(db.query_raw("SELECT pg_sleep(60)")) for _ in range(4)]
        while any(slot.connection is None for slot in _state(db).slots) or len(_state(db)._waiters) < 2:
            await asyncio.sleep(0)
        return tasks

    async def go_on(db: Any) -> None:
        assert await asyncio.gather(*(db.counter.count() for _ in range(6))) == [0] * 6
        assert (await db.get_metrics(format="json")).counters[0].value > 0
        _assert_whole(db)

    db = client.module.AsyncClient(client.dsn, pool_size=2)
    loop = asyncio.new_event_loop()
    left = loop.run_until_complete(begin(db))
    loop.close()
    asyncio.run(go_on(db))
    for task in left:
        task.get_coro().close()  # as the garbage collector does
    asyncio.run(go_on(db))
    asyncio.run(db.disconnect())
    _kill(admin)


def test_a_session_ended_for_being_idle_is_no_fault_of_the_query(
    client: Any,
    errors: Any,
    admin: psycopg.Connection[Any],
    pool_module: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Half a second: libpq loses what the server says at the end when it comes along with the answer to SET.
    def be_idle(db: Any) -> None:
        with db.tx() as tx:
            tx.counter.create({"name": "a"})
            tx.execute_raw("SET idle_in_transaction_session_timeout = 500")
            _until(lambda: not _backends(admin))
            tx.counter.count()

    monkeypatch.setattr(pool_module, "TRUSTED_SECONDS", 3600.0)  # so that nobody looks before
    with client.module.Client(client.dsn, pool_size=1) as db:
        with pytest.raises(errors.TransactionExpiredError, match="idle-in-transaction"):
            be_idle(db)
        db.execute_raw("SET idle_session_timeout = 500")
        _until(lambda: not _backends(admin))
        with pytest.raises(errors.DatabaseConnectionError, match="idle-session"):
            db.counter.count()
        assert db.counter.count() == 0
        _assert_whole(db)


def _blocked(dsn: str) -> Callable[[], bool]:
    """Whether some statement waits for a lock; asked on a connection of its own."""

    def ask() -> bool:
        with psycopg.connect(dsn, autocommit=True) as connection:
            return _waits_for_lock(connection)()

    return ask


def test_a_backend_killed_in_a_statement_is_an_error_and_no_more(
    client: Any, errors: Any, admin: psycopg.Connection[Any]
) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db, ThreadPoolExecutor(1) as threads:
        db.counter.create({"name": "a"})
        with psycopg.connect(client.dsn) as locker:
            locker.execute('LOCK TABLE "Counter"')
            future = threads.submit(db.counter.update, {"value": 1}, {"name": "a"})
            _until(_waits_for_lock(admin))
            admin.execute(f"SELECT pg_terminate_backend(pid) {_WAITING}".encode())
            assert isinstance(future.exception(_DEADLINE_SECONDS), errors.DatabaseConnectionError)
        assert db.counter.find_unique({"name": "a"}).value == 0
        _assert_whole(db)


def test_after_one_lost_connection_the_others_are_looked_at(
    client: Any,
    errors: Any,
    admin: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    pool_module: Any,
) -> None:
    monkeypatch.setattr(pool_module, "TRUSTED_SECONDS", 3600.0)
    with client.module.Client(client.dsn, pool_size=5) as db:
        _use_all(db, 5)
        _kill(admin)
        with pytest.raises(errors.DatabaseConnectionError):
            db.counter.count()
        _use_all(db, 5)


def test_a_connection_lost_while_nobody_used_it_is_replaced_unseen(
    client: Any, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, pool_module: Any
) -> None:
    monkeypatch.setattr(pool_module, "TRUSTED_SECONDS", 0.0)
    with client.module.Client(client.dsn, pool_size=3) as db:
        _use_all(db, 3)
        _kill(admin)
        _use_all(db, 3)


def _use_all(db: Any, size: int) -> None:
    """Have every connection of the pool in use at once."""
    together = threading.Barrier(size)

    def work(_: int) -> None:
        with db.tx() as tx:
            together.wait(_DEADLINE_SECONDS)
            tx.counter.count()

    with ThreadPoolExecutor(size) as threads:
        list(threads.map(work, range(size)))
    assert len(_state(db)._idle) == size


@pytest.mark.parametrize("limit", ["MAX_IDLE_SECONDS", "MAX_LIFETIME_SECONDS"])
def test_connections_that_nobody_needs_or_that_are_old_are_closed(
    limit: str,
    client: Any,
    admin: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    pool_module: Any,
) -> None:
    monkeypatch.setattr(pool_module, limit, -1.0)
    with client.module.Client(client.dsn, pool_size=4) as db:
        together = threading.Barrier(4)

        def work(_: int) -> None:
            with db.tx():
                together.wait(_DEADLINE_SECONDS)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(4)))
        db.counter.count()
        _until(lambda: len(_backends(admin)) <= 1)
        _assert_whole(db)


def test_what_is_left_open_on_a_connection_does_not_reach_the_next(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db:
        with db._session.connection() as connection:
            connection.execute("BEGIN")
            connection.execute("INSERT INTO \"Counter\" (name) VALUES ('half')")
        assert db.counter.count() == 0
        _assert_whole(db)


def test_a_column_changed_by_a_migration_costs_a_connection_one_error_at_most(
    client: Any, errors: Any, admin: psycopg.Connection[Any]
) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db:
        db.counter.create({"name": "a"})
        for _ in range(10):
            db.counter.find_unique({"name": "a"})
        try:
            admin.execute('ALTER TABLE "Counter" ALTER value TYPE bigint')
            with suppress(errors.DataError):
                db.counter.find_unique({"name": "a"})
            assert db.counter.find_unique({"name": "a"}).value == 0
            with db._session.connection() as connection:
                connection.execute("DEALLOCATE ALL")
            with suppress(errors.DataError):
                db.counter.find_unique({"name": "a"})
            assert db.counter.find_unique({"name": "a"}).value == 0
        finally:
            admin.execute('ALTER TABLE "Counter" ALTER value TYPE integer')


def test_disconnecting_wakes_those_who_wait(client: Any, errors: Any) -> None:
    async def main() -> list[Any]:
        db = client.module.AsyncClient(client.dsn, pool_size=1)
        await db.connect()
        async with db.tx() as tx:
            waiting = [asyncio.create_task(db.counter.count()) for _ in range(3)]
            while len(_state(db)._waiters) < 3:
                await asyncio.sleep(0)
            await db.disconnect()
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert await tx.counter.count() == 0
        return results

    assert {type(result) for result in asyncio.run(main())} == {errors.ClientNotConnectedError}


def test_disconnecting_leaves_no_connection_behind(client: Any, admin: psycopg.Connection[Any]) -> None:
    db = client.module.Client(client.dsn, pool_size=3)
    db.connect()
    _use_all(db, 3)
    with db.tx() as tx:
        tx.counter.create({"name": "a"})
        db.disconnect()
    _until(lambda: not _backends(admin))
    assert admin.execute('SELECT name FROM "Counter"').fetchall() == [("a",)]


def test_tasks_that_share_a_transaction_get_their_own_results(client: Any) -> None:
    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db, db.tx() as tx:
            rows = await asyncio.gather(*(tx.counter.create({"name": f"{n}"}) for n in range(30)))
            assert [row.name for row in rows] == [f"{n}" for n in range(30)]
            mixed = [{"name": "x"}, {"id": 1000, "name": "y"}]
            counts = await asyncio.gather(
                *(tx.counter.create_many(mixed, skip_duplicates=True) for _ in range(5)), tx.counter.count()
            )
            assert sum(counts[:5]) == 2

    asyncio.run(main())


def test_threads_that_share_a_transaction_get_their_own_results(client: Any) -> None:
    with client.module.Client(client.dsn) as db, db.tx() as tx, ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(lambda n: tx.counter.create({"name": f"{n}"}), range(100)))
        assert [row.name for row in rows] == [f"{n}" for n in range(100)]
        found = threads.map(lambda n: tx.counter.find_unique({"name": f"{n}"}), range(100))
        assert [row.name for row in found] == [f"{n}" for n in range(100)]


def test_a_transaction_that_takes_too_long_is_rolled_back(client: Any, errors: Any) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db:
        with pytest.raises(errors.TransactionExpiredError), db._session.transaction(timeout_seconds=0):
            pass
        assert db.counter.count() == 0
        _assert_whole(db)


async def _maybe(value: Any) -> Any:
    """The result of a call of either client."""
    return await value if inspect.isawaitable(value) else value


@pytest.fixture(params=["Client", "AsyncClient"])
def ran(client: Any, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Runs a test's body with one kind of client."""

    def run(body: Callable[[Any], Any], **options: Any) -> None:
        async def main() -> None:
            db = getattr(client.module, request.param)(client.dsn, **options)
            await _maybe(db.connect())
            async with asyncio.timeout(_DEADLINE_SECONDS):
                await body(db)
            await _maybe(db.disconnect())

        asyncio.run(main())

    return run


def test_a_transaction_lives_as_long_as_what_was_made_of_it(ran: Any, client: Any) -> None:
    async def body(db: Any) -> None:
        tx = await _maybe(db.tx(timeout=None).start())
        gc.collect()
        await asyncio.sleep(0)
        await _maybe(tx.counter.create({"name": "a"}))
        counters = tx.counter
        del tx
        gc.collect()
        await asyncio.sleep(0)
        assert await _maybe(counters.count()) == 1
        assert await _maybe(db.counter.count()) == 0
        del counters
        while _state(db).usage().busy:
            gc.collect()
            await asyncio.sleep(0.01)
        assert await _maybe(db.counter.count()) == 0

    ran(body, pool_size=2)


def test_forgotten_transactions_end_when_their_time_is_over(ran: Any, errors: Any) -> None:
    async def body(db: Any) -> None:
        forgotten = [db.tx(timeout=300) for _ in range(10)]
        for number, transaction in enumerate(forgotten):
            tx = await _maybe(transaction.start())
            await _maybe(tx.counter.create({"name": f"{number}"}))
        assert len(db._pool._pool._state._idle) == 0
        # Waits for a connection, and then for the row's lock.
        await _maybe(db.counter.create({"name": "9"}))
        with pytest.raises(errors.TransactionExpiredError, match=r"longer than 0\.3 s"):
            await _maybe(tx.counter.count())
        for ending in (forgotten[0].commit, forgotten[1].commit):
            with pytest.raises(errors.TransactionExpiredError, match="longer than"):
                await _maybe(ending())
        await _maybe(forgotten[2].rollback())
        assert [row.name for row in await _maybe(db.counter.find_many())] == ["9"]
        assert len(_state(db).slots) == 10

    ran(body, pool_size=10)


def test_a_statement_is_cancelled_when_its_transactions_time_is_over(ran: Any, errors: Any) -> None:
    async def body(db: Any) -> None:
        transaction = db.tx(timeout=200)
        tx = await _maybe(transaction.start())
        await _maybe(tx.counter.create({"name": "never"}))
        with pytest.raises(errors.TransactionExpiredError, match=r"longer than 0\.2 s") as caught:
            await _maybe(tx.query_raw("SELECT pg_sleep(60)"))
        assert "canceling statement" in str(caught.value.__cause__)
        # The transaction has not been left, but its connection is free again.
        assert await _maybe(db.counter.count()) == 0
        with pytest.raises(errors.TransactionExpiredError):
            await _maybe(transaction.commit())
        _assert_whole(db)

    ran(body, pool_size=1)


def test_the_server_ends_a_transaction_whose_process_is_held_up(
    ran: Any, errors: Any, admin: psycopg.Connection[Any]
) -> None:
    async def body(db: Any) -> None:
        transaction = db.tx(timeout=100)
        tx = await _maybe(transaction.start())
        await _maybe(tx.counter.create({"name": "never"}))
        session = tx._session
        if session._alarm is not None:  # as if this process were stopped
            session._alarm.cancel()
        (before,) = _backends(admin)
        _until(lambda: before not in _backends(admin))
        with pytest.raises(errors.TransactionExpiredError):
            await _maybe(tx.counter.count())
        with pytest.raises(errors.TransactionExpiredError):
            await _maybe(transaction.commit())
        assert await _maybe(db.counter.count()) == 0

    ran(body, pool_size=1)


def test_the_servers_own_limit_of_a_transaction_stays(client: Any) -> None:
    name = "idle_in_transaction_session_timeout"
    for pooler in ("", "&pgbouncer=true"):
        for own, with_limit, without in (("", "6s", "0"), ("700ms", "700ms", "700ms"), ("9s", "6s", "9s")):
            with psycopg.connect(client.dsn, autocommit=True) as connection:
                (database,) = connection.execute("SELECT current_database()").fetchone() or ("",)
                setting = f"SET {name} = '{own}'" if own else f"RESET {name}"
                connection.execute(f'ALTER DATABASE "{database}" {setting}'.encode())
            with client.module.Client(f"{client.dsn}{pooler}", pool_size=1) as db:
                for timeout, found in ((5000, with_limit), (5000, with_limit), (None, without)):
                    with suppress(ZeroDivisionError), db.tx(timeout=timeout) as tx:
                        shown = tx.query_first(f"SELECT current_setting('{name}') AS own")
                        assert shown == {"own": found}
                        raise ZeroDivisionError


def test_a_connection_lost_at_commit_says_that_the_outcome_is_unknown(
    client: Any, errors: Any, admin: psycopg.Connection[Any]
) -> None:
    with client.module.Client(client.dsn, pool_size=1) as db:
        with pytest.raises(errors.DatabaseConnectionError, match="unknown"), db.tx() as tx:  # noqa: PT012
            tx.counter.create({"name": "a"})
            _kill(admin)
        assert db.counter.count() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_connections_alone(client: Any, errors: Any) -> None:
    with client.module.Client(client.dsn, pool_size=2) as db, db.tx() as tx:
        tx.counter.create({"name": "parent"})
        child = os.fork()
        if child == 0:
            code = 1
            with suppress(BaseException):
                with suppress(errors.TransactionExpiredError):
                    tx.counter.create({"name": "never"})
                    code = 2
                db.counter.create({"name": "child"})
                gc.collect()
                code = 0 if code == 1 else code
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert {row.name for row in tx.counter.find_many()} == {"parent", "child"}
        assert db.counter.count() == 1


def test_a_connection_that_ends_while_nobody_uses_it_does_not_keep_its_loop_busy(
    client: Any, admin: psycopg.Connection[Any]
) -> None:
    async def main() -> None:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            await db.counter.count()
            connection = _state(db)._idle[0].connection
            assert connection._loop is asyncio.get_running_loop()
            await asyncio.to_thread(_kill, admin)
            while connection._loop is not None:
                await asyncio.sleep(0.01)
            with suppress(client.module.errors.DatabaseConnectionError):
                await db.counter.count()
            # Sockets take each other's numbers; each is watched anew.
            for name in range(20):
                await db.counter.create({"name": f"{name}"})
                await asyncio.to_thread(_kill, admin)
                with suppress(client.module.errors.DatabaseConnectionError):
                    await db.counter.count()
            assert await db.counter.count() == 20

    asyncio.run(main())


def test_one_loop_after_another_uses_the_same_connection(client: Any) -> None:
    db = client.module.AsyncClient(client.dsn, pool_size=1)

    async def backend() -> int:
        await db.connect()
        await db.counter.count()
        return int(_state(db)._idle[0].connection.pgconn.backend_pid)

    assert asyncio.run(backend()) == asyncio.run(backend())
    asyncio.run(db.disconnect())


def test_copy_notifications_and_pipelines_wait_on_the_same_connection(client: Any) -> None:
    rows = 20_000

    async def main() -> None:
        async with (
            client.module.AsyncClient(client.dsn, pool_size=1) as db,
            db._session.connection() as connection,
        ):
            cursor = connection.cursor()
            async with cursor.copy('COPY "Counter" (name) FROM STDIN') as copy:
                for number in range(rows):
                    await copy.write_row([f"{number} {'x' * 200}"])
            async with cursor.copy('COPY "Counter" (name) TO STDOUT') as copy:
                assert len([row async for row in copy.rows()]) == rows
            await connection.execute("LISTEN told")
            await connection.execute("NOTIFY told, 'a'")
            assert [note.payload async for note in connection.notifies(timeout=10, stop_after=1)] == ["a"]
            async with connection.pipeline():
                cursors = [await connection.execute(f"SELECT {number}") for number in range(100)]
                assert [await cursor.fetchone() for cursor in cursors] == [(number,) for number in range(100)]

    asyncio.run(main())


def test_a_cancelled_task_is_not_held_up_by_a_statement_that_runs_on(client: Any) -> None:
    async def main() -> float:
        async with client.module.AsyncClient(client.dsn, pool_size=1) as db:
            async with db._session.connection() as connection:
                began = time.monotonic()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await connection.execute("SELECT pg_sleep(60)")
            assert await db.counter.count() == 0
            _assert_whole(db)
            return time.monotonic() - began

    assert asyncio.run(main()) < _DEADLINE_SECONDS
