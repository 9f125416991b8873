"""What people do to published versions: choose `latest`, roll it back, withdraw a version, restore it.

Each is one change: refused before anything is written, or done everywhere, after a kill by the next command.
Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..catalogue import NewEvent, PublishedVersion
from ..catalogue.engine import state_url
from ..catalogue.facts.events import LATEST_MOVED, RESTORED, ROLLED_BACK, WITHDRAWN, left_details
from ..catalogue.lookup import published_version
from ..errors import ReleaseError
from ..release.context import ReleaseContext
from ..release.latest_rule import latest_of
from ..release.latest_version import (
    adopt,
    find_decision,
    hidden_versions,
    latest_now,
    places_of,
    withdrawn_versions,
)
from ..release.publish_lock import only_publisher
from ..release.steps.verify import verify
from .differences import Difference, latest_differences, mark_differences, pip_notes, yank_notes
from .released import refuse_unreleased, released_version
from .unfinished import carry_out

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``changes`` are what was done in the registries, or would be, a line each; ``notes`` are for
    people who use pip. ``before`` is what was `latest`."""

    version: SchemaVersion
    before: SchemaVersion | None
    latest: SchemaVersion | None
    changes: tuple[str, ...]
    notes: tuple[str, ...]
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """As commands print it, and the API answers."""
        return {
            "version": str(self.version),
            "before": str(self.before) if self.before else None,
            "latest": str(self.latest) if self.latest else None,
            "changes": list(self.changes),
            "notes": list(self.notes),
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A change that nothing speaks against. ``latest`` is None where it stays; ``reason`` is why ``marked``
    is withdrawn, None if it isn't; no ``news``: all of it is so already."""

    news: tuple[NewEvent, ...]
    latest: PublishedVersion | None = None
    marked: PublishedVersion | None = None
    reason: str | None = None


def set_latest(
    workspace: Workspace, context: ReleaseContext, version: SchemaVersion, *, dry_run: bool = False
) -> Outcome:
    """Make ``version`` the `latest`, whatever its number, in the catalogue and in the registries.

    It stays that until a higher version is released. Raises NotPublishedError, also for a version
    that waits to be promoted, ReleaseError for one that is withdrawn or not complete in the registries, and
    what the registries raise.
    """
    return _change(workspace, context, version, lambda: _moved(context, version, LATEST_MOVED, {}), dry_run)


def roll_back_latest(
    workspace: Workspace,
    context: ReleaseContext,
    version: SchemaVersion,
    *,
    databases: Sequence[str] = (),
    allow_data_loss: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """The same for a version below the one that is `latest` now; else raises ReleaseError. ``databases`` are
    to follow: that is written down with it."""

    def wanted() -> _Wanted:
        refuse_unreleased(context, version)
        known = context.catalogue.find(version)
        before = latest_now(context, known.artifacts) if known else context.catalogue.latest()
        if before is not None and before < version:
            raise ReleaseError(_not_below(version, before))
        details = {
            "from": str(before) if before else None,
            "databases": list(databases),
            **left_details(databases, allow_data_loss=allow_data_loss),
        }
        return _moved(context, version, ROLLED_BACK, details)

    return _change(workspace, context, version, wanted, dry_run)


def withdraw(
    workspace: Workspace,
    context: ReleaseContext,
    version: SchemaVersion,
    *,
    reason: str,
    new_latest: SchemaVersion | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Mark ``version`` as withdrawn, in the catalogue and wherever a registry has marks; its files stay.

    Raises ReleaseError where it is `latest` and no other version is named for that, as ``new_latest``.
    """
    text = checked_reason(reason)

    def wanted() -> _Wanted:
        published = released_version(context, version)
        withdrawn = withdrawn_versions(context, published.artifacts)
        moved = None
        if new_latest is not None:
            if new_latest == version:
                raise ReleaseError(_is_latest(version, _highest_left(context, published)))
            moved = _moved(context, new_latest, LATEST_MOVED, {"because": f"{version} is withdrawn"})
        elif version in _latest_anywhere(context, published):
            raise ReleaseError(_is_latest(version, _highest_left(context, published)))
        event = NewEvent(event=WITHDRAWN, version=version, details={"reason": text})
        news = () if withdrawn.get(version) == text else (event,)
        return _Wanted(
            news=(*(moved.news if moved else ()), *news),
            latest=moved.latest if moved else None,
            marked=published,
            reason=text,
        )

    return _change(workspace, context, version, wanted, dry_run)


def restore(
    workspace: Workspace, context: ReleaseContext, version: SchemaVersion, *, dry_run: bool = False
) -> Outcome:
    """Take back that ``version`` is withdrawn. `latest` stays where it is."""

    def wanted() -> _Wanted:
        published = released_version(context, version)
        event = NewEvent(event=RESTORED, version=version)
        is_withdrawn = version in withdrawn_versions(context, published.artifacts)
        return _Wanted(news=(event,) if is_withdrawn else (), marked=published)

    return _change(workspace, context, version, wanted, dry_run)


def _change(
    workspace: Workspace,
    context: ReleaseContext,
    version: SchemaVersion,
    wanted: Callable[[], _Wanted],
    dry_run: bool,
) -> Outcome:
    state = state_url(context.settings.state.url, workspace.root)
    with nullcontext() if dry_run else only_publisher(state, context.settings.name):
        change = wanted()
        artifacts = published_version(context.catalogue, version).artifacts
        before = latest_now(context, artifacts)
        if dry_run:
            done = [difference.text for difference in _differences(context, change)]
        else:
            adopt(context, artifacts)
            # With what is left of an earlier change: one that a registry refuses can be taken back so.
            latest = change.latest.version if change.latest else None
            done = carry_out(workspace, context, change.news, latest)
            done += [each.text for each in _differences(context, change) if each.is_corrected()]
    now = change.latest.version if change.latest else before
    return Outcome(
        version=version,
        before=before,
        latest=now,
        changes=tuple(done),
        notes=tuple(_notes(context, change, now)),
        dry_run=dry_run,
    )


def _moved(
    context: ReleaseContext, version: SchemaVersion, event: str, details: Mapping[str, Any]
) -> _Wanted:
    published = released_version(context, version)
    reason = withdrawn_versions(context, published.artifacts).get(version)
    if reason is not None:
        raise ReleaseError(_withdrawn(version, reason, _highest_left(context, published)))
    verify(context, published.artifacts)  # nobody ever gets a `latest` that isn't all there
    decided = find_decision(context, published.artifacts)
    number = decided.number if decided else 0
    if decided and decided.version == version == context.catalogue.latest() and not decided.is_new:
        return _Wanted(news=(), latest=published)
    new = NewEvent(event=event, version=version, details=details, decision=number + 1)
    return _Wanted(news=(new,), latest=published)


def _differences(context: ReleaseContext, change: _Wanted) -> list[Difference]:
    """What is to be corrected in the registries once the catalogue says what is wanted."""
    found: list[Difference] = []
    if change.latest is not None:
        decisions = [new.decision for new in change.news if new.decision is not None]
        number = decisions[0] if decisions else context.catalogue.events.decision()
        artifacts, version = change.latest.artifacts, change.latest.version
        found += latest_differences(context, artifacts, version, number)
    if change.marked is not None:
        restored = context.catalogue.events.restored() | {
            new.version for new in change.news if new.event == RESTORED
        }
        is_restored = change.marked.version in restored
        found += mark_differences(context, change.marked.artifacts, change.reason, is_restored=is_restored)
    return found


def _notes(context: ReleaseContext, change: _Wanted, latest: SchemaVersion | None) -> Iterable[str]:
    if change.marked is not None:
        yield from yank_notes(context, change.marked.artifacts, yanked=change.reason is not None)
    if latest is not None and (published := context.catalogue.find(latest)) is not None:
        yield from pip_notes(context, published.artifacts)


def _latest_anywhere(context: ReleaseContext, published: PublishedVersion) -> set[SchemaVersion | None]:
    """By the catalogue, and by the registries: another machine may have moved it since."""
    decided = find_decision(context, published.artifacts)
    tags = {registry.latest(each.name) for each, registry in places_of(context, published.artifacts)}
    tagged = {published.version} if str(published.version) in tags else set()
    return {decided.version if decided else context.catalogue.latest(), *tagged}


def _highest_left(context: ReleaseContext, without: PublishedVersion) -> SchemaVersion | None:
    """What could be `latest` instead."""
    hidden = {without.version, *hidden_versions(context, without.artifacts)}
    left = [each for each in context.catalogue.versions() if each not in hidden]
    return latest_of(left)


def checked_reason(reason: str) -> str:
    """One line that says why. Raises ReleaseError for anything else."""
    text = reason.strip()
    if not text or len(text) > _LONGEST_REASON or not text.isprintable():
        raise ReleaseError(
            Problem(
                code="invalid-reason",
                message=f"the reason has to be one line of 1 to {_LONGEST_REASON} characters",
                fix='say why nobody should use the version: --reason "loses orders on upgrade"',
            )
        )
    return text


def _not_below(version: SchemaVersion, latest: SchemaVersion) -> Problem:
    return Problem(
        code="not-a-rollback",
        message=f"{version} is above {latest}, which is latest now: nothing would be rolled back",
        fix=f"to make it latest, run: schema-service latest set {version}",
    )


def _withdrawn(version: SchemaVersion, reason: str, other: SchemaVersion | None) -> Problem:
    instead = f", or choose another version, such as {other}" if other else ""
    return Problem(
        code="version-withdrawn",
        message=f"{version} is withdrawn ({reason}): it can't be latest",
        fix=f"restore it first: schema-service restore {version}{instead}",
    )


def _is_latest(version: SchemaVersion, other: SchemaVersion | None) -> Problem:
    return Problem(
        code="latest-would-be-withdrawn",
        message=f"{version} is latest, and latest must not be withdrawn",
        fix=f"say where latest goes: --latest {other}" if other else "publish another version first",
    )
