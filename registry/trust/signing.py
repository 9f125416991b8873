"""Signing with the team's key: statements in DSSE envelopes, and what npm checks of a package.

One ECDSA key on P-256 does both. npm takes no other kind, DSSE any; so a team has one secret to keep and to
rotate, and a signature names its key by the same id everywhere. Whoever needs none of this doesn't load the
cryptography: its imports are in the functions.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from schemas.errors import Problem

from ..catalogue.facts.trust import PublicKey
from ..config.secret import Secret
from ..errors import SigningKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
SCHEME = "ecdsa-sha2-nistp256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half, and the id of the key."""

    private: EllipticCurvePrivateKey
    keyid: str

    def signature(self, message: bytes) -> str:
        """In base64, of the DER form, over the sha256 of ``message``."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: PLC0415

        return base64.b64encode(self.private.sign(message, ECDSA(hashes.SHA256()))).decode()

    def npm_signatures(self, name: str, version: str, integrity: str) -> list[dict[str, str]]:
        """``dist.signatures`` of a package."""
        signed = self.signature(npm_message(name, version, integrity))
        return [{"keyid": self.keyid, "sig": signed}]

    def envelope(self, statement: dict[str, Any]) -> str:
        """``statement`` in a DSSE envelope: one line of JSON."""
        from securesystemslib.dsse import Envelope  # noqa: PLC0415
        from securesystemslib.signer import (  # type: ignore[attr-defined]  # noqa: PLC0415
            CryptoSigner,
            SSlibKey,
        )

        payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        envelope = Envelope(payload, PAYLOAD_TYPE, {})
        public = SSlibKey.from_crypto(self.private.public_key(), keyid=self.keyid, scheme=SCHEME)
        envelope.sign(CryptoSigner(self.private, public))
        return envelope_text(envelope.to_dict())


def envelope_text(envelope: dict[str, Any]) -> str:
    """A DSSE envelope as it is stored: one line."""
    return json.dumps(envelope, separators=(",", ":")) + "\n"


def npm_message(name: str, version: str, integrity: str) -> bytes:
    """What npm's signatures are over."""
    return f"{name}@{version}:{integrity}".encode()


def new_key() -> tuple[Secret, PublicKey]:
    """A key made now: its private half as PEM (PKCS 8), and its public half."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key, keyid = _public_half(private)
    return Secret(pem.decode()), PublicKey(keyid=keyid, key=key, created_at=datetime.now(UTC))


def signing_key(pem: Secret, place: str) -> SigningKey:
    """The key that ``pem`` holds, which is from ``place``. Raises SigningKeyError for anything else."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        private = load_pem_private_key(pem.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningKeyError(_not_a_key(place)) from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise SigningKeyError(_not_a_key(place))
    return SigningKey(private, _public_half(private)[1])


def is_signed_by(key: PublicKey, message: bytes, signature: str) -> bool:
    """Whether ``signature`` (base64) over ``message`` was made with ``key``."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        public = load_der_public_key(key.der)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        decoded = base64.b64decode(signature, validate=True)
        public.verify(decoded, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    # One signature has one spelling: base64 ignores some bits of its last character.
    return base64.b64encode(decoded).decode() == signature and keyid_of(key.key) == key.keyid


def keyid_of(key: str) -> str:
    """The id of a public key in base64 DER: what a signature names. Raises ValueError for other text."""
    digest = hashlib.sha256(base64.b64decode(key, validate=True)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _public_half(private: EllipticCurvePrivateKey) -> tuple[str, str]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    der = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = base64.b64encode(der).decode()
    return key, keyid_of(key)


def _not_a_key(place: str) -> Problem:
    return Problem(
        code="signing-key-unreadable",
        message=f"{place} does not hold an unencrypted ECDSA key on P-256 as PEM",
        fix="give it the whole file that `schema-service key new` wrote, line breaks included",
    )
