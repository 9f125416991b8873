"""test: lets the usual tools look at each artifact, installs it into a clean consumer, imports it, and reads
which schema it carries."""

from __future__ import annotations

from ...errors import ConsumerError
from ..consumer_tests import consumer_tests
from ..context import ReleaseContext
from ..package_gates import package_gates
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ConsumerError with every artifact that a tool refuses, that can't be installed, or that carries
    another schema.

    Raises RegistryUnreachableError if the artifacts' dependencies can't be fetched.
    """
    artifacts = [context.artifact(snapshot, packed) for packed in packed_artifacts(results)]
    tests = [*package_gates(context, snapshot, artifacts), *consumer_tests(context, snapshot, artifacts)]
    for key, test in tests:
        context.ahead.begin(key, test)
    problems = [problem for key, test in tests for problem in context.ahead.result(key, test)]
    # Thousands of files, and nothing waits for them to be gone before the release ends.
    context.ahead.begin("no consumers", context.remove_consumers)
    if problems:
        raise ConsumerError(*problems)
    return {"summary": f"{len(artifacts)} installed into clean consumers and imported"}
