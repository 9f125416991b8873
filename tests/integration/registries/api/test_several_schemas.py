"""Several schemas in one service, by docs/several-schemas.md. Nothing is published: no registry is asked."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from registry.api.server import serving
from registry.config.settings import load_settings
from registry.errors import SettingsError
from registry.hosting.hosted import hosted_schemas
from registry.hosting.service import opened_service
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ....documented_page import blocks, commands
from ..release_kit import Team
from ..runs.conftest import until
from .test_publishing import codes, zipped

_PAGE = "several-schemas.md"
(_BILLING, _DEFAULT) = blocks(_PAGE, "toml")


@dataclass(frozen=True, slots=True)
class Place:
    team: Team
    url: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=60)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("several")
    for name in ("shop", "billing"):
        create_workspace(folder / name, name=name, sample=False)
    with (folder / "shop/schema-service.toml").open("a") as settings:
        settings.write(_BILLING)
    workspace = Workspace(folder / "shop")
    with (
        opened_service(workspace, load_settings(workspace.root), print) as service,
        serving(service.app, host="127.0.0.1", port=0) as url,
    ):
        yield Place(Team(workspace.root, "shop"), url)


def test_each_schema_answers_below_its_name_and_the_default_everywhere(place: Place) -> None:
    listed = place.get("/schemas").json()["schemas"]
    assert [(each["name"], each["is_default"]) for each in listed] == [("shop", True), ("billing", False)]
    for path, name in (("", "shop"), ("/schemas/shop", "shop"), ("/schemas/billing", "billing")):
        entry = place.get(f"{path}/").json()
        assert entry["schema_name"] == name
        assert entry["links"]["versions"] == f"{path}/versions"
        assert place.get(f"{path}/versions").json()["schema_name"] == name
        assert requests.head(f"{place.url}{path}/versions", timeout=60).status_code == 200
        assert place.get(f"{path}/docs").status_code == 200
        document = place.get(f"{path}/openapi.json").json()
        assert "/versions" in document["paths"]
    assert place.get("/schemas/billing").json()["schema_name"] == "billing"
    for unknown in ("/schemas/nope/versions", "/schemas/..%2fbilling/versions"):
        answer = place.get(unknown)
        assert (answer.status_code, codes(answer)) == (404, ["unknown-schema"])
    large = requests.post(f"{place.url}/schemas/billing/runs/x/retry", data=b" " * 70_000, timeout=60)
    assert large.status_code == 413


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost/schemas?", 200),
        ("http://other.example/schemas", 421),
        ("HTTP://Other.Example:80/schemas", 421),
        ("http://localhost@other.example/schemas", 421),
        ("//other.example/schemas", 404),
        ("http://other.example", 400),
    ],
)
def test_the_host_of_an_absolute_target_counts_and_not_only_the_header(
    place: Place, target: str, status: int
) -> None:
    """RFC 9112, section 3.2.2: the header is to be ignored then."""
    host, _, port = place.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split()[1] == str(status).encode(), answer


def test_what_is_written_to_one_schema_is_not_in_another(place: Place) -> None:
    made = [place.team.run("token", "create", "ours", "--scope", "publish")]
    made.append(place.team.run("--schema", "billing", "token", "create", "theirs", "--scope", "publish"))
    ours, theirs = ({"Authorization": f"Bearer {each.output.strip()}"} for each in made)
    draft = zipped(place.team.root / "schemas/1.0.0")
    path = f"{place.url}/schemas/billing/drafts/1.0.0"
    assert requests.put(path, data=draft, headers=ours, timeout=60).status_code == 401
    sent = requests.put(path, data=draft, headers=theirs, timeout=60)
    assert sent.status_code == 200, sent.text
    assert len(place.get("/schemas/billing/drafts").json()["drafts"]) == 1
    assert place.get("/drafts").json() == place.get("/schemas/shop/drafts").json() == {"drafts": []}
    # The service's own worker takes it up, in the workspace that it is of.
    asked = f"{place.url}/schemas/billing/versions/1.0.0/check"
    started = requests.post(asked, headers=theirs, timeout=60)
    assert started.headers["Location"] == f"/schemas/billing/releases/{started.json()['id']}"
    job = until(lambda: _over(place.get(started.headers["Location"]).json()))
    assert (job["state"], [each["code"] for each in job["problems"]]) == ("failed", ["missing-migration"])
    logged = place.team.run("--schema", "billing", "token", "log").output
    assert "upload 1.0.0" in logged
    assert "upload" not in place.team.run("token", "log").output


def _over(job: dict[str, Any]) -> dict[str, Any] | None:
    return job if job["state"] in ("succeeded", "failed") else None


def test_every_command_of_the_page_does_what_it_says(place: Place) -> None:
    lines = commands(_PAGE)
    assert len(lines) == 5
    for line in lines:
        if line.startswith("curl"):
            shell = {**os.environ, "API": place.url}
            done = subprocess.run(line, shell=True, env=shell, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
        else:
            ran = place.team.run(*line.removeprefix("schema-service ").split())
            assert ran.exit_code == 0, (line, ran.output, ran.errors)
    unknown = place.team.run("--schema", "nope", "versions", "--json")
    assert unknown.document["problems"][0]["code"] == "unknown-schema"


def test_settings_that_can_not_be(tmp_path: Path) -> None:
    for name in ("shop", "billing", "other"):
        create_workspace(tmp_path / name, name=name, sample=False)
    file = tmp_path / "shop/schema-service.toml"
    text = file.read_text()
    shared = (
        (tmp_path / "billing/schema-service.toml").read_text().replace('"billing-client"', '"shop-client"')
    )
    (tmp_path / "billing/schema-service.toml").write_text(shared)

    def problems(added: str, *, before: str = "") -> list[str]:
        file.write_text(f"{before}{text}\n{added}")
        with pytest.raises(SettingsError) as refused:
            hosted_schemas(Workspace(file.parent), load_settings(file.parent))
        return [problem.code for problem in refused.value.problems]

    assert problems(_BILLING) == ["schemas-share-packages"]
    assert problems('[schemas.accounts]\nworkspace = "../other"\n') == ["schema-name-differs"]
    assert problems('[schemas.other]\nworkspace = "../nowhere"\n') == ["invalid-setting"]
    assert problems("", before='default_schema = "nope"\n') == ["invalid-setting"]
    assert problems('[schemas."a/b"]\nworkspace = "../other"\n') == ["invalid-setting"]
    file.write_text(
        f'{_DEFAULT.replace("billing", "other")}{text}\n[schemas.other]\nworkspace = "../other"\n'
    )
    found = hosted_schemas(Workspace(file.parent), load_settings(file.parent))
    assert [each.name for each in found] == ["other", "shop"]
