"""Refuses a downgrade for what the checks of the data have found, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import RefusedError
from .data_checks import Finding


def refuse_by_data(found: Sequence[Finding], *, allow_data_loss: bool) -> None:
    """Raises RefusedError if a downgrade would fail on the data, or would destroy some (or may), and that is
    not allowed."""
    blocking = [finding for finding in found if finding.check.kind == "in_use"]
    lost = [] if allow_data_loss else [finding for finding in found if finding.check.kind == "loss"]
    details = [str(finding) for finding in (*blocking, *lost)]
    if blocking:
        also = "; data that the downgrade would destroy also needs --allow-data-loss" if lost else ""
        raise RefusedError(
            "in-use",
            "the older version can't hold data that is in use; nothing was changed",
            f"change or remove these rows first, then run this again{also}",
            details,
        )
    if lost and all(finding.rows is None for finding in lost):
        raise RefusedError(
            "loss-unknown",
            "whether the downgrade would destroy data can't be determined; nothing was changed",
            "check this data, back it up if it is needed, then run this again with --allow-data-loss",
            details,
        )
    if lost:
        raise RefusedError(
            "data-loss",
            "the downgrade would destroy data; nothing was changed",
            "back it up if it is needed, then run this again with --allow-data-loss",
            details,
        )
