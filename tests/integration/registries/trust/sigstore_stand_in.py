"""What npm asks of Sigstore before it asks a registry for keys, answered on this machine.

`npm audit signatures` refreshes its copy of Sigstore's TUF repository first, whatever registry it audits.
Here that repository is an empty one: its root is put where npm keeps its own, and a proxy leads npm to it.
Rules: the TUF specification 1.0.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from securesystemslib.formats import encode_canonical

from schemas.prisma.nodejs import npm_command

#: As npm has it, beside the roots that it trusts from the start.
_SEEDS = Path(npm_command()[1]).parents[1] / "node_modules" / "@sigstore" / "tuf" / "seeds.json"
_HOST = next(host for url in json.loads(_SEEDS.read_text()) if (host := urlsplit(url).hostname))
_ROLES = ("root", "timestamp", "snapshot", "targets")
_NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
_LATER = _NOW + datetime.timedelta(days=1)


@contextlib.contextmanager
def sigstore_stand_in(folder: Path) -> Iterator[dict[str, str]]:
    """The variables that npm needs to reach it; ``seed`` gives a cache of npm's its root."""
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    files = _repository()
    (folder / "root.json").write_bytes(files["/1.root.json"])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
            self.close_connection = False

        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield {
                "HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}",
                "NO_PROXY": "127.0.0.1",
                "NODE_EXTRA_CA_CERTS": str(certificate),
            }
        finally:
            server.shutdown()


def seed(folder: Path, cache: Path) -> None:
    """Let npm, with ``cache``, trust the repository of :func:`sigstore_stand_in` in ``folder``."""
    place = cache / "_tuf" / _HOST
    (place / "targets").mkdir(parents=True)
    (place / "root.json").write_bytes((folder / "root.json").read_bytes())


def _repository() -> dict[str, bytes]:
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
    keyid = "0" * 64

    def signed(role: str, **content: Any) -> bytes:
        stated = {
            "_type": role,
            "spec_version": "1.0",
            "version": 1,
            "expires": _LATER.isoformat().replace("+00:00", "Z"),
            **content,
        }
        signature = key.sign(encode_canonical(stated).encode()).hex()
        return json.dumps({"signed": stated, "signatures": [{"keyid": keyid, "sig": signature}]}).encode()

    return {
        "/1.root.json": signed(
            "root",
            consistent_snapshot=True,
            keys={keyid: {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}}},
            roles={role: {"keyids": [keyid], "threshold": 1} for role in _ROLES},
        ),
        "/timestamp.json": signed("timestamp", meta={"snapshot.json": {"version": 1}}),
        "/1.snapshot.json": signed("snapshot", meta={"targets.json": {"version": 1}}),
        "/1.targets.json": signed("targets", targets={}),
    }


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_NOW - datetime.timedelta(days=1))
        .not_valid_after(_LATER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
