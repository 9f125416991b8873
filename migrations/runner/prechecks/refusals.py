"""Refuses a run for what the checks before it have found, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import RefusedError
from .data_checks import Finding


def refuse_by_data(
    found: Sequence[Finding],
    *,
    allow_data_loss: bool,
    is_upgrade: bool,
    is_down: bool = False,
    taken: Sequence[str] = (),
    changed: Sequence[str] = (),
    dependent: Sequence[str] = (),
    done: Sequence[str] = (),
) -> None:
    """Raises RefusedError if a script would fail on the rows, on names that are ``taken`` or on what is
    ``dependent`` on what it alters, or would use indexes that somebody has ``changed``, or a downgrade would
    destroy some data (or may), and that is not allowed.

    ``is_down``: the run begins with a downgrade. ``is_upgrade``: a downgrade was begun earlier, and is
    finished before an upgrade. ``done`` are the migrations that this run has applied or undone before.
    """
    allowing = "run this again with --allow-data-loss"
    if is_upgrade:
        allowing = "finish the downgrade that was begun, with: retry --allow-data-loss"
    unchanged = (
        f"{', '.join(done)} had been undone by then, and nothing else" if done else "nothing was changed"
    )
    blocking = [finding for finding in found if finding.check.kind == "in_use"]
    lost = [] if allow_data_loss else [finding for finding in found if finding.check.kind == "loss"]
    details = [*taken, *changed, *dependent, *(str(finding) for finding in (*blocking, *lost))]
    if blocking and blocking[0].direction == "down":
        also = "; data that the downgrade would destroy also needs --allow-data-loss" if lost else ""
        raise RefusedError(
            "in-use",
            f"the older version can't hold data that is in use; {unchanged}",
            f"change or remove these rows first, then run this again{also}",
            details,
        )
    applied = "the migrations before it are applied" if done else "nothing was changed"
    if blocking:
        also = ", and rename or drop what is in the way," if taken else ""
        raise RefusedError(
            "rows-do-not-fit",
            f"rows that are there don't fit the newer version; {applied}",
            f"change or remove these rows{also} first, then run this again",
            details,
        )
    if taken:
        version = "older" if is_down else "newer"
        raise RefusedError(
            "name-taken",
            f"something already has a name that the {version} version creates; nothing was changed",
            "rename or drop it first, then run this again; for a database made by other means, run baseline",
            details,
        )
    if changed:
        raise RefusedError(
            "index-differs",
            "indexes that these migrations use are not as they were rehearsed; nothing was changed",
            "rename those that are there (ALTER INDEX … RENAME TO …), or drop them; make them as they were "
            "rehearsed; then run this again",
            details,
        )
    if dependent:
        raise RefusedError(
            "depended-on",
            "something that these migrations don't know depends on what they drop or give another type; "
            "nothing was changed",
            "drop what is listed, or change it so that it doesn't need this, then run this again; "
            "views can be made again afterwards",
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
