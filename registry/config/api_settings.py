"""The table [api]: who may reach the service over HTTP, and how much they may ask for."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .addresses import has_possible_port, is_loopback
from .scopes import Scope

_HOST = re.compile(r"(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)")
#: Who issues tokens to anybody: without one of these claims, all the world's jobs would be trusted.
_IDENTIFYING = {
    "https://token.actions.githubusercontent.com": {
        "sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref",
    },
    "https://gitlab.com": {
        "sub", "project_path", "project_id", "namespace_path", "namespace_id", "ci_config_ref_uri",
    },
}  # fmt: skip


def _listed(value: Any) -> Any:
    """A variable of the environment has no lists: `a, b` is one."""
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value.lower()):
        raise ValueError("write a host's name without scheme and port, like schemas.example or *.example")
    return value.lower()


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError("write an address or a network, like 10.0.0.0/8") from None


def _origin(value: str) -> str:
    parts = urlsplit(value)
    is_origin = parts.scheme in ("http", "https") and value == f"{parts.scheme}://{parts.netloc}"
    is_origin = is_origin and has_possible_port(parts)
    if value != "*" and not is_origin:
        raise ValueError("write an origin without a path, like https://pages.example, or *")
    return value


def _issuer(value: str) -> str:
    """Whoever can change the answers of an issuer can publish: they come over TLS."""
    parts = urlsplit(value)
    if (
        not parts.hostname
        or not has_possible_port(parts)
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError("write an address like https://token.actions.githubusercontent.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(value)):
        raise ValueError("the address has to begin with https://")
    return value


Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], BeforeValidator(_listed)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_listed)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_listed)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Issuer = Annotated[str, AfterValidator(_issuer)]
Claim = str | bool | int | tuple[str, ...]
TrustedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
Rate = Annotated[int, Field(ge=1, le=10_000_000)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrustedTable(_Table):
    """Jobs of a CI system that need no token of ours: ``issuer`` signs one for ``audience``, with ``claims``.

    ``claims`` are compared as a whole; of a list, one has to be the token's. ``schemas`` and ``labels`` limit
    what the jobs may do, as they do of a token.
    """

    issuer: Issuer = Field(description="Who signs the jobs' tokens.")
    audience: str = Field(min_length=1, max_length=200, description="For whom: the token's `aud`.")
    claims: dict[str, Claim] = Field(
        min_length=1, description="What the token has to say; of a list, one of it."
    )
    scopes: Annotated[tuple[Scope, ...], BeforeValidator(_listed)] = Field(
        min_length=1, description="What the jobs may do."
    )
    schemas: Texts | None = Field(None, description="For these schemas only.")
    labels: Texts | None = Field(None, description="For databases with one of these labels only.")
    jwks_url: Issuer | None = Field(
        None, description="Where its keys are, if its own documents don't say it."
    )

    @model_validator(mode="after")
    def _says_whose_jobs(self) -> Self:
        needed = _IDENTIFYING.get(self.issuer.rstrip("/"))
        if needed is not None and needed.isdisjoint(self.claims):
            some = ", ".join(sorted(needed))
            raise ValueError(f"{self.issuer} signs tokens for everybody: claims needs one of {some}")
        return self


class LimitsTable(_Table):
    """What one client address may ask for in a minute, of one process: with several (on
    a shared port, or on several machines) of each of them, so of all together as many times that."""

    requests_a_minute: Rate = Field(
        60_000, description="Requests of any kind, of each process: of N processes, up to N times as many."
    )
    writes_a_minute: Rate = Field(600, description="Requests that change something, of each process.")
    refusals_a_minute: Rate = Field(
        60, description="Requests that were refused for their token, of each process."
    )


class ApiTable(_Table):
    """The table."""

    reads: Literal["open", "closed"] = Field("open", description="Whether reading needs a token, too.")
    hosts: Hosts = Field((), description="Names of the service, beside its addresses and localhost.")
    cors_origins: Origins = Field((), description="Sites whose pages may read from browsers.")
    proxies: Networks = Field((), description="Who may say from where a request comes (`X-Forwarded-For`).")
    log: Literal["json", "off"] = Field("json", description="A line for each request, on standard error.")
    limits: LimitsTable = Field(LimitsTable(), description="What one address may ask for, of one process.")
    trusted: dict[TrustedName, TrustedTable] = Field(
        {}, description="Jobs of a CI system, which need no token of ours."
    )
