"""Drafts: packages whose migrations may still change. They run only where that is allowed, and what they ran
is told apart from what was published."""

from __future__ import annotations

from ..errors import RefusedError
from ..manifest import Manifest
from ..semver import precedence
from .history_checks import edited, unknown
from .state import State

_MARK = "-dev."


def is_draft(version: str) -> bool:
    """Whether a database at ``version`` got there with the package of a draft."""
    return _MARK in version


def refuse_draft(manifest: Manifest, *, is_allowed: bool) -> None:
    """Raises RefusedError for the package of a draft, unless it is allowed to change this database."""
    if manifest.is_draft and not is_allowed:
        raise RefusedError(
            "draft",
            f"{manifest.package} {manifest.package_version} is a draft: its migrations may still change, and "
            "a database that ran them may not get from them to the final ones",
            "on a database that can be made anew, run this again with --allow-draft "
            "(Options(allow_draft=True) from Python); elsewhere install a published version",
        )


def refuse_other_draft(manifest: Manifest, state: State) -> None:
    """Raises RefusedError where a draft has run migrations here that this package of the same version, or of
    a later one, has otherwise or not at all."""
    found = sorted({*edited(manifest, state), *unknown(manifest, state)})
    drafts = {
        record.version: record.package_version
        for record in (state.records[name] for name in found)
        if is_draft(record.version) and _is_due(record.version, manifest)
    }
    if not drafts:
        return
    draft = max(drafts, key=precedence)
    raise RefusedError(
        "draft-differs",
        f"this database ran the draft {draft}, whose migrations are not those of {manifest.version}: "
        f"{', '.join(name for name in found if state.records[name].version in drafts)}",
        f"install {manifest.package}=={drafts[draft]} and go back with it: "
        f"downgrade --to {_before(manifest, draft)} --allow-draft; then upgrade with this package. "
        "Or make the database anew",
    )


def _is_due(draft: str, manifest: Manifest) -> bool:
    """An older package is told that the database is ahead of it."""
    return precedence(_release(draft)) <= precedence(_release(manifest.version))


def _before(manifest: Manifest, draft: str) -> str:
    release = _release(draft)
    earlier = [each for each in manifest.versions if precedence(_release(each)) < precedence(release)]
    return earlier[-1] if earlier else "none"


def _release(version: str) -> str:
    return version.partition("-")[0]
