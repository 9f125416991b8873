"""The packages that depend on the schema alone: built, checked and tried while migrations are rehearsed.

The steps `generate`, `pack` and `test` use these results; see :mod:`registry.release.work_ahead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from generators.target import Language

from .consumer_tests import begin_upstream, consumer_tests
from .context import ReleaseContext
from .package_gates import begin_package_gates, package_gates
from .snapshots.snapshot import Snapshot

# Packages that are tested together are built together.
_EARLY: Sequence[tuple[Language, ...]] = (("node", "typescript"), ("python",))


def begin_early_packages(context: ReleaseContext, snapshot: Snapshot) -> None:
    """``snapshot`` has passed its check."""
    begin_upstream(context)
    begin_package_gates(context)
    for languages in _EARLY:
        work = partial(_build_and_try, context, snapshot, languages)
        context.ahead.begin(("early", snapshot.input_digest, *languages), work)


def _build_and_try(context: ReleaseContext, snapshot: Snapshot, languages: Sequence[Language]) -> None:
    artifacts = [context.built(snapshot, language) for language in languages]
    for tests in (package_gates, consumer_tests):
        for key, test in tests(context, snapshot, artifacts):
            context.ahead.begin(key, test)
