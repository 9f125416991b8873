"""Which of a service's schemas a command is for. It imports nothing, as every command has it."""

from __future__ import annotations

_chosen: list[str | None] = [None]


def choose_schema(name: str | None) -> None:
    """None: that of the workspace around the current folder."""
    _chosen[0] = name


def chosen_schema() -> str | None:
    return _chosen[0]
