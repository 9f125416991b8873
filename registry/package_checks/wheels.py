"""What twine and check-wheel-contents say of a wheel, in this process."""

from __future__ import annotations

import tempfile
from pathlib import Path

from check_wheel_contents.checker import WheelChecker
from check_wheel_contents.contents import WheelContents
from check_wheel_contents.errors import WheelValidationError
from twine.commands.check import _check_file, _WarningStream
from twine.exceptions import TwineException

from generators.target import Artifact
from schemas.errors import Problem

from .refusals import refused


def wheel_problems(artifact: Artifact) -> list[Problem]:
    """As `twine check --strict` and `check-wheel-contents` find them."""
    with tempfile.TemporaryDirectory(prefix="schema-service-") as folder:
        wheel = Path(folder) / artifact.filename
        wheel.write_bytes(artifact.content)
        return [*_by_twine(artifact, wheel), *_by_contents(artifact, wheel)]


def _by_twine(artifact: Artifact, wheel: Path) -> list[Problem]:
    """The command itself writes to the terminal; what it calls for each file doesn't."""
    stream = _WarningStream()
    try:
        warnings, is_rendered = _check_file(str(wheel), stream)
    except TwineException as error:
        return [refused(artifact, "twine", str(error))]
    told = [*warnings, *([] if is_rendered else [f"`long_description` can't be rendered: {stream}"])]
    return [refused(artifact, "twine", words, file=f"{_metadata(wheel)}/METADATA") for words in told]


def _by_contents(artifact: Artifact, wheel: Path) -> list[Problem]:
    checker = WheelChecker()
    try:
        failed = checker.check_contents(WheelContents.from_wheel(wheel))
    except WheelValidationError as error:
        return [refused(artifact, "check-wheel-contents", str(error), file=f"{_metadata(wheel)}/RECORD")]
    problems = []
    for each in failed:
        words = f"{each.check.name}: {each.check.value}"
        files = each.args or [None]
        problems += [refused(artifact, "check-wheel-contents", words, file=file) for file in files]
    return problems


def _metadata(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name}-{version}.dist-info"
