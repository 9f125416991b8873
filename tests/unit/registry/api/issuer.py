"""A CI system as an issuer of OIDC tokens, over HTTP: its keys, which it changes, and tokens for its jobs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Issuer:
    """``asked`` are the paths that were asked for; ``is_down`` lets it answer 500."""

    def __init__(self) -> None:
        self.keys = {"one": _new_key()}
        self.asked: list[str] = []
        self.is_down = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                content = json.dumps(issuer.documents().get(self.path, {})).encode()
                self.send_response(500 if issuer.is_down else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def documents(self) -> dict[str, Any]:
        keys = [
            {
                **jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
                "kid": name,
                "alg": "RS256",
            }
            for name, key in self.keys.items()
        ]
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": keys},
        }

    def rotate(self, name: str) -> None:
        """Sign with another key from now on, and show only that one."""
        self.keys = {name: _new_key()}

    def token(self, *, header: dict[str, Any] | None = None, minutes: int = 5, **claims: Any) -> str:
        """For a job of our repository's main branch; ``claims`` replace what it says otherwise."""
        now = datetime.now(UTC)
        ours: dict[str, Any] = {
            "iss": self.url,
            "aud": "schema-service",
            "sub": "repo:org/schemas:ref:refs/heads/main",
            "repository": "org/schemas",
            "ref": "refs/heads/main",
            "iat": now,
            "exp": now + timedelta(minutes=minutes),
        }
        ((name, key),) = self.keys.items()
        kept = {claim: value for claim, value in (ours | claims).items() if value is not None}
        return jwt.encode(kept, key, algorithm="RS256", headers={"kid": name, **(header or {})})

    @contextmanager
    def running(self) -> Iterator[Issuer]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
