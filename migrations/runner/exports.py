"""What a package's ``__init__`` exports, imported on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from .api import Migrations

_MODULES = {
    "Difference": "verification.differences",
    "Forecast": "report",
    "MigrationFailedError": "errors",
    "MigrationStatus": "report",
    "Options": "options",
    "RefusedError": "errors",
    "Report": "report",
    "RunnerError": "errors",
    "Status": "report",
    "TryAgainError": "errors",
    "UsageError": "errors",
    "Users": "connection.clients",
    "Verification": "verification.verify",
}


def export(name: str, manifest: str) -> object:
    """A class of the runner, or a function bound to the manifest.json at the path ``manifest``."""
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __package__), name)
    return getattr(_migrations(manifest), name)


@cache
def _migrations(manifest: str) -> Migrations:
    return Migrations(Path(manifest))
