"""One attempt at a run of any kind: whatever happens, it is recorded how it ended, or given back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from typing import Any

from schemas.errors import Problem, ServiceError

from ..catalogue.run_queue import R, RunQueue
from ..errors import CatalogueError

#: How often a run is begun: one that ends its process each time must not go on for ever.
_MOST_ATTEMPTS = 50


class StoppedError(KeyboardInterrupt):
    """The process has to end. As a KeyboardInterrupt it makes psycopg cancel the statement in the server."""


def attempt(
    queue: RunQueue[R],
    run: R,
    do: Callable[[], Mapping[str, Any]],
    fail: Callable[..., None],
) -> None:
    """Do what is left of a run that was begun, and record how it ended; ``fail`` is told of problems.

    Raises CatalogueError where the state database fails, which leaves the run to whoever looks next.
    """
    if run.cancel_asked:
        queue.finish(run.id, "cancelled", {"problems": []})
        return
    try:
        if run.attempt > _MOST_ATTEMPTS:
            fail(_ended_each_time(run.id, run.attempt - 1))
            return
        outcome = do()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is done: too late to stop
        queue.finish(run.id, "succeeded", outcome)
    except StoppedError:
        if queue.is_cancel_asked(run.id):
            queue.finish(run.id, "cancelled", {"problems": []})
        else:
            queue.give_back(run.id, "its worker was stopped")
    except CatalogueError:
        raise
    except ServiceError as error:
        fail(*error.problems)
    except Exception as error:  # the last resort: a run that is over instead of one that goes on for ever
        fail(_bug(run.id, error))


def _ended_each_time(run_id: str, times: int) -> Problem:
    return Problem(
        code="run-given-up",
        message=f"run {run_id} was begun {times} times, and each time its process ended",
        fix=f"see what ends it on the worker's machine, such as a lack of memory, then: "
        f"schema-service run retry {run_id}",
    )


def _bug(run_id: str, error: Exception) -> Problem:
    return Problem(
        code="run-bug",
        message=f"a bug in schema-service ended run {run_id}: {type(error).__name__}: {error}",
        fix="please report it with this message",
    )
