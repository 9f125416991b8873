"""HTTP to one registry: credentials go nowhere else, every wait has a timeout, failures are typed errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

from schemas.errors import Problem

from ..config.addresses import checked_url, is_loopback, origin, shown_url
from ..errors import CredentialsError, RegistryUnreachableError, UploadRefusedError

#: Seconds to connect, and seconds without a byte while waiting for an answer.
TIMEOUT_SECONDS = (10.0, 60.0)

_MOST_REDIRECTS = 10
Authenticate = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class _Anonymous(AuthBase):
    """No credentials: without it requests would look for some in ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Connection:
    """A session with the registry at ``url``.

    ``kind`` names it in messages ("Python index"), ``credentials_fix`` says where credentials are read from.
    Redirects are followed for GET only, and without credentials once they leave the registry.
    """

    def __init__(self, url: str, *, kind: str, auth: AuthBase | None, credentials_fix: str) -> None:
        self.url = checked_url(url)
        self._kind = kind
        self._has_credentials = auth is not None
        self._auth = auth or _Anonymous()
        self._credentials_fix = credentials_fix
        self._session = requests.Session()
        # A proxy from the environment can't reach this machine's own addresses.
        self._session.trust_env = not is_loopback(self.url)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> requests.Response:
        """GET an address of this registry or one that it pointed to."""
        return self._followed(url, headers=headers)

    def probe(self, url: str) -> None:
        """GET the status of ``url`` without its body; a 404 is not a failure."""
        self._followed(url, stream=True).close()

    def _followed(self, url: str, **arguments: Any) -> requests.Response:
        """By hand: requests would take any header but Authorization along to another host."""
        for _ in range(_MOST_REDIRECTS):
            response = self._send("GET", url, allow_redirects=False, **arguments)
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise self._unreachable("redirects again and again", _RUN_AGAIN)

    def send(self, method: str, url: str, **arguments: Any) -> requests.Response:
        """Any other method; a redirect is an error, so that nothing is sent to an unknown address."""
        response = self._send(method, url, allow_redirects=False, **arguments)
        if response.is_redirect:
            target = shown_url(response.headers.get("Location", ""))
            raise self.refused(
                "registry-moved",
                f"points to {target or 'another address'}",
                "set the registry's address to the one it points to",
            )
        return response

    def refused(self, code: str, why: str, fix: str) -> UploadRefusedError:
        """What to raise if the registry refuses a request."""
        return UploadRefusedError(Problem(code=code, message=f"{self.name} {why}", fix=fix))

    def credentials_refused(self) -> CredentialsError:
        """What to raise if the credentials are not accepted; the message never shows them."""
        has = self._has_credentials
        return CredentialsError(
            Problem(
                code="credentials-refused" if has else "credentials-missing",
                message=f"{self.name} {'refuses the credentials' if has else 'asks for credentials'}",
                fix=self._credentials_fix,
            )
        )

    @property
    def name(self) -> str:
        """How messages call this registry."""
        return f"the {self._kind} at {shown_url(self.url)}"

    def _send(self, method: str, url: str, **arguments: Any) -> requests.Response:
        auth = self._auth if origin(url) == origin(self.url) else _Anonymous()
        try:
            response = self._session.request(method, url, auth=auth, timeout=TIMEOUT_SECONDS, **arguments)
        except requests.exceptions.SSLError:
            raise self._unreachable(
                "has a certificate that this machine doesn't trust",
                "set REQUESTS_CA_BUNDLE to the file with your organisation's certificates",
            ) from None
        except requests.Timeout:
            raise self._unreachable("did not answer in time", _RUN_AGAIN) from None
        except requests.RequestException as error:
            raise self._unreachable(f"can't be reached ({_reason(error)})", _RUN_AGAIN) from None
        self._check(response)
        return response

    def _check(self, response: requests.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            raise self.credentials_refused()
        if status == 429:
            raise self._unreachable(f"has had too many requests (status {status})", _WAIT)
        if status >= 500:
            raise self._unreachable(f"failed (status {status})", _SEE_ITS_LOG)

    def _unreachable(self, why: str, fix: str) -> RegistryUnreachableError:
        return RegistryUnreachableError(
            Problem(code="registry-unreachable", message=f"{self.name} {why}", fix=fix)
        )


_WAIT = "wait a minute, then run this again"
_SEE_ITS_LOG = "see its log for why, or ask who runs it, then run this again"
_RUN_AGAIN = "check that it runs and that the address in schema-service.toml is right, then run this again"


def _reason(error: requests.RequestException) -> str:
    """Why, in words that can't contain an address or a secret: the system's own text for the first cause."""
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        inner = [arg for arg in cause.args if isinstance(arg, BaseException)]
        reason = getattr(cause, "reason", None)
        cause = inner[0] if inner else reason if isinstance(reason, BaseException) else cause.__context__
    return type(error).__name__


def response_summary(response: requests.Response) -> str:
    """What the registry says about a refusal: its status and the start of its text, on one line."""
    words = " ".join("".join(c if c.isprintable() else " " for c in response.text[:2000]).split())
    reason = "" if words.startswith("<") else words[:300]
    return f"status {response.status_code}" + (f": {reason}" if reason else "")
