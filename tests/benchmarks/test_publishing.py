"""Publishing one version: this tool against the commands that people run by hand, in the same run.

Times are shown and written down, never asserted. What is asserted is that no command fails in any round, and
that what the last round published, by hand and by us, installs from the registries and works.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generators.target import GenerationRequest
from registry.consumers.throwaway_environments import npm_project, python_environment
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from . import our_pipeline
from .cases import PROJECT, Case, project_case, sample_case
from .consumer_check import check_node, check_python
from .hand_pipeline import HandPipeline
from .registries import Registries, round_names, running_registries
from .report import Report
from .rounds import BARE, GATED, HAND, PIPELINES, Round, play_round

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

_ROUNDS = 3
_WARM_UP = 0
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "publishing.md"
_EARLIER_RELEASES = round_names("sample", "earlier", 0)


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    """Both registries; the names of every round are reserved."""
    names = [
        round_names(case, pipeline, number)
        for case in ("sample", "ghostfolio")
        for pipeline in PIPELINES
        for number in range(_WARM_UP, _ROUNDS + 1)
    ]
    with running_registries(tmp_path_factory.mktemp("registries"), [*names, _EARLIER_RELEASES]) as running:
        yield running


@pytest.fixture(scope="module")
def sample(registries: Registries, bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The sample with its older versions published. Caches are warm after it, for both sides."""
    folder = tmp_path_factory.mktemp("sample")
    case = sample_case(folder / "workspace", bridge)
    registries.admit(case.root)
    for version in (SchemaVersion(1, 0, 0), SchemaVersion(1, 1, 0)):
        our_pipeline.publish(case.root, version, _EARLIER_RELEASES, registries)
    by_hand = case.request_for(round_names(case.name, HAND, _WARM_UP))
    for step in HandPipeline(folder / "warm-up", by_hand, registries).steps:
        step.run()
    return case


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    """Shown and written when all cases are done."""
    collected = Report()
    yield collected
    if collected.is_empty:
        return
    text = collected.to_markdown()
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


def test_publishing_the_sample(sample: Case, registries: Registries, report: Report, tmp_path: Path) -> None:
    report.add(sample.title, _rounds(sample, registries, tmp_path))


@pytest.mark.usefixtures("sample")  # for its warm caches
@pytest.mark.skipif(not PROJECT.is_dir(), reason="the corpus of real schemas isn't beside this repository")
def test_publishing_a_real_project(
    registries: Registries, bridge: PrismaBridge, report: Report, tmp_path: Path
) -> None:
    case = project_case(tmp_path / "workspace", bridge)
    report.add(case.title, _rounds(case, registries, tmp_path))


def _rounds(case: Case, registries: Registries, folder: Path) -> list[Round]:
    rounds = [
        play_round(case, number, registries, folder / f"round-{number}")
        for number in range(_WARM_UP + 1, _ROUNDS + 1)
    ]
    _check_by_hand(rounds[-1].hand)
    for pipeline in (GATED, BARE):
        ours = case.request_for(round_names(case.name, pipeline, _ROUNDS))
        _check_ours(ours, registries, folder / pipeline)
    return rounds


def _check_by_hand(played: HandPipeline) -> None:
    for environment in played.python_consumers:
        check_python(environment, played.request)
    check_node(played.node_consumer, played.request)


def _check_ours(request: GenerationRequest, registries: Registries, folder: Path) -> None:
    names, version = request.names, request.version
    pins = [f"{name}=={version.pep440}" for name in (names.python_client, names.python_migrations)]
    check_python(python_environment(folder / "python", pins, index_url=registries.devpi.index_url), request)
    specs = [f"{name}@{version}" for name in (names.node_client, names.typescript_types)]
    check_node(npm_project(folder / "node", specs, registry=registries.verdaccio.url), request)
