"""The Schema API over HTTP: lists, ranges, forms of a schema, differences, what fits what."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shlex
from typing import Any

import pglast
import psycopg
import pytest
import requests

from migrations.scratch.scratch_server import ScratchServer
from schemas.versions import SchemaVersion

from ....documented_page import DOCS
from .conftest import SchemaService, withdrawn

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What the page about the API shows all of, but for addresses that only its answers name.
_TAGS = {"versions", "packages", "Python index", "npm registry"}
_IN_LISTS = "/simple/files/{sha256}/{filename}"
_IMMUTABLE = "max-age=31536000, immutable"


def test_a_list_is_paged_with_links_and_an_etag(service: SchemaService) -> None:
    first = service.get("/versions?per_page=2")
    assert [each["version"] for each in first.json()["versions"]] == ["2.0.0", "1.1.0"]
    assert first.json()["total"] == 3
    assert set(first.links) == {"first", "next", "last"}
    second = service.get(first.links["next"]["url"])
    assert [each["version"] for each in second.json()["versions"]] == ["1.0.0"]
    assert set(second.links) == {"first", "prev", "last"}
    assert service.get(second.links["prev"]["url"]).content == first.content
    again = service.get("/versions?per_page=2", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = service.get("/versions?per_page=2&page=2", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    beyond = service.get("/versions?page=4")
    assert (beyond.status_code, beyond.json()["problems"][0]["code"]) == (404, "no-such-page")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("range=^1", ["1.1.0", "1.0.0"]),
        ("range=1.0.0", ["1.0.0"]),
        ("since=2026-01-02", ["2.0.0", "1.1.0"]),
        ("since=2026-01-02T12:00:01Z", ["2.0.0"]),
        ("q=nothing+says+this", []),
        ("author=nobody", []),
        ("withdrawn=false", ["2.0.0", "1.0.0"]),
        ("prereleases=false&staged=true", ["2.0.0", "1.1.0", "1.0.0"]),
    ],
)
def test_a_list_is_filtered(service: SchemaService, query: str, expected: list[str]) -> None:
    with withdrawn(service, SchemaVersion(1, 1, 0)):
        listed = service.get(f"/versions?{query}").json()
    assert [each["version"] for each in listed["versions"]] == expected
    assert listed["total"] == len(expected)


def test_what_no_list_has_is_refused(service: SchemaService) -> None:
    for query in ("range=banana", "per_page=1001", "page=0", "nonsense=1", "since=yesterday"):
        assert service.get(f"/versions?{query}").status_code == 422, query


@pytest.mark.parametrize(
    "path",
    [
        "/versions/{}",
        "/schema/{}",
        "/schema/{}.prisma",
        "/schema/{}.sql",
        "/schema/{}/metadata",
        "/changelog/{}",
        "/migrations/{}",
        "/client/{}/python",
        "/client/{}/node/install",
        "/client/{}/node/install?file=.npmrc",
    ],
)
@pytest.mark.parametrize(
    ("text", "version"), [("latest", "2.0.0"), ("^1", "1.1.0"), ("~1.0", "1.0.0"), ("1", "1.1.0")]
)
def test_a_moving_address_says_which_it_stands_for(
    service: SchemaService, path: str, text: str, version: str
) -> None:
    moving, exact = service.get(path.format(text)), service.get(path.format(version))
    assert (moving.status_code, exact.status_code) == (200, 200)
    assert moving.content == exact.content
    assert moving.headers["Content-Location"] == path.format(version)
    assert moving.headers["Cache-Control"] == "no-cache"
    assert "Content-Location" not in exact.headers
    fixed = path.endswith((".prisma", ".sql"))
    assert exact.headers["Cache-Control"] == (_IMMUTABLE if fixed else "no-cache")


def test_a_range_has_what_npm_would_take(service: SchemaService) -> None:
    """Nothing that is withdrawn; and `latest` where the range has it, even if there are higher ones."""

    def of(text: str) -> Any:
        return service.get(f"/versions/{text}").json().get("version")

    with withdrawn(service, SchemaVersion(1, 1, 0)):
        assert (of("^1"), of("1.1.0"), of("~1.1")) == ("1.0.0", "1.1.0", None)
    assert of("^1") == "1.1.0"
    service.catalogue.events.adopt([], latest=SchemaVersion(1, 0, 0))
    try:
        assert (of("^1"), of("latest"), of("~1.1")) == ("1.0.0", "1.0.0", "1.1.0")
    finally:
        service.catalogue.events.adopt([], latest=SchemaVersion(2, 0, 0))


@pytest.mark.parametrize(
    ("path", "status", "fix"),
    [
        ("/schema/1.0.7", 404, "near it: 1.0.0, 1.1.0, 2.0.0; latest is 2.0.0; GET /versions lists all"),
        ("/versions/^3", 404, "near it: 1.0.0, 1.1.0, 2.0.0; latest is 2.0.0; GET /versions lists all"),
        ("/schema/v1", 422, "write three numbers, like 2.0.0, or a range such as ^1 or ~1.2"),
        ("/diff/1.0.0/9.0.0", 404, "near it: 1.0.0, 1.1.0, 2.0.0; latest is 2.0.0; GET /versions lists all"),
        (
            "/versions/1.0.0/attestation",
            404,
            "see [trust] in schema-service.toml: releases are signed from then on",
        ),
    ],
)
def test_what_is_not_there_is_told_briefly(service: SchemaService, path: str, status: int, fix: str) -> None:
    answer = service.get(path)
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["fix"]) == (status, fix)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("suffix", "accept"),
    [
        (".prisma", "text/plain"),
        (".json", "application/vnd.schema-service.model+json"),
        (".schema.json", "application/schema+json, application/json;q=0.5"),
        (".sql", "application/sql;q=0.8, image/png"),
    ],
)
def test_a_form_is_asked_for_by_suffix_or_by_accept(service: SchemaService, suffix: str, accept: str) -> None:
    by_suffix = service.get(f"/schema/2.0.0{suffix}", headers={"Accept": "text/html"})
    by_accept = service.get("/schema/2.0.0", headers={"Accept": accept})
    assert by_suffix.content == by_accept.content
    assert by_suffix.headers["Content-Type"].startswith(accept.partition(",")[0].partition(";")[0])
    assert (by_accept.headers["Vary"], by_suffix.headers.get("Vary")) == ("Accept", None)


def test_a_form_that_is_not_offered(service: SchemaService) -> None:
    assert service.get("/schema/2.0.0", headers={"Accept": "image/png"}).status_code == 406
    assert service.get("/schema/2.0.0", headers={"Accept": "application/*"}).json()["version"] == "2.0.0"


def test_the_text_and_the_model(service: SchemaService) -> None:
    text = service.get("/schema/2.0.0.prisma").content
    model = service.get("/schema/2.0.0.json").json()
    assert hashlib.sha256(text).hexdigest() == model["schema_digest"]
    names = [each["name"] for each in model["models"]]
    assert all(f"model {name} {{" in text.decode() or f"view {name} {{" in text.decode() for name in names)
    assert service.catalogue.models.find(SchemaVersion(2, 0, 0), 1) == service.get("/schema/2.0.0.json").text


def test_the_json_schema_takes_rows_and_refuses_others(service: SchemaService) -> None:
    import jsonschema  # noqa: PLC0415 - it compiles grammars, which every worker would do

    schema = service.get("/schema/2.0.0.schema.json").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    rows = {
        name: [_row(each, schema["$defs"])] for name, each in schema["$defs"].items() if "required" in each
    }
    validator.validate(rows)
    for name, (row,) in rows.items():
        for column in row:
            broken = {name: [{**row, column: {"no": "column"}}]}
            is_json = not schema["$defs"][name]["properties"][column].keys() - {"description"}
            assert validator.is_valid(broken) is is_json, (name, column)
        assert not validator.is_valid({name: [{**row, "unknown": 1}]})


def _row(model: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """One with a value in each column."""
    return {name: _value(model["properties"][name], definitions) for name in model["required"]}


def _value(field: dict[str, Any], definitions: dict[str, Any]) -> Any:
    found = field.get("anyOf", [field])[0]
    if "$ref" in found:
        found = definitions[found["$ref"].rpartition("/")[2]]
    if "enum" in found:
        return found["enum"][0]
    values = {"date-time": "2026-01-01T00:00:00.000Z", "uuid": "0b0c9c3a-3f4e-4d55-8a55-3d6e3c2c5a11"}
    if found.get("type") == "array":
        return []
    if found.get("type") == "string":
        return values.get(found.get("format", ""), "1")
    return {"integer": 1, "number": 1.5, "boolean": True}.get(found.get("type", ""))


def test_the_sql_makes_the_database_of_the_version(
    service: SchemaService, scratch_server: ScratchServer
) -> None:
    sql = service.get("/schema/2.0.0.sql").text
    tables = {each["table"] for each in service.get("/schema/2.0.0.json").json()["models"]}
    with scratch_server.new_database() as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in pglast.split(sql):
            connection.execute(statement.encode())
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert tables <= {name for (name,) in found}


def test_metadata_names_packages_and_the_signed_statement(service: SchemaService) -> None:
    told = service.get("/schema/2.0.0/metadata").json()
    assert [each["language"] for each in told["packages"]] == ["python", "node", "typescript", "migrations"]
    for package in told["packages"]:
        client = service.get(package["details"]).json()
        assert (client["sha256"], client["name"]) == (package["sha256"], package["name"])
    assert [each for each in told["migrations"] if each.startswith("005")]
    for kind, address in told["schema_forms"].items():
        assert service.get(address).headers["Content-Type"].startswith(kind)
    envelope = service.get(told["attestation"])
    assert envelope.json()["payloadType"] == "application/vnd.in-toto+json"
    assert service.get("/schema/1.0.0/metadata").json()["attestation"] is None


def test_changelogs_of_all_and_of_one(service: SchemaService) -> None:
    listed = service.get("/changelog?range=^1").json()
    assert [(each["version"], each["changelog"]) for each in listed["changelogs"]] == [
        (version, f"# {version}\n\nWhat changed.\n") for version in ("1.1.0", "1.0.0")
    ]
    page = service.get("/changelog", headers={"Accept": "text/markdown"})
    assert page.headers["Content-Type"].startswith("text/markdown")
    assert (
        page.text == "\n\n".join(f"# {each}\n\nWhat changed." for each in ("2.0.0", "1.1.0", "1.0.0")) + "\n"
    )
    one = service.get("/changelog/latest", headers={"Accept": "text/markdown"})
    assert one.text == "# 2.0.0\n\nWhat changed.\n"


def test_a_difference_as_json_and_as_a_page(service: SchemaService) -> None:
    told = service.get("/diff/^1/latest").json()
    assert (told["from"], told["to"], told["direction"]) == ("1.1.0", "2.0.0", "forward")
    assert any(each["compatibility"] == "breaking" for each in told["changes"])
    assert told["migrations"]
    assert service.get("/diff/2.0.0/1.0.0").json()["direction"] == "back"
    page = service.get("/diff/1.1.0/2.0.0", headers={"Accept": "text/markdown"})
    assert page.text.startswith("# 1.1.0 → 2.0.0\n")


def test_which_clients_fit_which_databases(service: SchemaService) -> None:
    told = service.get("/compatibility").json()
    assert [(each["database"], each["oldest_client"], each["npm_range"]) for each in told["databases"]] == [
        ("2.0.0", "2.0.0", "2.0.0"),
        ("1.1.0", "1.0.0", ">=1.0.0 <=1.1.0"),
        ("1.0.0", "1.0.0", "1.0.0"),
    ]
    assert told["databases"][1]["python_specifier"] == ">=1.0.0,<=1.1.0"
    asked = service.get("/compatibility?client=1.0.0&database=latest").json()
    assert [each["database"] for each in asked["databases"]] == ["2.0.0"]
    assert asked["clients"] == [{"client": "1.0.0", "databases": ["1.0.0", "1.1.0"]}]


def test_every_example_of_the_page_about_the_api(service: SchemaService) -> None:
    """Each request is made, and its answer has what the page shows of it; and the page has all addresses."""
    asked: set[str] = set()
    answers: list[requests.Response] = []
    for language, text in _BLOCK.findall((DOCS / "api.md").read_text("utf-8")):
        if language == "sh":
            answers = [_asked(service, line) for line in text.splitlines()]
            asked |= {requests.utils.urlparse(answer.request.url or "").path for answer in answers}
        elif language == "json":
            _has(answers[-1].json(), json.loads(text), answers[-1].url)
        elif language == "headers":
            for name, _, value in (line.partition(": ") for line in text.splitlines()):
                assert answers[-1].headers[name] == value
    for path, methods in service.get("/openapi.json").json()["paths"].items():
        pattern = re.sub(r"\{path\}", ".+", path)
        pattern = re.sub(r"\{\w+\}", "[^/]+", pattern)
        if set(methods.get("get", {"tags": []})["tags"]) & _TAGS and path != _IN_LISTS:
            assert any(re.fullmatch(pattern, each) for each in asked), path


def _asked(service: SchemaService, line: str) -> requests.Response:
    """What a line with curl asks for: of its options, those that change that."""
    parser = argparse.ArgumentParser()
    for flag in ("-s", "-L"):
        parser.add_argument(flag, action="store_true")
    for option in ("-D", "-o", "-r"):
        parser.add_argument(option)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("url")
    program, *words = shlex.split(line)
    assert program == "curl"
    given = parser.parse_args(words)
    headers = dict(header.split(": ") for header in given.H)
    if given.r:
        headers["Range"] = f"bytes={given.r}"
    path = given.url.removeprefix("http://127.0.0.1:8000")
    answer = service.get(path, headers=headers, allow_redirects=given.L)
    assert answer.status_code in (200, 206, 404), line
    assert (answer.status_code == 404) == ("1.0.7" in line), line
    return answer


def _has(found: Any, shown: Any, where: str) -> None:
    """``…`` in a text stands for any; of a list, the page shows the first ones."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            _has(found[key], value, f"{where} {key}")
    elif isinstance(shown, list) and shown:
        for one, other in zip(found, shown, strict=False):
            _has(one, other, where)
        assert len(found) >= len(shown), where
    elif isinstance(shown, str) and "…" in shown:
        assert re.fullmatch(".*".join(map(re.escape, shown.split("…"))), found, re.DOTALL), (where, found)
    else:
        assert found == shown, where
