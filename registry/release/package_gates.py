"""What publint, Are the types wrong, TypeScript, twine, check-wheel-contents and, where it is asked for, mypy
say of the artifacts, and whether the Python client declares its types.

Each reads the bytes that will be uploaded. Between releases, only mypy keeps what it knows of other packages.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from generators.target import Artifact
from schemas.errors import Problem

from .consumer_tests import ConsumerTest
from .context import ReleaseContext
from .snapshots.snapshot import Snapshot


def package_gates(
    context: ReleaseContext, snapshot: Snapshot, artifacts: Sequence[Artifact]
) -> list[ConsumerTest]:
    """The tests of ``artifacts``, which are of this release."""
    # The tools take a while to import, and only publishing needs them.
    from ..package_checks.declared_types import declared_type_problems  # noqa: PLC0415
    from ..package_checks.typescript import typescript_problems  # noqa: PLC0415
    from ..package_checks.wheels import wheel_problems  # noqa: PLC0415

    tests: list[ConsumerTest] = []
    for each in artifacts:
        if each.kind == "wheel":
            tests.append((("wheel checks", each.sha256), partial(wheel_problems, each)))
            if each.language == "python":
                tests.append((("types", each.sha256), partial(declared_type_problems, each)))
            if each.language == "python" and context.settings.checks.mypy:
                package = snapshot.names.python_import
                tests.append((("mypy", each.sha256), partial(_mypy_problems, context, each, package)))
        else:
            schema = context.schema(snapshot)
            tests.append((("npm checks", each.sha256), partial(context.npm_checks.problems, each)))
            tests.append((("TypeScript", each.sha256), partial(typescript_problems, each, schema)))
    return tests


def _mypy_problems(context: ReleaseContext, artifact: Artifact, package: str) -> list[Problem]:
    from ..package_checks.mypy_strict import mypy_problems  # noqa: PLC0415

    place = context.consumer_folder()
    return mypy_problems(artifact, package, place / "mypy", place.with_name("mypy"))


def begin_package_gates(context: ReleaseContext) -> None:
    """Let the process that some of them need get ready."""
    context.ahead.begin("npm checks", context.npm_checks.start)
