"""Which versions are withdrawn: by this machine, or by another one, as the registries show it."""

from __future__ import annotations

from ..catalogue import PublishedVersion
from ..catalogue.facts.events import RESTORED, WITHDRAWN
from ..publishers.withdrawal_mark import marked_reason
from ..release.context import ReleaseContext
from ..release.latest_version import places_of


def withdrawn_reason(context: ReleaseContext, published: PublishedVersion) -> str | None:
    """Why nobody should use it, by the catalogue or by what another machine has done; None if it isn't
    withdrawn."""
    known = context.catalogue.events.withdrawn().get(published.version)
    return known if known is not None else withdrawn_elsewhere(context, published)


def withdrawn_elsewhere(context: ReleaseContext, published: PublishedVersion) -> str | None:
    """The reason in a mark that this catalogue doesn't know.

    A version that was restored here had no mark when that was finished: one that is there now is newer.
    """
    events = context.catalogue.events
    unfinished = {each.version for each in events.unfinished() if each.event in (WITHDRAWN, RESTORED)}
    if published.version in events.withdrawn() or published.version in unfinished:
        return None
    for packed, registry in places_of(context, published.artifacts):
        if packed.kind == "npm":
            reason = marked_reason(registry.withdrawal(packed.name, packed.version))
            if reason is not None:
                return reason
    return None
