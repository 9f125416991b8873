"""The Client API over HTTP, and what pip, uv and npm do with nothing but its two indexes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import uv

from registry.api.application import create_api
from registry.api.server import serving
from registry.api.service import create_service
from registry.catalogue.access import Writer
from registry.config.api_settings import ApiTable
from registry.config.settings import NpmTable, PypiTable, RegistriesTable
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.versions import SchemaVersion

from .conftest import SchemaService, withdrawn

_SIMPLE_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
_ABBREVIATED = {"Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"}
_HOSTILE = '"><script>alert(1)</script>'


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize(
    ("language", "tools"),
    [
        ("python", {"pip", "uv", "poetry"}),
        ("migrations", {"pip", "uv", "poetry"}),
        ("node", {"npm", "pnpm", "yarn", "yarn-classic"}),
        ("typescript", {"npm", "pnpm", "yarn", "yarn-classic"}),
    ],
)
def test_a_package_is_told_whole(
    service: SchemaService, version: str, language: str, tools: set[str]
) -> None:
    """Of 1.0.0, it is read from the file."""
    told, file = service.get(f"/client/{version}/{language}").json(), service.files[version, language]
    assert (told["name"], told["sha256"]) == (file.name, file.sha256)
    assert set(told["install_with"]) == tools
    assert all(told["registry"] in line and version in line for line in told["install_with"].values())
    assert set(told["requires"]) <= {"python", "node"}
    if language == "migrations":
        assert told["dependencies"] == {"psycopg": "[binary]<4,>=3.2"}
    assert [each["statement"] for each in told["signatures"]] == (
        [f"/versions/{version}/attestation"] if version == "2.0.0" else []
    )
    assert service.catalogue.packages.facts(file.sha256) is not None


def test_a_download_goes_on_where_it_stopped(service: SchemaService) -> None:
    file = service.files["1.1.0", "node"].content
    path = "/client/1.1.0/node/download"
    whole = service.get(path)
    etag = whole.headers["ETag"]
    assert (whole.content, whole.headers["Accept-Ranges"]) == (file, "bytes")
    assert whole.headers["Cache-Control"] == "max-age=31536000, immutable"
    size = len(file)
    for asked, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, size - 1),
        ("bytes=-7", size - 7, size - 1),
        (f"bytes=5-{size * 2}", 5, size - 1),
    ):
        part = service.get(path, headers={"Range": asked, "If-Range": etag})
        assert (part.status_code, part.content) == (206, file[first : last + 1]), asked
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    for other in ({"Range": "bytes=0-1,5-6"}, {"Range": "bytes=0-1", "If-Range": '"other"'}, {"Range": "x"}):
        assert service.get(path, headers=other).content == file, other
    beyond = service.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    head = requests.head(f"{service.url}{path}", timeout=60)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(size), b"")
    assert service.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_a_moving_download_leads_to_one_that_never_changes(service: SchemaService) -> None:
    moving = service.get("/client/^1/python/download", allow_redirects=False)
    assert (moving.status_code, moving.headers["Location"]) == (307, "/client/1.1.0/python/download")
    assert moving.headers["Cache-Control"] == "no-cache"
    assert service.get("/client/^1/python/download").content == service.files["1.1.0", "python"].content


def test_ready_files_work_as_they_are(service: SchemaService, tmp_path: Path) -> None:
    """With the service for the index, as the registry of this test has no package of ours."""
    pypi, registry = service.settings.registries.pypi, service.settings.registries.npm
    assert pypi is not None
    assert registry is not None
    told = service.get("/client/1.1.0/migrations/install").json()
    assert set(told["files"]) == {"requirements.txt", "pip.conf"}
    for name, text in told["files"].items():
        assert service.get(f"/client/1.1.0/migrations/install?file={name}").text == text
        (tmp_path / name).write_text(text.replace(pypi.simple_url, f"{service.url}/simple/"))
    done = _pip("download", "--no-deps", "--require-hashes", "-r", "requirements.txt", "--dest", "wheels",
                folder=tmp_path, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [file.name for file in (tmp_path / "wheels").iterdir()] == [
        service.files["1.1.0", "migrations"].filename
    ]
    npm = service.get("/client/1.1.0/typescript/install").json()["files"]
    assert npm[".npmrc"] == f"@org:registry={registry.url}\n"
    assert json.loads(npm["package.json"]) == {"dependencies": {"@org/schema-types": "1.1.0"}}
    absent = service.get("/client/1.1.0/typescript/install?file=../../etc/passwd")
    assert (absent.status_code, absent.json()["problems"][0]["fix"]) == (
        404,
        "ask for one of package.json, .npmrc",
    )


def test_the_simple_index_in_both_forms(service: SchemaService) -> None:
    listed = service.get("/simple/", headers=_SIMPLE_JSON).json()
    assert listed["projects"] == [{"name": "schema-client"}, {"name": "schema-migrations"}]
    with withdrawn(service, SchemaVersion(1, 1, 0), _HOSTILE):
        page = service.get("/simple/schema_client/", headers=_SIMPLE_JSON).json()
        text = service.get("/simple/schema-client/").text
    assert (page["meta"], page["versions"]) == ({"api-version": "1.1"}, ["1.0.0", "1.1.0", "2.0.0"])
    assert [each["yanked"] for each in page["files"]] == [False, _HOSTILE, False]
    html = ElementTree.fromstring(text.replace("<!DOCTYPE html>", "").replace("<br>", "").replace(
        '<meta name="pypi:repository-version" content="1.1">', ""))  # fmt: skip
    anchors = {each.text: each.attrib for each in html.iter("a")}
    for each in page["files"]:
        address = f"{service.url}/simple/schema-client/{each['url']}"
        assert (
            hashlib.sha256(requests.get(address, timeout=60).content).hexdigest() == each["hashes"]["sha256"]
        )
        metadata = requests.get(f"{address}.metadata", timeout=60)
        if "core-metadata" in each:
            assert hashlib.sha256(metadata.content).hexdigest() == each["core-metadata"]["sha256"]
        assert metadata.text.startswith("Metadata-Version: ")
        anchor = anchors[each["filename"]]
        assert anchor["href"] == f"{each['url']}#sha256={each['hashes']['sha256']}"
        assert anchor.get("data-yanked") == (each["yanked"] or None)


def test_other_names_lead_to_the_registries_and_ours_never_do(service: SchemaService) -> None:
    pypi, npm = service.settings.registries.pypi, service.settings.registries.npm
    assert pypi is not None
    assert npm is not None
    for path, address in (
        ("/simple/Typing_Extensions/", f"{pypi.simple_url}typing-extensions/"),
        ("/npm/left-pad", f"{npm.url}left-pad"),
        ("/npm/@other%2fpad", f"{npm.url}@other/pad"),
    ):
        answer = service.get(path, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (307, address)
    for path in ("/simple/schema-client/", "/npm/@org/schema-client"):
        assert service.get(path, allow_redirects=False).status_code == 200
    for path in (
        "/npm/-/whoami",
        "/npm/..%2f..%2fetc",
        "/npm/http:%2f%2fevil.example",
        "/npm/@org/schema-types/-/schema-types-9.9.9.tgz",
        "/npm/@org/schema-types/9.9.9",
        "/npm/-/package/left-pad/dist-tags",
        f"/simple/files/{'0' * 64}/schema_client-2.0.0-py3-none-any.whl",
        f"/simple/files/{service.files['2.0.0', 'python'].sha256}/other.whl",
    ):
        answer = service.get(path, allow_redirects=False)
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (404, "not-published"), path
    for path in ("/simple/-x/", "/simple/files/..%2fx/y", "/simple/a%0d%0ab/"):
        assert service.get(path, allow_redirects=False).status_code in (404, 422), path


def test_the_packument(service: SchemaService) -> None:
    with withdrawn(service, SchemaVersion(1, 0, 0)):
        whole = service.get("/npm/@org%2fschema-types").json()
        short = service.get("/npm/@org/schema-types", headers=_ABBREVIATED)
    assert short.headers["Content-Type"].startswith("application/vnd.npm.install-v1+json")
    assert whole["dist-tags"] == {"latest": "2.0.0", "v1": "1.1.0", "v2": "2.0.0"}
    assert whole["versions"]["1.0.0"]["deprecated"] == "withdrawn: loses rows"
    for version, manifest in whole["versions"].items():
        file = service.files[version, "typescript"]
        content = requests.get(manifest["dist"]["tarball"], timeout=60).content
        assert content == file.content
        assert manifest["dist"]["shasum"] == hashlib.sha1(content).hexdigest()
        assert short.json()["versions"][version]["dist"] == manifest["dist"]
    assert service.get("/npm/@org/schema-types/latest").json() == whole["versions"]["2.0.0"]
    assert service.get("/npm/-/package/@org%2fschema-types/dist-tags").json() == whole["dist-tags"]


def test_pip_and_uv_install_from_the_index(service: SchemaService, tmp_path: Path) -> None:
    """And of a withdrawn version nothing, unless it is asked for."""
    index = f"{service.url}/simple/"
    assert _uv_installed(tmp_path / "of-uv", index, "--no-deps", "schema-client<2") == {
        "schema-client": "1.1.0"
    }
    with withdrawn(service, SchemaVersion(2, 0, 0)):
        asked = ["--index-url", index, "--no-cache-dir", "--no-deps", "--dest", str(tmp_path / "wheels")]
        done = _pip("download", *asked, "schema-migrations", "schema-client==2.0.0", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "yanked" in done.stdout + done.stderr
    assert "loses rows" in done.stdout + done.stderr
    names = sorted(file.name for file in (tmp_path / "wheels").iterdir())
    assert names == ["schema_client-2.0.0-py3-none-any.whl", "schema_migrations-1.1.0-py3-none-any.whl"]


def test_pip_and_npm_have_a_token_where_reading_is_closed(service: SchemaService, tmp_path: Path) -> None:
    by = Writer(who="a test", origin="here")
    token = service.catalogue.access.create("installers", "read", expires_at=None, by=by)
    settings = service.settings.model_copy(update={"api": ApiTable(reads="closed")})
    api = create_service(service.catalogue, settings, {}, root=service.root)
    with serving(api, host="127.0.0.1", port=0) as address:
        place = address.removeprefix("http://")
        for sent, code in (("sst_x", 1), (token, 0)):
            index = f"http://__token__:{sent}@{place}/simple/"
            asked = ["--index-url", index, "--no-cache-dir", "--no-deps", "--no-input", "--dest", "wheels"]
            done = _pip("download", *asked, "schema-client==2.0.0", folder=tmp_path)
            assert done.returncode == code, done.stdout + done.stderr
        assert [file.name for file in (tmp_path / "wheels").iterdir()] == [
            "schema_client-2.0.0-py3-none-any.whl"
        ]
        (tmp_path / ".npmrc").write_text(f"//{place}/npm/:_authToken={token}\n")
        locked = _npm_installed(tmp_path, f"{address}/npm/", "@org/schema-types@1.1.0")
        assert locked["node_modules/@org/schema-types"]["version"] == "1.1.0"
        (tmp_path / ".npmrc").unlink()
        with pytest.raises(AssertionError, match="401"):
            _npm_installed(tmp_path, f"{address}/npm/", "@org/schema-types@2.0.0")


@pytest.mark.soak
def test_npm_installs_from_the_registry(service: SchemaService, tmp_path: Path) -> None:
    locked = _npm_installed(tmp_path, f"{service.url}/npm/", "@org/schema-types")
    assert set(locked) == {"", "node_modules/@org/schema-types"}
    listed = service.get("/npm/@org/schema-types").json()["versions"]["2.0.0"]
    assert locked["node_modules/@org/schema-types"]["integrity"] == listed["dist"]["integrity"]


@pytest.mark.soak
def test_a_team_needs_nothing_but_the_service(
    service: SchemaService, devpi: LocalDevpi, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    """Dependencies are where the service leads: registries that have no package of ours."""
    registries = RegistriesTable(
        pypi=PypiTable(url=devpi.upload_url, index_url=devpi.index_url), npm=NpmTable(url=verdaccio.url)
    )
    settings = service.settings.model_copy(update={"registries": registries})
    api = create_api(service.catalogue, settings, {}, root=service.root)
    with serving(api, host="127.0.0.1", port=0) as address:
        found = _uv_installed(
            tmp_path / "of-uv", f"{address}/simple/", "schema-client", "schema-migrations<2"
        )
        assert (found["schema-client"], found["schema-migrations"]) == ("2.0.0", "1.1.0")
        assert {"pydantic", "psycopg"} <= set(found)
        wheels = ["--index-url", f"{address}/simple/", "--dest", str(tmp_path / "wheels")]
        done = _pip("download", *wheels, "schema-client", folder=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        locked = _npm_installed(tmp_path, f"{address}/npm/", "@org/schema-client@^1", "left-pad@1.3.0")
        assert locked["node_modules/@org/schema-client"]["version"] == "1.1.0"
        assert locked["node_modules/left-pad"]["version"] == "1.3.0"


def _uv_installed(environment: Path, index: str, *asked: str) -> dict[str, str]:
    """What is there after uv installed it, from the index alone."""
    environment.mkdir()
    subprocess.run([uv.find_uv_bin(), "venv", "--quiet", "."], cwd=environment, check=True)
    done = subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "--quiet", "--default-index", index, *asked],
        cwd=environment,
        env=_environment(VIRTUAL_ENV=str(environment)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return _installed(environment)


def _npm_installed(folder: Path, registry: str, *asked: str) -> dict[str, Any]:
    """What npm has locked, which knows no other registry."""
    (folder / "package.json").write_text('{"name": "consumer", "version": "1.0.0"}')
    options = ["--registry", registry, "--cache", str(folder / "cache"), "--no-fund", "--fetch-retries=0"]
    done = subprocess.run(
        [*npm_command(), "install", *options, *asked],
        cwd=folder,
        env=node_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    locked: dict[str, Any] = json.loads((folder / "package-lock.json").read_text())["packages"]
    return locked


def _pip(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check"]
    environment = _environment(**variables)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _environment(**variables: str) -> dict[str, str]:
    """Without this machine's own index."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", **variables}


def _installed(folder: Path) -> dict[str, str]:
    command = [uv.find_uv_bin(), "pip", "list", "--format", "json", "--python", str(folder)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {each["name"]: each["version"] for each in json.loads(listed)}
