"""All peers in turn, in one process: ``side_by_side.py sync|async rounds node-command…`` prints JSON.

Every peer does each operation in every round, and another peer begins each time, so that what else the
machine does falls on all alike. The result is ``{operation: {peer: [seconds for one, ...]}}``, a value a
round.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import node_peer
import workloads

TASKS = 10
OURS = "schema-client"
SYNC = {
    OURS: ("peer_ours", {}),
    "psycopg": ("peer_psycopg", {}),
    "SQLAlchemy ORM": ("peer_sqlalchemy", {}),
    "SQLAlchemy ORM, AUTOCOMMIT": ("peer_sqlalchemy", {"isolation_level": "AUTOCOMMIT"}),
}
ASYNC = {
    OURS: "peer_ours_async",
    "psycopg": "peer_psycopg_async",
    "asyncpg": "peer_asyncpg",
    "SQLAlchemy ORM (asyncpg)": "peer_sqlalchemy_async",
    "Tortoise ORM (asyncpg)": "peer_tortoise",
    "Yara ORM": "peer_yara",
    "Oxyde": "peer_oxyde",
}
NODE = "Prisma for Node"

Times = dict[str, dict[str, list[float]]]
Batch = Callable[[str, int, int], float]


def run_sync(dsn: str, rounds: int, node: list[str]) -> Times:
    """One connection, one operation after another."""
    with ExitStack() as stack:
        batches: dict[str, Batch] = {}
        for name, (module, options) in SYNC.items():
            opened = importlib.import_module(module).opened(dsn, **options)
            batches[name] = _batch(stack.enter_context(opened))
        batches[NODE] = stack.enter_context(node_peer.opened(node, 1))
        return _played(batches, rounds)


def _batch(operations: Mapping[str, Callable[[int], Any]]) -> Batch:
    def run(operation: str, first: int, times: int) -> float:
        function = operations[operation]
        began = time.perf_counter()
        for number in range(first, first + times):
            function(number)
        return time.perf_counter() - began

    return run


async def opened_async(dsn: str, stack: AsyncExitStack, runner: asyncio.Runner) -> dict[str, Batch]:
    """Ten tasks on ten connections."""
    batches: dict[str, Batch] = {}
    for name, module in ASYNC.items():
        operations = await stack.enter_async_context(importlib.import_module(module).opened(dsn))
        batches[name] = _async_batch(operations, runner)
    return batches


def _async_batch(operations: Mapping[str, Callable[[int], Awaitable[Any]]], runner: asyncio.Runner) -> Batch:
    async def play(operation: str, first: int, times: int) -> float:
        numbers = iter(range(first, first + times))
        function = operations[operation]

        async def work() -> None:
            for number in numbers:
                await function(number)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(TASKS)))
        return time.perf_counter() - began

    return lambda operation, first, times: runner.run(play(operation, first, times))


def run_async(dsn: str, rounds: int, node: list[str]) -> Times:
    """Ten operations at a time."""
    with asyncio.Runner() as runner, node_peer.opened(node, TASKS) as in_node:
        stack = AsyncExitStack()
        try:
            batches = runner.run(opened_async(dsn, stack, runner))
            return _played({**batches, NODE: in_node}, rounds)
        finally:
            runner.run(stack.aclose())


def _played(batches: Mapping[str, Batch], rounds: int) -> Times:
    taken: Times = {operation: {name: [] for name in batches} for operation in workloads.TIMES}
    names = list(batches)
    first = 0
    for turn in range(rounds + 1):
        for operation, times in workloads.TIMES.items():
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                seconds = batches[name](operation, first, times)
                first += times
                if turn:  # the first round warms everybody up
                    taken[operation][name].append(seconds / times)
    return taken


if __name__ == "__main__":
    mode, count, *command = sys.argv[1:]
    play = run_sync if mode == "sync" else run_async
    print(json.dumps(play(os.environ["DATABASE_URL"], int(count), command)))
