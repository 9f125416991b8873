"""Who may use the API: by which name, how often, with which token; and what is kept of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from registry.catalogue import Catalogue
from registry.config.scopes import Scope

from .conftest import BY, LOCAL, RUN, bearer
from .issuer import Issuer

Serve = Callable[..., TestClient]


def codes(answer: httpx.Response) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    found = [problem["code"] for problem in document["problems"]]
    assert document["type"] == f"/problems/{found[0]}"
    return found


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("schemas.example", 200),
        ("SCHEMAS.example.:8000", 200),
        ("a.pages.example", 200),
        ("pages.example", 421),
        ("schemas.example.evil.example", 421),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("10.0.0.7", 200),
        ("localhost", 200),
        ("localhost:80@evil.example", 421),
        ("[::1]evil.example", 421),
        ("", 421),
    ],
)
def test_the_service_answers_to_its_own_names_only(serve: Serve, host: str, status: int) -> None:
    client = serve(hosts=("schemas.example", "*.pages.example"))
    answer = client.get("/versions", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert codes(answer) == ["host-not-allowed"]


def test_a_request_with_two_names_is_refused(serve: Serve) -> None:
    answer = serve().get("/versions", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert (answer.status_code, codes(answer)) == (421, ["host-not-allowed"])


def test_other_sites_may_read_only_where_the_settings_name_them(serve: Serve) -> None:
    asking = {"Origin": "https://pages.example", "Access-Control-Request-Method": "GET"}
    open_to_one = serve(cors_origins=["https://pages.example"])
    for client, allowed in ((serve(), None), (open_to_one, asking["Origin"])):
        assert client.get("/versions", headers=asking).headers.get("Access-Control-Allow-Origin") == allowed
        assert client.options("/versions", headers=asking).is_success == (allowed is not None)
    other = {**asking, "Origin": "https://evil.example"}
    assert "Access-Control-Allow-Origin" not in open_to_one.get("/versions", headers=other).headers


def test_reads_are_closed_where_the_settings_say_so(serve: Serve, catalogue: Catalogue) -> None:
    client = serve(reads="closed")
    token = catalogue.access.create("reader", "read", expires_at=None, by=BY)
    other = catalogue.access.of("other").create("other", "admin", expires_at=None, by=BY)
    for path in ("/", "/schema/9.9.9", "/nothing", "/runs", "/metrics", "/audit?limit=x"):
        answers = [client.get(path, headers=each) for each in ({}, bearer("sst_x"), bearer(other))]
        assert [(each.status_code, codes(each)) for each in answers] == [
            (401, ["token-missing"]),
            (401, ["token-invalid"]),
            (401, ["token-invalid"]),
        ], path
        assert client.get(path, headers=bearer(token)).status_code in (200, 403, 404)
    for path in ("/healthz", "/problems", "/problems/token-missing", "/openapi.json", "/docs"):
        assert client.get(path).status_code == 200
    # What another schema's routes answer is for that schema's readers.
    assert client.get("/schemas/other/versions", headers=bearer(token)).status_code == 401
    assert client.get("/schemas/other/versions", headers=bearer(other)).status_code != 401
    below = TestClient(client.app, base_url=LOCAL, root_path="/schemas/ours")
    asked_below = [below.get(f"/schemas/ours{path}") for path in ("/healthz", "/docs", "/versions")]
    assert [each.status_code for each in asked_below] == [200, 200, 401]
    assert below.get("/schemas/ours/versions", headers=bearer(token)).status_code == 200
    assert below.get("/schemas/ours/versions", headers=bearer(other)).status_code == 401
    paths = client.get("/openapi.json", headers=bearer(token)).json()["paths"]
    assert paths["/versions"]["get"]["security"] == [{"HTTPBearer": []}]
    assert "security" not in paths["/healthz"]["get"]


def test_an_address_tells_all_methods_that_it_takes(serve: Serve) -> None:
    client = serve()
    for path, methods in (
        ("/fleet-runs", "GET, HEAD, POST"),
        ("/drafts/1.0.0", "PUT"),
        ("/runs", "GET, HEAD"),
    ):
        refused = client.options(path)
        assert (refused.status_code, refused.headers["Allow"]) == (405, methods)


def test_a_token_is_a_password_for_readers_only(serve: Serve, catalogue: Catalogue) -> None:
    client = serve(reads="closed", limits={"refusals_a_minute": 1000})
    admin = catalogue.access.create("admin", "admin", expires_at=None, by=BY)
    asked = [("__token__", admin), ("__token__", "sst_x"), ("somebody", admin), ("", admin)]
    answers = [client.get("/versions", auth=each) for each in asked]
    assert [each.status_code for each in answers] == [200, 401, 401, 401]
    for odd in ("Basic", "Basic x", "Basic ////", "Basic _w=="):
        assert client.get("/versions", headers={"Authorization": odd}).status_code == 401
    # A browser would send it for a form of another site.
    for path in ("/runs/x/cancel", "/versions/1.0.0/publish"):
        written = client.post(path, auth=("__token__", admin))
        assert (written.status_code, codes(written)) == (401, ["token-missing"])


def test_every_route_that_writes_asks_for_a_token(serve: Serve) -> None:
    client = serve(limits={"refusals_a_minute": 1000})
    paths = client.get("/openapi.json").json()["paths"]
    writes = [
        (method, path) for path, each in paths.items() for method in each if method not in ("get", "head")
    ]
    assert ("post", "/databases/{name}/runs") in writes
    tokens = [({}, "token-missing"), (bearer("sst_x"), "token-invalid"), (bearer("x"), "token-invalid")]
    for method, path in writes:
        assert paths[path][method]["security"], path
        for headers, code in tokens:
            answer = client.request(method, path, headers=headers, json={})
            assert (answer.status_code, codes(answer)) == (401, [code]), path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_with_labels_changes_databases_with_these_only(serve: Serve, catalogue: Catalogue) -> None:
    client = serve()
    limited = catalogue.access.create("eu", "migrate", expires_at=None, by=BY, labels=["eu"])
    other = catalogue.access.create("publisher", "publish", expires_at=None, by=BY)
    answers = [
        client.post(f"/databases/{name}/runs", json={"to": "1.0.0"}, headers=bearer(limited))
        for name in ("eu-1", "us-1")
    ]
    # Nothing is published: a request that is permitted gets as far as that.
    assert [codes(each) for each in answers] == [["not-published"], ["token-label"]]
    run = catalogue.runs.add(RUN, BY)
    for what in ("cancel", "retry"):
        assert codes(client.post(f"/runs/{run.id}/{what}", headers=bearer(limited))) == ["token-label"]
        assert codes(client.post(f"/runs/{run.id}/{what}", headers=bearer(other))) == ["token-scope"]
    assert catalogue.runs.find(run.id).state == "queued"
    # An unknown database is told from those of others by nobody who may change neither.
    unknown = client.post("/databases/nope/runs", json={"to": "1.0.0"}, headers=bearer(limited))
    assert codes(unknown) == ["token-label"]
    fleets = [
        client.post("/fleet-runs", json={"label": label, "to": "1.0.0"}, headers=bearer(limited))
        for label in ("eu", "us", "all")
    ]
    assert [codes(each) for each in fleets] == [["not-published"], ["token-label"], ["token-label"]]


def test_too_many_requests_are_refused_for_a_while(serve: Serve, catalogue: Catalogue) -> None:
    token = bearer(catalogue.access.create("ci", "migrate", expires_at=None, by=BY))
    client = serve(limits={"requests_a_minute": 8, "writes_a_minute": 3, "refusals_a_minute": 2})
    writes = [client.post("/runs/nope/cancel", headers=token) for _ in range(4)]
    assert [each.status_code for each in writes] == [404, 404, 404, 429]
    reads = [client.get("/versions") for _ in range(5)]
    assert [each.status_code for each in reads] == [200, 200, 200, 200, 429]
    assert client.get("/healthz").status_code == 200
    assert codes(reads[-1]) == ["rate-limited"]
    assert 1 <= int(reads[-1].headers["Retry-After"]) <= 60
    guessing = serve(limits={"refusals_a_minute": 2})
    tried = [guessing.post("/runs/nope/cancel", headers=bearer(f"sst_{n}")) for n in range(3)]
    assert [each.status_code for each in tried] == [401, 401, 429]
    assert guessing.get("/versions").status_code == 200


@pytest.mark.parametrize(
    ("address", "neighbour", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ],
)
def test_one_client_is_an_address_or_a_network_of_version_6(
    serve: Serve, address: str, neighbour: str, is_one: bool
) -> None:
    app = serve(limits={"requests_a_minute": 1}, address=address).app
    answers = [TestClient(app, base_url=LOCAL, client=(each, 1)).get("/") for each in (address, neighbour)]
    assert [each.status_code for each in answers] == [200, 429 if is_one else 200]


def test_an_address_is_believed_from_a_proxy_of_the_settings_only(serve: Serve, catalogue: Catalogue) -> None:
    text = catalogue.access.create("ci", "admin", expires_at=None, by=BY)
    headers = {**bearer(text), "X-Forwarded-For": "9.9.9.9, 203.0.113.9, 10.1.1.1"}
    seen = []
    trusting = ["10.0.0.0/8"]
    for address, proxies in (("10.0.0.2", ()), ("198.51.100.1", trusting), ("10.0.0.2", trusting)):
        run = catalogue.runs.add(RUN, BY)
        client = serve(address=address, proxies=proxies)
        assert client.post(f"/runs/{run.id}/cancel", headers=headers).status_code == 202
        (newest, *_) = client.get("/audit?limit=1", headers=headers).json()["entries"]
        seen.append(newest["origin"])
    assert seen == ["10.0.0.2", "198.51.100.1", "203.0.113.9"]


def test_the_audit_log_is_read_in_pages_and_by_admins_only(serve: Serve, catalogue: Catalogue) -> None:
    client = serve()
    scopes: tuple[Scope, ...] = ("publish", "migrate", "admin")
    texts = {each: catalogue.access.create(each, each, expires_at=None, by=BY) for each in scopes}
    for scope in ("publish", "migrate"):
        answer = client.get("/audit", headers=bearer(texts[scope]))
        assert (answer.status_code, codes(answer)) == (403, ["token-scope"])
    assert client.get("/audit").status_code == 401
    found, following = [], ""
    while following is not None:
        page = client.get(f"/audit?limit=2{following}", headers=bearer(texts["admin"])).json()
        found += [entry["what"] for entry in page["entries"]]
        following = f"&before={page['next']}" if page["next"] else None
    assert found == [f"token create {scope} --scope {scope}" for scope in ("admin", "migrate", "publish")]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


def trusted(issuer: Issuer, **more: object) -> dict[str, object]:
    """Jobs of our repository's main branch may migrate."""
    claims = {"repository": "org/schemas", "ref": ("refs/heads/main", "refs/heads/release")}
    ours = {"issuer": issuer.url, "audience": "schema-service", "claims": claims, "scopes": ("migrate",)}
    return {"ci": ours | more}


def asked(client: TestClient, token: str, path: str = "/runs/nope/cancel") -> tuple[int, str]:
    answer = client.post(path, headers=bearer(token))
    return answer.status_code, codes(answer)[0]


_PERMITTED = (404, "no-such-run")
_REFUSED = (401, "token-invalid")


def test_a_job_of_a_trusted_ci_system_needs_no_token_of_ours(
    serve: Serve, catalogue: Catalogue, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "registry")
    client = serve(trusted=trusted(issuer))
    token = issuer.token()
    assert asked(client, token) == _PERMITTED
    assert asked(client, issuer.token(ref="refs/heads/release")) == _PERMITTED
    for claims in (
        {"repository": "org/other"},
        {"repository": None},
        {"ref": "refs/heads/main2"},
        {"ref": ["refs/heads/main"]},
        {"aud": "another-service"},
        {"aud": None},
        {"exp": None},
        {"iss": "https://token.actions.githubusercontent.com"},
        {"iss": f"{issuer.url}/"},
    ):
        assert asked(client, issuer.token(**claims)) == _REFUSED, claims
    assert asked(client, issuer.token(minutes=-5)) == _REFUSED
    assert client.get("/audit", headers=bearer(token)).status_code == 403
    # The keys are asked for once, whatever comes, and only of the issuer that the settings name.
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    assert token not in caplog.text
    reasons = [getattr(each, "fields", {}).get("reason") for each in caplog.records]
    assert "other claims: repository" in reasons


def test_nobody_else_signs_for_a_trusted_ci_system(serve: Serve, issuer: Issuer) -> None:
    client = serve(trusted=trusted(issuer))
    with Issuer().running() as stranger:
        forged = [
            stranger.token(iss=issuer.url),
            stranger.token(iss=issuer.url, header={"kid": "two", "jku": f"{stranger.url}/keys"}),
            stranger.token(),
        ]
        assert [asked(client, each) for each in forged] == [_REFUSED] * 3
        assert stranger.asked == []
    head, body, signature = issuer.token().split(".")
    _, other, _ = issuer.token(sub="somebody").split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    for text in (f"{head}.{other}.{signature}", f"{unsigned}.{body}.", f"{head}.{body}.", "a.b.c", ".."):
        assert asked(client, text) == _REFUSED


def test_an_issuer_may_change_its_keys(serve: Serve, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve(trusted=trusted(issuer))
    assert asked(client, issuer.token()) == _PERMITTED
    old = issuer.token()
    issuer.rotate("two")
    assert asked(client, issuer.token()) == _REFUSED, "it was asked just now"
    monkeypatch.setattr("registry.api.oidc.issuer_keys._ASK_AGAIN_SECONDS", -1)
    assert asked(client, issuer.token()) == _PERMITTED
    assert asked(client, old) == _REFUSED
    monkeypatch.setattr("registry.api.oidc.issuer_keys._FRESH_SECONDS", -1)
    issuer.is_down = True
    assert asked(client, issuer.token()) == (503, "issuer-unreachable")


def test_what_trusted_jobs_may_do_is_limited(serve: Serve, catalogue: Catalogue, issuer: Issuer) -> None:
    assert asked(serve(trusted=trusted(issuer, schemas=("other",))), issuer.token()) == _REFUSED
    assert asked(serve(trusted=trusted(issuer, scopes=("publish",))), issuer.token()) == (403, "token-scope")
    client = serve(trusted=trusted(issuer, labels=("eu",)))
    path = f"/runs/{catalogue.runs.add(RUN, BY).id}/cancel"
    assert asked(client, issuer.token(), path) == (403, "token-label")
    unlimited = serve(trusted=trusted(issuer))
    assert unlimited.post(path, headers=bearer(issuer.token())).status_code == 202
    assert catalogue.access.audit(1)[0].who == "ci repo:org/schemas:ref:refs/heads/main"
