"""One meaning in every language: what the wire format says of values, in each package, and of rows that go
through all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError

from generators.target import GenerationRequest
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge

from ..integration.postgres.python_client.clients import imported_client
from . import wire_format

if TYPE_CHECKING:
    from .conftest import NpmProject

_ALL = Context(prec=200)
_ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
#: What a server may prefer; each changes how some values are written as text.
_PREFERRED = {
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
}


@pytest.fixture(scope="module")
def package(npm_request: GenerationRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return imported_client(npm_request.schema, "wire_format_client", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def servers(
    bridge: PrismaBridge, npm_request: GenerationRequest, scratch_server: ScratchServer, package: Any
) -> Iterator[dict[str, list[Any]]]:
    """Databases by their URLs, with the rows that the Python client has written out of their JSON."""
    statements = bridge.diff(None, npm_request.schema.text).encode()
    with ExitStack() as stack:
        made = {}
        for zone in _ZONES:
            url = stack.enter_context(scratch_server.new_database())
            with psycopg.connect(url) as connection:
                connection.execute(statements)
                _prefer(connection, {"TimeZone": zone, **_PREFERRED})
            with package.Client(dsn=url) as db:
                for row in wire_format.rows():
                    body = package.bodies.SampleCreate.model_validate_json(json.dumps(row))
                    db.sample.create(data=body.model_dump())
            made[url] = _rows(package, url)
        yield made


@pytest.fixture(scope="module")
def in_javascript(npm_project: NpmProject, servers: dict[str, list[Any]]) -> Any:
    """What the script has found, with another zone for its own."""
    printed = npm_project.run(
        "wire_format.mjs", str(wire_format.CORPUS), URLS=json.dumps(list(servers)), TZ="Asia/Kolkata"
    )
    return json.loads(printed)


def test_a_row_is_the_same_row_in_every_language(
    package: Any, servers: dict[str, list[Any]], in_javascript: Any
) -> None:
    expected = wire_format.rows()
    row_json = package.bodies.SampleJson
    for (url, written), found in zip(servers.items(), in_javascript["servers"], strict=True):
        wire = [json.loads(row_json.model_validate(row).model_dump_json(by_alias=True)) for row in written]
        sent = [json.loads(text) for text in found["sent"]]
        parsed = [json.loads(text) for text in found["parsed"]]
        _same(wire, expected)
        _same(sent, expected)
        _same(parsed, expected)
        for text, row in zip(found["parsed"], written, strict=True):
            assert row_json.model_validate_json(text) == row_json.model_validate(row)
        copies = [row for row in _rows(package, url) if row.id > 1000]
        for copy, row in zip(copies, written, strict=True):
            assert copy.model_copy(update={"id": row.id}) == row


def test_what_is_read_is_read_alike(package: Any, in_javascript: Any) -> None:
    update = package.bodies.SampleUpdate
    for at, (case, found) in enumerate(zip(wire_format.CASES, in_javascript["values"], strict=True)):
        pairs = [*((value, value) for value in case["kept"]), *case.get("read", [])]
        for (given, expected), javascript in zip(pairs, found["read"], strict=True):
            place = f"{case['type']}: {given!r:.60}"
            body = update.model_validate_json(json.dumps({f"f{at}": given}))
            python = json.loads(body.model_dump_json(exclude_unset=True))[f"f{at}"]
            found_values = [javascript.get("json"), javascript["plain"].get("value"), python]
            if case["type"].startswith("Decimal"):  # whose digits are those that were given
                found_values = [value and f"{Decimal(value).normalize(_ALL):f}" for value in found_values]
            assert found_values == [expected] * 3, place


def test_what_is_refused_is_refused_alike_with_its_place(package: Any, in_javascript: Any) -> None:
    wrong = []
    for at, (case, found) in enumerate(zip(wire_format.CASES, in_javascript["values"], strict=True)):
        one, item = [f"f{at}"], [f"l{at}", 0]
        for given, javascript in zip(case["refused"], found["refused"], strict=True):
            value = wire_format.value_of(given)
            for path, form, body in (
                (one, javascript, {one[0]: value}),
                (item, javascript["list"], {item[0]: [value]}),
            ):
                said = {
                    "validators": [issue["path"] for issue in form.get("issues", ())] == [path],
                    "pydantic": _refused_at(package.bodies.SampleUpdate, body) == path,
                    # A row's JSON is parsed already: only whoever wrote it could tell its digits.
                    "fromJson": case["type"].startswith("Json")
                    or f"Sample.{path[0]} is not" in form["plain"].get("error", ""),
                }
                wrong += [
                    f"{name}, {case['type']}: {given!r:.60}"
                    for name, is_right in said.items()
                    if not is_right
                ]
    assert not wrong, "\n".join(wrong)


def _refused_at(body: Any, value: dict[str, Any]) -> list[str | int] | None:
    """Where it is refused; None if it is taken."""
    try:
        body.model_validate(value)
    except ValidationError as refused:
        return list(refused.errors()[0]["loc"])[: 1 + isinstance(next(iter(value.values())), list)]
    return None


def _rows(package: Any, url: str) -> list[Any]:
    with package.Client(dsn=url) as db:
        found: list[Any] = db.sample.find_many(order={"id": "asc"})
        return found


def _same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    different = [
        (row["id"], name, row.get(name), value)
        for row, right in zip(found, expected, strict=True)
        for name, value in right.items()
        if row.get(name) != value
    ]
    assert not different, "\n".join(map(repr, different))


def _prefer(connection: psycopg.Connection[Any], settings: dict[str, str]) -> None:
    for name, value in settings.items():
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(name), sql.Literal(value)
            )
        )
