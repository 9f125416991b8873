"""Changes of published versions: written down first, then done in the registries, then announced.

What is wanted is recorded in the catalogue, as events that are not finished, before the first request. After
a kill the next command finds the note in the workspace, and corrects what is left; every correction is safe
to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import Announcement, Event, NewEvent
from ..catalogue.engine import state_url
from ..notify.events import announcement
from ..notify.sending import send_due
from ..release.context import ReleaseContext
from ..release.publish_lock import only_publisher
from .differences import Difference, latest_differences, line_differences, mark_differences
from .unfinished_note import note_change, note_change_finished


def carry_out(
    workspace: Workspace,
    context: ReleaseContext,
    news: Iterable[NewEvent],
    latest: SchemaVersion | None,
) -> list[str]:
    """Do what ``news`` say; ``latest`` is the new `latest`, or None. Returns what was changed, a line each.

    Hold the publish lock. Raises what the registries raise; the change is then done by a later command.
    """
    context.before_publishing()
    note_change(workspace.root)
    context.catalogue.events.begin(news, latest=latest)
    return complete(workspace, context)


def finish_change(workspace: Workspace, context: ReleaseContext) -> tuple[Event, ...]:
    """Finish what was cut short; returns its events. Raises ReleaseBusyError while another process works."""
    state = state_url(context.settings.state.url, workspace.root)
    with only_publisher(state, context.settings.name):
        events = context.catalogue.events.unfinished()
        complete(workspace, context)
    return events


def complete(workspace: Workspace, context: ReleaseContext) -> list[str]:
    """Let the registries agree with what is recorded and not finished. Hold the publish lock."""
    events = context.catalogue.events.unfinished()
    done = [each.text for each in _differences(context, events) if each.is_corrected()]
    if events:
        context.catalogue.events.finish(events, announcements(context, events))
    note_change_finished(workspace.root)
    if events:
        send_due(context.catalogue.deliveries, context.settings.notify)
    return done


def announcements(context: ReleaseContext, events: Sequence[Event]) -> list[Announcement]:
    """What the channels will be told."""
    latest = context.catalogue.latest()
    return [
        announcement(
            context.settings.notify,
            event.event,
            schema_name=context.catalogue.schema_name,
            version=event.version,
            at=event.created_at,
            data={"latest": str(latest) if latest else None, "by": event.created_by, **event.told_details},
        )
        for event in events
    ]


def _differences(context: ReleaseContext, events: Sequence[Event]) -> Iterator[Difference]:
    catalogue = context.catalogue
    latest = catalogue.latest()
    published = catalogue.find(latest) if latest is not None else None
    if published is not None and any(event.decision is not None for event in events):
        decision = catalogue.events.decision()
        yield from latest_differences(context, published.artifacts, published.version, decision)
    if published is not None and events:
        yield from line_differences(context, published.artifacts, published.version)
    withdrawn, restored = catalogue.events.withdrawn(), catalogue.events.restored()
    for version in dict.fromkeys(event.version for event in events):
        if (published := catalogue.find(version)) is not None:
            reason = withdrawn.get(version)
            yield from mark_differences(context, published.artifacts, reason, is_restored=version in restored)
