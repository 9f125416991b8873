"""Helpers that Prisma Client Python has, for code that uses them."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar

_T = TypeVar("_T")


def async_run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine, where no loop runs."""
    return asyncio.run(coroutine)


def maybe_async_run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> object:
    """The result of a function, or of a coroutine function."""
    result = function(*args, **kwargs)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def is_coroutine(value: object) -> bool:
    """Whether it is a coroutine function."""
    return inspect.iscoroutinefunction(value)


def module_exists(name: str) -> bool:
    """Whether a module can be imported."""
    return find_spec(name) is not None


@contextmanager
def temp_env_update(variables: Mapping[str, str]) -> Generator[None]:
    """Environment variables that are set inside a block."""
    before = dict(os.environ)
    try:
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
