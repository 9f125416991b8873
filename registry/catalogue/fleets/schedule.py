"""What a fleet run does next, from how its databases are: nothing else decides it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..facts.events import Event
from ..runs import is_news
from .records import AT_WORK, CANARY, ENDED_BADLY, FleetRun, FleetState, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``ended`` are those whose end nobody was told of; ``start`` those to begin with now, which are of
    ``wave``; ``wait`` those that aren't to be begun after all; ``pause`` why it has to stop; ``over`` how it
    ended."""

    ended: tuple[Member, ...] = ()
    start: tuple[Member, ...] = ()
    wave: int | None = None
    wait: tuple[Member, ...] = ()
    pause: str | None = None
    over: FleetState | None = None

    @property
    def is_nothing(self) -> bool:
        return not (self.ended or self.start or self.pause or self.over)


def next_step(fleet: FleetRun, members: Sequence[Member], withdrawal: Event | None) -> Step:
    """``members`` in the order in which they are to be done; ``withdrawal`` is that of the target."""
    ended = tuple(each for each in members if each.state in ("succeeded", *ENDED_BADLY) and not each.told)
    waiting = [each for each in members if each.state == "waiting"]
    at_work = [each for each in members if each.state in AT_WORK]
    if not at_work and (fleet.cancel_asked or not waiting):
        return Step(ended=ended, over=_end(fleet, members))
    if fleet.state != "running" or fleet.cancel_asked:
        return Step(ended=ended)
    if is_news(withdrawal, fleet):
        queued = tuple(each for each in at_work if each.state == "queued")
        return Step(ended=ended, wait=queued, pause=_withdrawn(fleet, withdrawal))
    pause = _reason_to_stop(fleet, members)
    if pause is not None:
        return Step(ended=ended, pause=pause)
    wave = min(each.wave for each in (*waiting, *at_work))
    if wave > CANARY and fleet.pause_after_canary and _has_canary(members):
        return Step(ended=ended, pause="the canary is done, and the others wait to be resumed")
    free = max(0, fleet.concurrency - len(at_work))
    start = tuple(each for each in waiting if each.wave == wave)[:free]
    return Step(ended=ended, start=start, wave=wave)


def _end(fleet: FleetRun, members: Sequence[Member]) -> FleetState:
    if fleet.cancel_asked:
        return "cancelled"
    return "failed" if any(each.state in ENDED_BADLY for each in members) else "succeeded"


def _reason_to_stop(fleet: FleetRun, members: Sequence[Member]) -> str | None:
    failed = [each for each in members if each.state in ENDED_BADLY and not each.accepted]
    canaries = [each.database for each in failed if each.wave == CANARY]
    if canaries:
        return f"the canary did not succeed: {', '.join(canaries)}"
    if len(failed) >= fleet.stop_after:
        return f"{len(failed)} did not succeed, and {fleet.stop_after} are enough to stop: " + ", ".join(
            each.database for each in failed
        )
    return None


def _withdrawn(fleet: FleetRun, withdrawal: Event) -> str:
    return (
        f"{withdrawal.created_by} has withdrawn {fleet.target} ({withdrawal.reason}): to go on all the same, "
        f"schema-service fleet resume {fleet.id}; to end it, schema-service fleet cancel {fleet.id}"
    )


def _has_canary(members: Sequence[Member]) -> bool:
    return any(each.wave == CANARY for each in members)


def counts(members: Sequence[Member]) -> dict[str, int]:
    """How many are in each state."""
    return dict(Counter(each.state for each in members))
