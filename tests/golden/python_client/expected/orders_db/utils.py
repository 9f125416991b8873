"""Helpers that Prisma Client Python has, for code that uses them."""

from __future__ import annotations

from ._runtime.public.helpers import async_run, is_coroutine, maybe_async_run, module_exists, temp_env_update

__all__ = ["async_run", "is_coroutine", "maybe_async_run", "module_exists", "temp_env_update"]
