"""Reading a DSSE envelope: who signed it, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..catalogue.facts.trust import PublicKey
from .public_keys import PublicKeys
from .signing import PAYLOAD_TYPE, SCHEME, envelope_text


@dataclass(frozen=True, slots=True)
class Opened:
    """A payload, and the key whose signature over it is good."""

    payload: bytes
    key: PublicKey


def opened(text: str, keys: PublicKeys) -> Opened | str:
    """What ``text`` holds if one of ``keys`` signed it; else why it proves nothing."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 - see signing.py
    from securesystemslib.dsse import Envelope  # noqa: PLC0415
    from securesystemslib.exceptions import VerificationError  # noqa: PLC0415
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # noqa: PLC0415

    try:
        envelope = Envelope.from_dict(json.loads(text))
        is_as_written = envelope_text(envelope.to_dict()) == text
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it is not a DSSE envelope"
    if not is_as_written or envelope.payload_type != PAYLOAD_TYPE:
        return "it is not as `publish` writes it"
    (keyid,) = envelope.signatures if len(envelope.signatures) == 1 else ("",)
    key = keys.find(keyid)
    if key is None:
        return f"there is no public key {keyid[:80]!r}"
    try:
        public = SSlibKey.from_crypto(load_der_public_key(key.der), keyid=keyid, scheme=SCHEME)
        envelope.verify([public], threshold=1)
    except (VerificationError, ValueError):
        return f"its signature was not made with {keyid}"
    return Opened(envelope.payload, key)
