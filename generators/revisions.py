"""The revisions of the generators: what this tool makes of a version that an earlier one made otherwise.

Whoever changes what a generator writes for the same request adds a line to :data:`REVISIONS`, with the step
that consumers need to be told by: ``major`` where code that used the packages before can fail, ``minor`` for
something new to use, ``patch`` for all else. Each release records the revision that built it, and the next
version's number follows from the lines after that one. A line never changes once a release has shipped it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.comparison.number import Ask
from schemas.versions import Bump


@dataclass(frozen=True, slots=True)
class Revision:
    """``text`` says what changed, in words that follow "this schema-service changes in the packages"."""

    number: int
    step: Bump
    text: str


REVISIONS: Final = (
    Revision(1, "patch", "nothing: releases that record no revision were built by this one"),
    Revision(2, "minor", "they carry the version's changelog"),
    Revision(
        3,
        "minor",
        "the Node client keeps microseconds, and can be bundled and exported by libraries; it carries pg; "
        "the TypeScript types have validators (./validators, ./zod, ./json-schema) and metadata (./meta); "
        "fromJson refuses values that their fields can't have, as its documentation says; a value is the "
        "same in every language: the Node client keeps floats, and microseconds of texts and of the types "
        "package's Dates, and refuses what it would store or read as something else, as the Python client's "
        "bodies do, and that client leaves the rounding of datetimes to Postgres; money is the same on "
        "servers of any locale with two digits; each README says what the package's user needs to know; "
        "clients check the version of the database that they connect to, and name their sessions by package "
        "and version, which the migrations' `users` lists",
    ),
)
#: What a release records that was published before releases recorded it.
FIRST: Final = 1
_WITH_CHANGELOG = 2


def current_revision() -> int:
    """The revision of this tool's generators."""
    return REVISIONS[-1].number


def carries_changelog(revision: int) -> bool:
    """Whether packages of ``revision`` hold the changelog. A sealed version is built as it was published."""
    return revision >= _WITH_CHANGELOG


def generators_ask(published: int, up_to: int) -> Ask | None:
    """What the revisions after ``published``, up to ``up_to``, ask of a version that follows; None for
    nothing."""
    steps: tuple[Bump, ...] = ("major", "minor", "patch")
    later = [revision for revision in REVISIONS if published < revision.number <= up_to]
    for step in steps:
        if reasons := tuple(revision.text for revision in later if revision.step == step):
            return Ask(asker="generators", step=step, reasons=reasons)
    return None
