"""The workers of a workspace: one for the migration runs of its databases, one for its release jobs."""

from __future__ import annotations

from pathlib import Path

from ..catalogue import Catalogue
from ..config.settings import Settings
from ..runs.worker import Looking, Worker
from .worker import JobWorker


def workers_of(catalogue: Catalogue, settings: Settings, root: Path) -> tuple[Looking, ...]:
    """``root`` is the workspace's."""
    return Worker(catalogue, settings, root), JobWorker(catalogue, root)
