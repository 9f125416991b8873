"""Where the private half of the key is kept: a variable, a file outside of the workspace, or the keyring.

Never in the workspace, which is committed and copied, and never in a file that other users can read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Thread

from schemas.errors import Problem

from ..config.secret import Secret
from ..config.settings import FILE_NAME, TrustTable
from ..errors import SigningKeyError
from .public_keys import KEYS_FILE, PublicKeys, read_public_keys
from .signing import SigningKey, signing_key

#: The name under which a service of the keyring keeps it.
KEYRING_USERNAME = "signing-key"
_KEYRING_WAIT_SECONDS = 5.0


def release_key(root: Path, trust: TrustTable) -> SigningKey | None:
    """The key that signs releases of the workspace at ``root``; None where they aren't signed.

    Raises SigningKeyError where the workspace has a current key and its private half isn't there or is of
    another key.
    """
    keys = read_public_keys(root)
    found = _private_half(root, trust)
    if found is None:
        if keys.current is not None:
            raise SigningKeyError(_no_private_half(keys))
        return None
    pem, place = found
    key = signing_key(pem, place)
    if keys.current is None or key.keyid != keys.current.keyid:
        raise SigningKeyError(_another_key(key, keys, place))
    return key


def write_private_half(root: Path, path: Path, pem: Secret) -> None:
    """A new file that only its owner can read. Raises SigningKeyError inside the workspace, or where there is
    a file already."""
    place = path.expanduser()
    if is_inside(root, place):
        raise SigningKeyError(_inside(place))
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SigningKeyError(_exists(place)) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(pem.reveal())


def keep_in_keyring(service: str, pem: Secret) -> None:
    """Raises SigningKeyError where this machine has no keyring that takes it, or that has one there."""
    if _from_keyring(service) is not None:
        raise SigningKeyError(_exists_in_keyring(service))
    try:
        import keyring  # noqa: PLC0415 - slow to import, and rarely needed

        keyring.set_password(service, KEYRING_USERNAME, pem.reveal())
    except Exception:  # a back end may raise anything
        raise SigningKeyError(_no_keyring(service)) from None


def is_inside(root: Path, path: Path) -> bool:
    """Whether a file is in the workspace, by its own path or by where its links lead."""
    absolute = Path(os.path.normpath(Path.cwd() / path))
    return absolute.is_relative_to(root) or absolute.resolve().is_relative_to(root.resolve())


def _private_half(root: Path, trust: TrustTable) -> tuple[Secret, str] | None:
    """The text, and how messages call its place."""
    if trust.key_env is not None:
        text = os.environ.get(trust.key_env)
        if not text:
            raise SigningKeyError(_unset(trust.key_env))
        return Secret(text), f"the variable {trust.key_env}"
    if trust.key_file is not None:
        path = root / Path(trust.key_file).expanduser()
        return _read_file(root, path), str(path)
    if trust.key_keyring is not None:
        secret = _from_keyring(trust.key_keyring)
        if secret is None:
            raise SigningKeyError(_not_in_keyring(trust.key_keyring))
        return secret, f"{trust.key_keyring!r} in the keyring"
    return None


def _read_file(root: Path, path: Path) -> Secret:
    if is_inside(root, path):
        raise SigningKeyError(_inside(path))
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise SigningKeyError(_readable_by_others(path))
            return Secret(file.read())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SigningKeyError(_unreadable(path, str(reason))) from None


def _from_keyring(service: str) -> Secret | None:
    found: list[str] = []

    def look() -> None:
        try:
            import keyring  # noqa: PLC0415

            text = keyring.get_password(service, KEYRING_USERNAME)
        except Exception:  # as in credentials.py: none of it is ours to fix
            return
        if text:
            found.append(text)

    # A locked keyring opens a dialogue and waits; a daemon thread lets us go on without it.
    thread = Thread(target=look, daemon=True)
    thread.start()
    thread.join(_KEYRING_WAIT_SECONDS)
    return Secret(found[0]) if found else None


def _no_private_half(keys: PublicKeys) -> Problem:
    keyid = keys.current.keyid if keys.current else ""
    return Problem(
        code="signing-key-missing",
        message=f"releases of this workspace are signed with {keyid}, "
        "and its private half is not configured here",
        fix="set key_env, key_file or key_keyring under [trust], or the variable "
        "SCHEMA_SERVICE_TRUST__KEY_FILE",
        file=FILE_NAME,
    )


def _another_key(key: SigningKey, keys: PublicKeys, place: str) -> Problem:
    known = keys.find(key.keyid)
    what = f"is retired since {known.retired_at}" if known else f"is not in {KEYS_FILE}"
    current = f"; the current one is {keys.current.keyid}" if keys.current else ""
    return Problem(
        code="signing-key-unknown",
        message=f"{place} holds the key {key.keyid}, which {what}{current}",
        fix=f"configure the private half of the current key; {KEYS_FILE} comes from version control, "
        "and `schema-service key new` or `key rotate` adds keys to it",
    )


def _unset(variable: str) -> Problem:
    return Problem(
        code="variable-not-set",
        message=f"the variable {variable}, which [trust] key_env names, is not set",
        fix="set it to the text of the private key's file, line breaks included",
        file=FILE_NAME,
    )


def _inside(path: Path) -> Problem:
    return Problem(
        code="signing-key-unsafe",
        message=f"{path} is in the workspace, which is committed: a private key must not be there",
        fix="keep it in a file outside, readable by its owner only, in the keyring or in a variable; "
        "if this one was committed, replace it: schema-service key rotate",
    )


def _readable_by_others(path: Path) -> Problem:
    return Problem(
        code="signing-key-unsafe",
        message=f"{path} holds a private key, and other users can read or write it",
        fix=f"chmod 600 {path}; if others may have read it, replace it: schema-service key rotate",
    )


def _unreadable(path: Path, reason: str) -> Problem:
    return Problem(
        code="signing-key-unreadable",
        message=f"the private key can't be read from {path}: {reason}",
        fix="correct key_file under [trust], or put the file there",
        file=FILE_NAME,
    )


def _exists(path: Path) -> Problem:
    return Problem(
        code="signing-key-exists",
        message=f"{path} exists already, and may be a key that is in use",
        fix="name another file with --file",
    )


def _exists_in_keyring(service: str) -> Problem:
    return Problem(
        code="signing-key-exists",
        message=f"the keyring has a key under {service!r} already, which may be in use",
        fix="name another service with --keyring",
    )


def _not_in_keyring(service: str) -> Problem:
    return Problem(
        code="signing-key-unreadable",
        message=f"the keyring has no key under {service!r}, or doesn't answer without asking somebody",
        fix="unlock it and run this again, or correct key_keyring under [trust]",
        file=FILE_NAME,
    )


def _no_keyring(service: str) -> Problem:
    return Problem(
        code="signing-key-unreadable",
        message=f"this machine has no keyring that keeps a key under {service!r}",
        fix="keep the key in a file instead: --file PATH",
    )
