"""The codes of the service over HTTP: who may use it, and how it is; what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

SERVICE_CODES: Final = (
    ProblemCode(
        "host-not-allowed",
        "A request calls the service by a name that is not in `hosts`: that of another site, which may be an "
        "attack on a browser inside of the network (DNS rebinding), or one that was forgotten there.",
        Example(
            "this service is not called 'schemas.example'",
            "call it by another name, or add this one to hosts under [api] in schema-service.toml",
        ),
    ),
    ProblemCode(
        "internal-error",
        "The service failed to answer because of a bug. Its log has the details, under the id of the request.",
        Example(
            "this request failed because of a bug in schema-service",
            "please report it with the lines of the service's log that have the request id 5f0c4d3e",
        ),
    ),
    ProblemCode(
        "issuer-unreachable",
        "A job of a trusted CI system can't be recognised, because the system's keys can't be read.",
        Example(
            "the keys of https://gitlab.example can't be read: ConnectionError",
            "send the request again; if this stays so, check that the service can reach the issuer",
        ),
    ),
    ProblemCode(
        "no-such-problem",
        "Somebody asked for the page of a code that no problem of this version has.",
        Example(
            "no problem has the code 'nope'", "/problems lists all codes; a newer service may have others"
        ),
    ),
    ProblemCode(
        "no-worker",
        "Databases are registered, and nobody does their runs: no worker has been heard of for some time.",
        Example(
            "databases are registered, and no worker looks for their runs",
            "start one: schema-service worker; one that was started just now needs some seconds",
        ),
    ),
    ProblemCode(
        "no-such-write",
        "A page of the log of writes is to begin after an entry that isn't there.",
        Example(
            "no write has the id '5f0c4d3e'",
            "take it from `next` of the page before, or leave it out for the newest",
        ),
    ),
    ProblemCode(
        "rate-limited",
        "A client asks for more than `[api.limits]` permits in a minute, or sent too many tokens that aren't "
        "valid. The header Retry-After says when to come again.",
        Example(
            "too many requests came from this address in a minute",
            "send the next one in 42 s; [api.limits] says how many there may be",
        ),
    ),
    ProblemCode(
        "telemetry-not-installed",
        "A variable of OpenTelemetry asks for traces, which needs packages that aren't installed by default.",
        Example(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and OpenTelemetry's packages are not installed",
            "install schema-service[opentelemetry], or unset the variable",
        ),
    ),
    ProblemCode(
        "token-label",
        "The token is limited to databases with certain labels, and this one has none of them.",
        Example(
            "token ci-eu may change databases with the label eu, and main has none of these",
            "use another token: schema-service token create NAME --scope migrate --label LABEL",
        ),
    ),
    ProblemCode(
        "unprotected-address",
        "`serve` was asked to listen for other machines before anybody has made a token.",
        Example(
            "other machines could reach the API on 0.0.0.0, and no token has been made",
            "make one: schema-service token create NAME --scope admin; or add --insecure",
        ),
    ),
)
