"""Who writes from a command line, for the audit log."""

from __future__ import annotations

from ....catalogue.access import Writer
from ....os_user import user_name


def command_line_writer() -> Writer:
    return Writer(who=user_name(), origin="command line")
