"""Correcting what was published about a version: the correction is kept beside the original.

Packages never change: they go on carrying what they were published with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue, Correction, PublishedVersion, What
from ..errors import CorrectionError, NotPublishedError

_ONE_LINE: What = "description"


@dataclass(frozen=True, slots=True)
class Corrected:
    """A version as it reads now. ``original`` has what was published, of each text that was corrected."""

    published: PublishedVersion
    original: Mapping[What, str]
    corrections: tuple[Correction, ...]


def corrected(published: PublishedVersion, corrections: Iterable[Correction]) -> Corrected:
    """``published`` with the last correction of each text; ``corrections`` are its own, oldest first."""
    made = tuple(corrections)
    original: dict[What, str] = {each.what: _text(published, each.what) for each in made}
    texts: dict[str, Any] = {each.what: each.text for each in made}
    return Corrected(replace(published, **texts), original, made)


def corrected_descriptions(corrections: Iterable[Correction]) -> Mapping[SchemaVersion, str]:
    """The last description of each version that has a corrected one; ``corrections`` are oldest first."""
    return {each.version: each.text for each in corrections if each.what == "description"}


def correction_document(correction: Correction) -> dict[str, str]:
    """As JSON values."""
    return {
        "what": correction.what,
        "text": correction.text,
        "at": correction.made_at.isoformat(),
        "by": correction.made_by,
    }


def amend(catalogue: Catalogue, version: SchemaVersion, texts: Mapping[What, str], *, by: str) -> Corrected:
    """Record new texts for a published version, and return it as it reads then.

    Raises NotPublishedError, and CorrectionError for a text that says nothing else or can't be kept.
    """
    published = catalogue.find(version)
    if published is None:
        raise NotPublishedError(_not_published(version))
    now = corrected(published, catalogue.corrections.of(version)).published
    wanted = {what: text.strip() if what != "changelog" else text for what, text in texts.items()}
    if problems := [problem for what, text in wanted.items() for problem in _problems(now, what, text)]:
        raise CorrectionError(*problems)
    catalogue.corrections.add(version, wanted, by=by)
    return corrected(published, catalogue.corrections.of(version))


def _problems(now: PublishedVersion, what: What, text: str) -> Iterable[Problem]:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        yield Problem(
            code="invalid-correction",
            message=f"the {what} has characters that no file in UTF-8 can hold",
            fix="write it as plain text in UTF-8",
        )
    elif what == _ONE_LINE and "\n" in text:
        yield Problem(
            code="invalid-correction",
            message="the description has more than one line",
            fix="write one line; --note and --changelog take longer texts",
        )
    elif not text.strip() and what != "notes":
        yield Problem(
            code="invalid-correction",
            message=f"the {what} is empty",
            fix="write what it should say; what was published stays beside it",
        )
    elif text == _text(now, what):
        yield Problem(
            code="invalid-correction",
            message=f"of {now.version} the {what} says exactly this already",
            fix="nothing has to be corrected",
        )


def _text(published: PublishedVersion, what: What) -> str:
    texts = {
        "description": published.description,
        "notes": published.notes or "",
        "changelog": published.changelog,
    }
    return texts[what]


def _not_published(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} is not in the state database, so there is nothing to correct there",
        fix="edit the files of a draft; for a version that was published elsewhere, name that machine's "
        "[state] url",
    )
