"""Refuses a downgrade for what the checks of the data have found, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import RefusedError
from .data_checks import Finding


def refuse_by_data(
    found: Sequence[Finding], *, allow_data_loss: bool, is_upgrade: bool, done: Sequence[str] = ()
) -> None:
    """Raises RefusedError if a downgrade would fail on the data, or would destroy some (or may), and that is
    not allowed.

    ``is_upgrade``: the downgrade was begun earlier, and is finished before an upgrade. ``done`` are the
    migrations that this run has undone before.
    """
    allowing = "run this again with --allow-data-loss"
    if is_upgrade:
        allowing = "finish the downgrade that was begun, with: retry --allow-data-loss"
    unchanged = (
        f"{', '.join(done)} had been undone by then, and nothing else" if done else "nothing was changed"
    )
    blocking = [finding for finding in found if finding.check.kind == "in_use"]
    lost = [] if allow_data_loss else [finding for finding in found if finding.check.kind == "loss"]
    details = [str(finding) for finding in (*blocking, *lost)]
    if blocking:
        also = "; data that the downgrade would destroy also needs --allow-data-loss" if lost else ""
        raise RefusedError(
            "in-use",
            f"the older version can't hold data that is in use; {unchanged}",
            f"change or remove these rows first, then run this again{also}",
            details,
        )
    if lost and all(finding.rows is None for finding in lost):
        raise RefusedError(
            "loss-unknown",
            f"whether the downgrade would destroy data can't be determined; {unchanged}",
            f"check this data, back it up if it is needed, then {allowing}",
            details,
        )
    if lost:
        raise RefusedError(
            "data-loss",
            f"the downgrade would destroy data; {unchanged}",
            f"back it up if it is needed, then {allowing}",
            details,
        )
