"""Collects problems, so that all of them are reported and not only the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from .errors import Problem, WorkspaceError

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ProblemCollector:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def attempt(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        """The function's result, or None where it raised a WorkspaceError, whose problems are kept."""
        try:
            return function(*args, **kwargs)
        except WorkspaceError as error:
            self.problems += error.problems
            return None

    def raise_all(self) -> None:
        """Raise WorkspaceError with all problems, if there are any."""
        if self.problems:
            raise WorkspaceError(*self.problems)
