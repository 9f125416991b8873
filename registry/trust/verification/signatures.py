"""Public keys, the signed statement, and npm's signatures."""

from __future__ import annotations

from schemas.errors import WorkspaceError
from schemas.workspace.files import read_text
from schemas.workspace.release_lock import LockedArtifact, ReleaseLock
from schemas.workspace.workspace import LOCK_NAME, Workspace

from ...catalogue.facts.trust import TrustRecords
from ...errors import SigningKeyError
from ...publishers.npm import npm_integrity
from ...publishers.publisher import Publisher
from ..attesting import ATTESTATION_FILE, published_at, written_attestation
from ..envelopes import opened
from ..provenance import builder_version, stated, statement
from ..public_keys import KEYS_FILE, PublicKeys, keys_text, read_public_keys
from ..signing import is_signed_by, npm_message
from . import problems
from .report import Report
from .subject import Subject

_UNSIGNED = "no key was in use when it was published"


def check_keys(workspace: Workspace, records: TrustRecords, report: Report) -> PublicKeys:
    """The workspace's keys. Where they aren't those that the catalogue has, none is trusted."""
    recorded = {key.keyid: key for key in records.signing_keys()}
    try:
        keys = read_public_keys(workspace.root)
    except (SigningKeyError, WorkspaceError) as error:
        report.failed(KEYS_FILE, *error.problems)
        return PublicKeys()
    if not keys.keys:
        if recorded:
            report.failed(KEYS_FILE, problems.keys_missing())
        return PublicKeys(tuple(recorded.values()))
    known = {key.keyid: key for key in keys.keys}
    # The catalogue learns of a retired key with the next release.
    wrong = [
        keyid
        for keyid, key in recorded.items()
        if keyid not in known
        or (key.key, key.created_at) != (known[keyid].key, known[keyid].created_at)
        or key.retired_at not in (None, known[keyid].retired_at)
    ]
    found = [problems.key_altered(keyid) for keyid in wrong]
    if read_text(workspace.root, KEYS_FILE) != keys_text(keys.keys):
        found.append(problems.key_altered(None))
    report.result(KEYS_FILE, f"public keys: {len(keys.keys)}", found)
    return PublicKeys() if found else keys


def check_statement(subject: Subject, keys: PublicKeys, report: Report) -> None:
    """It is signed, by a key that was in use then, and states what the lock says."""
    source, name = subject.source, subject.settings.name
    recorded = subject.catalogue.trust.attestation(subject.version)
    file = f"{source.folder}/{ATTESTATION_FILE}" if source else ATTESTATION_FILE
    try:
        written = written_attestation(subject.workspace, source.folder) if source else None
    except WorkspaceError as error:
        report.failed(file, *error.problems)
        return
    must_be_there = subject.must_be_signed(keys) or (recorded is not None and subject.lock is not None)
    text = written if subject.lock is not None else written or recorded
    if text is None:
        if must_be_there:
            report.failed(file, problems.signature_missing(file))
        else:
            report.passed(file, _UNSIGNED, "unsigned")
    elif recorded is not None and recorded != text:
        report.failed(file, problems.signature_invalid(file, "the catalogue has another one"))
    elif why := _refuted(text, subject.lock, name, keys, report):
        report.failed(file, problems.signature_invalid(file, why))
    else:
        report.passed(file, f"signed with {report.signed_by}, built by schema-service {report.built_by}")


def _refuted(
    text: str, lock: ReleaseLock | None, schema_name: str, keys: PublicKeys, report: Report
) -> str | None:
    """Why a statement proves nothing about the lock; None where it does."""
    envelope = opened(text, keys)
    if isinstance(envelope, str):
        return envelope
    about = stated(envelope.payload)
    built_by = builder_version(about) if about is not None else None
    if built_by is None:
        return "it is not a statement of this tool"
    if lock is not None and about != statement(lock, schema_name, built_by=built_by):
        return f"it is about another {LOCK_NAME}"
    if lock is not None and not envelope.key.was_in_use(published_at(lock)):
        return f"its key {envelope.key.keyid} was not in use when the version was published"
    report.signed_by, report.built_by = envelope.key.keyid, built_by
    return None


def check_npm_signature(
    artifact: LockedArtifact,
    content: bytes,
    publisher: Publisher,
    keys: PublicKeys,
    report: Report,
    *,
    must_be_signed: bool,
) -> None:
    """What `npm audit signatures` checks, over the bytes that the registry serves."""
    subject = f"npm signature of {artifact.name}@{artifact.version}"
    listed = publisher.signatures(artifact.name, artifact.version)
    if not listed.signatures:
        if must_be_signed:
            report.failed(subject, problems.signature_missing(subject))
        else:
            report.passed(subject, _UNSIGNED, "unsigned")
        return
    message = npm_message(artifact.name, artifact.version, npm_integrity(content))
    found = []
    for keyid, signature in listed.signatures:
        key = keys.find(keyid)
        if key is None:
            found.append(problems.signature_invalid(subject, f"{KEYS_FILE} has no key {keyid}"))
        elif not is_signed_by(key, message, signature):
            found.append(problems.signature_invalid(subject, "it was not made over this package"))
    report.result(subject, f"signed with {listed.signatures[0][0]}", found)
