"""Sending announcements that are due, before a command does what it was called for."""

from __future__ import annotations

from schemas.errors import ServiceError
from schemas.workspace.workspace import Workspace

from ..catalogue.opening import open_catalogue
from ..config.settings import Settings
from ..notify.sending import send_due
from .output import say


def send_due_announcements(workspace: Workspace, settings: Settings) -> None:
    """Tell on standard error what arrived. What fails is for `deliveries` to show, and is tried again: the
    command that was called goes on in any case."""
    try:
        with open_catalogue(workspace, settings) as catalogue:
            sent = send_due(catalogue.deliveries, settings.notify)
    except ServiceError:  # whoever needs the database says so
        return
    if sent.delivered:
        say(f"What was due: {sent.summary}.", on_stderr=True)
