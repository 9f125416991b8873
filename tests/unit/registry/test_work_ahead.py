"""Work of later steps, begun beside the earlier ones."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from registry.release.work_ahead import WorkAhead

_WAIT_SECONDS = 60


def test_what_was_begun_is_not_done_again() -> None:
    ahead, done = WorkAhead(), list[str]()
    ahead.start()
    begun, may_end = threading.Event(), threading.Event()

    def work() -> int:
        done.append("once")
        begun.set()
        may_end.wait(_WAIT_SECONDS)
        return 7

    ahead.begin("key", work)
    ahead.begin("key", work)
    assert begun.wait(_WAIT_SECONDS)
    may_end.set()
    assert ahead.result("key", work) == 7
    assert ahead.result("key", work) == 7
    ahead.end()
    assert done == ["once"]


def test_what_was_not_begun_is_done_by_whoever_needs_it() -> None:
    ahead = WorkAhead()
    ahead.start()
    assert ahead.result("key", threading.get_ident) == threading.get_ident()
    ahead.end()


def test_work_that_needs_other_work_never_waits_for_a_free_thread() -> None:
    ahead = WorkAhead()
    ahead.start()

    def outer(number: int) -> int:
        return ahead.result(("inner", number), lambda: number)

    for number in range(50):
        ahead.begin(("outer", number), partial(outer, number))
    found = [ahead.result(("outer", number), partial(outer, number)) for number in range(50)]
    ahead.end()
    assert found == [*range(50)]


def test_a_failure_is_told_where_the_result_is_asked_for() -> None:
    ahead = WorkAhead()
    ahead.start()

    def fail() -> None:
        raise ValueError("of the later step")

    ahead.begin("key", fail)
    with pytest.raises(ValueError, match="of the later step"):
        ahead.result("key", fail)
    ahead.end()


def test_a_release_that_is_over_leaves_nothing_to_the_next() -> None:
    ahead = WorkAhead()
    ahead.start()
    assert ahead.result("key", lambda: 1) == 1
    ahead.end()
    assert ahead.result("key", lambda: 2) == 2
    ahead.begin("other", lambda: 3)
    ahead.end()
