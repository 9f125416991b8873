"""What asks for a step of the version's number besides the schema: the generators, and what is configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from generators.revisions import current_revision, generators_ask
from generators.target import PackageNames
from schemas.comparison.number import Ask

from .predecessors import BaseVersion


def draft_asks(before: BaseVersion, names: PackageNames | None) -> tuple[Ask, ...]:
    """Of a draft that follows ``before`` and will be built by this tool, under ``names`` (None: unknown)."""
    return other_asks(before, asdict(names) if names else {}, current_revision())


def other_asks(before: BaseVersion, packages: Mapping[str, str], revision: int) -> tuple[Ask, ...]:
    """Of a version that follows ``before``: its [packages], and the ``revision`` that built it."""
    generators = None if before.generators is None else generators_ask(before.generators, revision)
    configuration = _configuration_ask(before, packages)
    return tuple(ask for ask in (generators, configuration) if ask is not None)


def _configuration_ask(before: BaseVersion, now: Mapping[str, str]) -> Ask | None:
    """Whoever imports or installs a package by its name has to change code, whichever name it is; and so has
    who uses the client that is preferred."""
    reasons = tuple(
        f"{setting} was {value} and is {now[setting]}"
        for setting, value in before.packages
        if setting in now and value != now[setting]
    )
    return Ask(asker="configuration", step="major", reasons=reasons) if reasons else None
