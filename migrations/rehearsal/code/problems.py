"""The problems for code that a migration leaves behind broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from .failing_code import Failure
from .stale_names import StaleName

_Failures = Mapping[tuple[str, int], Failure | None]
_FIX = "write the function anew in up.sql (CREATE OR REPLACE FUNCTION), and as it was in down.sql"


def newly_failing(before: _Failures, after: _Failures, version: SchemaVersion) -> Iterator[Problem]:
    """What fails after the upgrade and didn't before. A new function may only dislike its arguments."""
    for key, failure in after.items():
        if failure is None or before.get(key) is not None:
            continue
        is_sure = not failure.is_called or key in before
        yield Problem(
            code="code-fails",
            message=f"after upgrading to {version}, {failure.what} fails: {failure.reason}",
            fix=_FIX,
            severity="error" if is_sure else "warning",
        )


def stale(names: Iterable[StaleName], version: SchemaVersion) -> Iterator[Problem]:
    """Functions that name what is gone: warnings, as the words may mean something else."""
    for each in names:
        now = "was dropped" if each.now is None else f'is now "{each.now}"'
        yield Problem(
            code="stale-name",
            message=f"after upgrading to {version}, function {each.function} still names "
            f'"{each.name}", which {now}',
            fix=f"{_FIX}; nothing needs to be done if it means something else",
            severity="warning",
        )
