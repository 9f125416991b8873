"""The problems of verifying, each naming what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import Problem
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import LOCK_NAME

from ..public_keys import KEYS_FILE

_SHOWN = 5


def not_published(version: SchemaVersion) -> Problem:
    return Problem(
        code="not-published",
        message=f"{version} is published neither in the catalogue nor in this workspace",
        fix="schema-service versions lists what is; get release.lock files from version control first",
    )


def input_altered(path: str) -> Problem:
    return Problem(
        code="release-altered",
        message=f"{path} is not what the release was made from",
        fix="restore it from version control, and put the change in a new version",
        file=path,
    )


def sources_altered(folder: str) -> Problem:
    return Problem(
        code="release-altered",
        message=f"the sources of {folder} don't have the digest that its {LOCK_NAME} was sealed with",
        fix=f"restore {folder} and the migrations before it from version control",
        file=folder,
    )


def lock_altered(file: str, why: str) -> Problem:
    return Problem(
        code="release-altered",
        message=f"{file} was changed: {why}",
        fix="restore it from version control; if it is as it was committed, the catalogue was changed",
        file=file,
    )


def key_altered(keyid: str | None) -> Problem:
    what = (
        f"the key {keyid} is another one in the catalogue, or is gone"
        if keyid
        else "it is not as it was written"
    )
    return Problem(
        code="release-altered",
        message=f"{KEYS_FILE} was changed: {what}",
        fix="restore it from version control, and publish from an up-to-date checkout",
        file=KEYS_FILE,
    )


def keys_missing() -> Problem:
    return Problem(
        code="release-altered",
        message=f"{KEYS_FILE} is gone: the catalogue has public keys of this schema",
        fix="restore it from version control",
        file=KEYS_FILE,
    )


def artifact_altered(filename: str, where: Sequence[str]) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry serves other bytes for {filename} than were published{_within(where)}",
        fix="don't install it; have the registry's operator restore the file, and look for a proxy or a "
        "plug-in that rewrites packages",
    )


def metadata_altered(filename: str) -> Problem:
    return Problem(
        code="artifact-altered",
        message=f"the registry serves {filename} and lists another digest for it",
        fix="have the registry's operator restore its metadata; installs that check hashes will fail",
    )


def signature_missing(subject: str) -> Problem:
    return Problem(
        code="signature-missing",
        message=f"there is no {subject}, though a key was in use when the version was published",
        fix="restore it from version control or the registry's backup; if the publish was cut short, "
        "run it again",
    )


def signature_invalid(subject: str, why: str) -> Problem:
    return Problem(
        code="signature-invalid",
        message=f"{subject} proves nothing: {why}",
        fix=f"restore it, and {KEYS_FILE}, from version control; if both are as committed, "
        "somebody changed the release",
    )


def rebuilt_differently(filename: str, where: Sequence[str], built_by: str | None, now: str) -> Problem:
    other = built_by is not None and built_by != now
    fix = (
        f"it was published with schema-service {built_by}: install that version, and run this again"
        if other
        else "build with the version of schema-service that published it; if it is this one, compare what "
        "`schema-service build` writes with the published file"
    )
    return Problem(
        code="rebuild-differs",
        message=f"building {filename} again with schema-service {now} gives other bytes{_within(where)}",
        fix=fix,
    )


def no_sources(version: SchemaVersion) -> Problem:
    return Problem(
        code="rebuild-differs",
        message=f"{version} can't be built again: its sources are not in this workspace",
        fix="get its folder from version control",
    )


def _within(where: Sequence[str]) -> str:
    shown = ", ".join(where[:_SHOWN])
    more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
    return f", in {shown}{more}" if where else ""
