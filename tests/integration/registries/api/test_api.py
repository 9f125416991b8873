"""The Schema API over a real catalogue and real registries, as a client sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from generators.targets import all_targets
from registry.api.application import create_api
from registry.catalogue import Catalogue, PublishedArtifact, PublishedVersion
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.facts.events import RESTORED, WITHDRAWN, NewEvent
from registry.config.settings import NpmTable, PypiTable, RegistriesTable, Settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm import NpmPublisher
from registry.publishers.publisher import Publisher
from registry.publishers.pypi import PypiPublisher
from registry.versions.amend import amend
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

NAMES = PackageNames(
    python_client="api-client",
    python_import="api_client",
    python_migrations="api-migrations",
    python_migrations_import="api_migrations",
    node_client="@org/api-client",
    typescript_types="@org/api-types",
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    root = tmp_path_factory.mktemp("catalogue")
    opened = Catalogue.open("sqlite:///state.db", root=root, schema_name="api")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def api(
    tmp_path_factory: pytest.TempPathFactory,
    bridge: PrismaBridge,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    catalogue: Catalogue,
) -> Iterator[TestClient]:
    """The API after 1.0.0 was published, by hand and without a release's gates."""
    root = tmp_path_factory.mktemp("api")
    settings = Settings(
        name="api",
        registries=RegistriesTable(
            pypi=PypiTable(url=devpi.upload_url, index_url=devpi.index_url), npm=NpmTable(url=verdaccio.url)
        ),
    )
    pypi = PypiPublisher(
        upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=devpi.credentials
    )
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    publishers: dict[str, Publisher] = {"wheel": pypi, "npm": npm}
    published = _published(root, bridge, publishers)
    catalogue.record(published, latest=published.version)
    with TestClient(create_api(catalogue, settings, {"wheel": pypi, "npm": npm})) as client:
        yield client


def _published(root: Path, bridge: PrismaBridge, publishers: dict[str, Publisher]) -> PublishedVersion:
    source = create_workspace(root / "workspace", name="api", sample=True).load(SchemaVersion(1, 0, 0))
    schema = bridge.parse(source.schema_text)
    request = GenerationRequest(
        schema_name="api",
        version=source.version,
        description=source.description,
        author=source.author,
        schema=schema,
        migrations=source.history,
        names=NAMES,
    )
    artifacts = [pack(target.generate(request)) for target in all_targets(bridge)]
    for artifact in artifacts:
        publishers[artifact.kind].upload(artifact)
    return PublishedVersion(
        version=source.version,
        description=source.description,
        author=source.author,
        schema_text=schema.text,
        schema_digest=schema.digest,
        input_digest="0" * 64,
        changelog="# 1.0.0\n",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        published_by="somebody",
        migrations=source.migrations,
        artifacts=tuple(PublishedArtifact.of(artifact) for artifact in artifacts),
        partial_types="# none yet\n",
        rehearsed_ms=(("001_init", 12.5),),
    )


def test_versions_and_the_latest(api: TestClient) -> None:
    listed = api.get("/versions").json()
    assert listed["latest"] == "1.0.0"
    assert [version["version"] for version in listed["versions"]] == ["1.0.0"]
    assert api.get("/versions/latest").json() == listed["versions"][0]


def test_a_withdrawn_version_is_marked_wherever_it_is_shown(api: TestClient, catalogue: Catalogue) -> None:
    version = SchemaVersion(1, 0, 0)
    shown = ("/versions/latest", "/schema/1.0.0", "/client/1.0.0/python")
    assert [api.get(path).json()["withdrawn"] for path in shown] == [None] * 3
    for event, reason in ((WITHDRAWN, "loses rows"), (RESTORED, None)):
        new = NewEvent(event=event, version=version, details={"reason": reason})
        catalogue.events.begin([new], latest=None)
        assert [api.get(path).json()["withdrawn"] for path in shown] == [reason] * 3
        assert api.get("/versions").json()["versions"][0]["withdrawn"] == reason


def test_the_schema_comes_with_its_digest(api: TestClient) -> None:
    document = api.get("/schema/latest").json()
    assert hashlib.sha256(document["schema_text"].encode()).hexdigest() == document["schema_digest"]
    assert document["changelog"] == "# 1.0.0\n"
    assert document["partial_types"] == "# none yet\n"


def test_a_correction_is_told_beside_the_original(api: TestClient, catalogue: Catalogue) -> None:
    version = SchemaVersion(1, 0, 0)
    before = api.get("/versions/latest").json()
    assert before["corrected"] == []
    told = api.get("/changelog/latest").json()
    assert (told["changelog"], told["original"], told["corrections"]) == ("# 1.0.0\n", "# 1.0.0\n", [])
    assert [(each["id"], each["rehearsed_ms"]) for each in told["migrations"]] == [
        ("001_init", 12.5),
        ("002_reviews", None),
    ]
    assert {lock["mode"] for lock in told["migrations"][1]["locks"]} == {"SHARE ROW EXCLUSIVE"}
    amend(catalogue, version, {"description": "Better.", "notes": "Use 1.1.0."}, by="manager")
    amend(catalogue, version, {"changelog": "# 1.0.0\n\nBetter.\n"}, by="manager")
    latest = api.get("/versions/latest").json()
    assert (latest["description"], latest["corrected"]) == ("Better.", ["changelog", "description", "notes"])
    assert api.get("/versions").json()["versions"] == [latest]
    schema = api.get("/schema/1.0.0").json()
    assert (schema["changelog"], schema["notes"]) == ("# 1.0.0\n\nBetter.\n", "Use 1.1.0.")
    told = api.get("/changelog/1.0.0").json()
    assert (told["changelog"], told["original"]) == ("# 1.0.0\n\nBetter.\n", "# 1.0.0\n")
    assert [each["what"] for each in told["corrections"]] == ["description", "notes", "changelog"]
    assert {each["by"] for each in told["corrections"]} == {"manager"}


@pytest.mark.parametrize("language", ["python", "node", "typescript", "migrations"])
def test_each_client_is_described_and_downloaded_with_its_digest(api: TestClient, language: str) -> None:
    client = api.get(f"/client/1.0.0/{language}").json()
    assert client["name"] in client["install"][0]
    assert client["registry"] in client["install"][0]
    download = api.get(client["download"])
    assert download.status_code == 200
    assert hashlib.sha256(download.content).hexdigest() == client["sha256"]
    assert len(download.content) == client["size_bytes"]
    assert client["filename"] in download.headers["content-disposition"]


def test_migrations_come_in_order_with_their_sql(api: TestClient) -> None:
    migrations = api.get("/migrations/1.0.0").json()["migrations"]
    assert [migration["id"] for migration in migrations] == ["001_init", "002_reviews"]
    assert all("CREATE TABLE" in migration["up"] for migration in migrations)
    assert [migration["rehearsed_ms"] for migration in migrations] == [12.5, None]
    assert [migration["findings"] for migration in migrations] == [[], []]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/schema/9.9.9", 404),
        ("/schema/nonsense", 422),
        ("/client/1.0.0/rust", 422),
        ("/client/9.9.9/python/download", 404),
        ("/migrations/1.0.0%2F..%2F..", 404),
        ("/nowhere", 404),
    ],
)
def test_failures_are_problem_details_with_a_fix(api: TestClient, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert all(problem["fix"] for problem in document["problems"])


def test_a_failure_lists_no_versions(api: TestClient) -> None:
    (problem,) = api.get("/schema/9.9.9").json()["problems"]
    assert problem["fix"] == "near it: 1.0.0; latest is 1.0.0; GET /versions lists all"


def test_the_root_says_where_to_start(api: TestClient) -> None:
    entry = api.get("/").json()
    assert (entry["schema_name"], entry["latest"]) == ("api", "1.0.0")
    for path in entry["links"].values():
        found = api.get(path.format(version="latest", language="node"))
        assert found.status_code == 200, path


@pytest.mark.parametrize("path", ["/", "/versions", "/schema/1.0.0", "/schema/9.9.9", "/docs", "/nowhere"])
def test_head_is_answered_as_get_without_the_content(api: TestClient, path: str) -> None:
    whole, head = api.get(path), api.head(path)
    assert head.status_code == whole.status_code
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("path", ["/", "/versions", "/client/1.0.0/node/download"])
def test_another_method_is_told_which_are_allowed(api: TestClient, path: str) -> None:
    refused = api.post(path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD"
    assert refused.headers["content-type"] == "application/problem+json"


def test_problems_are_described_as_what_they_are(api: TestClient) -> None:
    for path in api.get("/openapi.json").json()["paths"].values():
        for status, response in path["get"]["responses"].items():
            content = response.get("content", {})
            if status in ("200", "307"):
                assert "application/problem+json" not in content, path
            else:
                assert set(content) == {"application/problem+json"}, (path, status)
                assert "schema" in content["application/problem+json"]


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_of_versions_takes_as_many_queries_however_long_it_is(tmp_path: Path, count: int) -> None:
    engine = open_engine(state_url("sqlite:///many.db", tmp_path))
    catalogue = Catalogue(engine, "many")
    for number in range(count):
        catalogue.record(_described(number), latest=SchemaVersion(1, 0, 0))
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: statements.append(found[2]))
    with TestClient(create_api(catalogue, Settings(name="many"), {})) as client:
        listed = client.get("/versions").json()["versions"]
    assert [version["version"] for version in listed] == [f"1.{n}.0" for n in reversed(range(count))]
    assert len(statements) == 9
    catalogue.close()


def _described(number: int) -> PublishedVersion:
    return PublishedVersion(
        version=SchemaVersion(1, number, 0),
        description="One of many",
        author=None,
        schema_text="",
        schema_digest="0" * 64,
        input_digest="0" * 64,
        changelog="",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        published_by="somebody",
        migrations=(),
        artifacts=(),
    )


def test_health_and_the_documentation(api: TestClient) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    docs = api.get("/docs")
    assert docs.status_code == 200
    assert "https://" not in docs.text, "the page works in a closed network"
    paths = api.get("/openapi.json").json()["paths"]
    assert {"/versions", "/schema/{version}", "/client/{version}/{language}", "/migrations/{version}"} <= set(
        paths
    )


def test_an_empty_catalogue_says_that_nothing_is_published(tmp_path: Path) -> None:
    catalogue = Catalogue.open("sqlite:///empty.db", root=tmp_path, schema_name="new")
    with TestClient(create_api(catalogue, Settings(name="new"), {})) as client:
        assert client.get("/versions").json() == {
            "schema_name": "new",
            "latest": None,
            "total": 0,
            "versions": [],
            "drafts": [],
        }
        assert client.get("/versions/latest").status_code == 404
    catalogue.close()


def test_the_feed_of_releases(api: TestClient) -> None:
    answer = api.get("/feed.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    atom = "{http://www.w3.org/2005/Atom}"
    assert [each.findtext(f"{atom}title") for each in feed.findall(f"{atom}entry")] == [
        "api 1.0.0 (corrected)"  # as a test above did
    ]
    links = [each.get("href") for each in feed.iter(f"{atom}link")]
    assert links == ["http://testserver/feed.atom", "http://testserver/schema/1.0.0"]
    assert api.get(str(links[1])).json()["version"] == "1.0.0"
    known = {"If-None-Match": answer.headers["ETag"]}
    unchanged = api.get("/feed.atom", headers=known)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
