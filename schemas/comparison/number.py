"""The smallest version that changes may be published as: the largest that anything asks for.

Three things ask: what changed in the schema, what the generators of this tool make of it that they didn't
make when the version before was published, and what is configured (names of packages, interfaces).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..errors import Problem
from ..versions import Bump, SchemaVersion
from .change import Change

Asker: TypeAlias = Literal["schema", "generators", "configuration"]

_SETTINGS = "schema-service.toml"
_STEPS: tuple[Bump, ...] = ("patch", "minor", "major")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks for a step of which size, and why: one line a reason, without a full stop."""

    asker: Asker
    step: Bump
    reasons: tuple[str, ...]


def smallest_bump(changes: Sequence[Change], others: Sequence[Ask] = ()) -> Bump:
    """The smallest step that ``changes`` and the ``others`` allow, from 1.0.0 on."""
    asked = [_schema_step(changes), *(ask.step for ask in others)]
    return max(asked, key=_STEPS.index)


def schema_ask(changes: Sequence[Change]) -> Ask:
    """What ``changes`` ask for, with those that do."""
    step = _schema_step(changes)
    word = {"major": "breaking", "minor": "additive", "patch": "internal"}[step]
    reasons = tuple(change.text for change in changes if change.compatibility == word)
    return Ask(asker="schema", step=step, reasons=reasons)


def smallest_version(
    previous: SchemaVersion, changes: Sequence[Change], others: Sequence[Ask] = ()
) -> SchemaVersion:
    """The smallest release after ``previous`` that may have ``changes``, and what ``others`` ask for.

    Before 1.0.0 a minor step may break and a patch may add, as npm's and Cargo's ranges assume. A pre-release
    promises nothing, so the release that it precedes is enough.
    """
    return _after(previous, smallest_bump(changes, others))


def problems_with_bump(
    previous: SchemaVersion,
    version: SchemaVersion,
    changes: Sequence[Change],
    *,
    others: Sequence[Ask] = (),
    file: str | None = None,
) -> list[Problem]:
    """Why ``version`` may not follow ``previous`` with these changes; empty if it may. One problem for each
    that asks for more.

    ``previous`` is the latest published version below ``version``. ``file`` is the path in the problem.
    """
    if previous.is_prerelease:
        return []
    needed = smallest_version(previous, changes, others)
    number = SchemaVersion(version.major, version.minor, version.patch)
    refusing = [ask for ask in (schema_ask(changes), *others) if number < _after(previous, ask.step)]
    return [_too_small(previous, version, needed, ask, file) for ask in refusing]


def _schema_step(changes: Sequence[Change]) -> Bump:
    compatibilities = {change.compatibility for change in changes}
    if "breaking" in compatibilities:
        return "major"
    return "minor" if "additive" in compatibilities else "patch"


def _after(previous: SchemaVersion, step: Bump) -> SchemaVersion:
    if previous.is_prerelease:
        return SchemaVersion(previous.major, previous.minor, previous.patch)
    if previous.major == 0:
        step = "minor" if step == "major" else "patch"
    return previous.bumped(step)


def _too_small(
    previous: SchemaVersion, version: SchemaVersion, needed: SchemaVersion, ask: Ask, file: str | None
) -> Problem:
    reasons = "".join(f"\n  - {reason}" for reason in ask.reasons)
    small = f"{version} is too small a step from {previous}"
    if ask.asker == "generators":
        return Problem(
            code="version-too-small",
            message=f"{small} for what this schema-service changes in the packages:{reasons}",
            fix=f"publish this as {needed}, or with the schema-service that published {previous}",
            file=file,
        )
    if ask.asker == "configuration":
        return Problem(
            code="version-too-small",
            message=f"{small} for what changed in [packages]:{reasons}",
            fix=f"publish this as {needed}, or take back what {previous} was published with",
            file=_SETTINGS,
        )
    return Problem(
        code="version-too-small",
        message=f"{small} for these changes:{reasons}",
        fix=f"publish this as {needed}, or undo these changes",
        file=file,
    )
