"""Rounds of the pipelines in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import our_pipeline
from .cases import Case
from .hand_pipeline import HandPipeline, Step
from .registries import Registries, round_names

HAND, GATED, BESIDE_UP, BARE = "hand", "gated", "beside-up", "bare"
PIPELINES = (HAND, GATED, BESIDE_UP, BARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All times are in seconds. ``hand_publishing`` and ``hand_installing`` are by command, ``our_steps`` by
    step of the release; ``gated``, ``beside_up`` and ``bare`` are whole processes."""

    hand: HandPipeline
    hand_publishing: dict[str, float]
    hand_installing: dict[str, float]
    hand_installing_with_uv: dict[str, float]
    gated: float
    our_steps: dict[str, float]
    beside_up: float
    bare: float


def play_round(case: Case, number: int, registries: Registries, folder: Path) -> Round:
    """Publish ``case`` with each pipeline; which pipeline begins depends on ``number``."""
    hand = HandPipeline(folder / HAND, case.request_for(round_names(case.name, HAND, number)), registries)
    workspaces = {name: case.copy_to(folder / name) for name in (GATED, BESIDE_UP, BARE)}
    for workspace in workspaces.values():
        registries.admit(workspace)
    our_steps: dict[str, float] = {}
    environment: dict[str, str] = {}
    running = ExitStack()

    def play_gated() -> None:
        names = round_names(case.name, GATED, number)
        our_steps.update(our_pipeline.publish(workspaces[GATED], case.version, names, registries))

    def start_up() -> None:
        names = round_names(case.name, BESIDE_UP, number)
        environment.update(
            running.enter_context(our_pipeline.running_up(workspaces[BESIDE_UP], names, registries))
        )

    def play_beside_up() -> None:
        our_pipeline.publish_beside_up(workspaces[BESIDE_UP], case.version, environment)

    def play_bare() -> None:
        names = round_names(case.name, BARE, number)
        our_pipeline.publish_without_gates(workspaces[BARE], case.version, names, registries)

    steps = {
        HAND: hand.steps,
        GATED: (Step(GATED, play_gated),),
        BESIDE_UP: (Step("up", start_up), Step(BESIDE_UP, play_beside_up), Step("Ctrl-C", running.close)),
        BARE: (Step(BARE, play_bare),),
    }
    first = number % len(PIPELINES)
    with running:
        taken = _timed(step for name in (*PIPELINES[first:], *PIPELINES[:first]) for step in steps[name])
    uv = hand.installing_with_uv.name
    return Round(
        hand=hand,
        hand_publishing={step.name: taken[step.name] for step in hand.publishing},
        hand_installing={step.name: taken[step.name] for step in hand.installing},
        hand_installing_with_uv={hand.installing[0].name: taken[hand.installing[0].name], uv: taken[uv]},
        gated=taken[GATED],
        our_steps=our_steps,
        beside_up=taken[BESIDE_UP],
        bare=taken[BARE],
    )


def _timed(steps: Iterable[Step]) -> dict[str, float]:
    return {step.name: _seconds(step.run) for step in steps}


def _seconds(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
