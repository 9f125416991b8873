"""One meaning in every language: what the wire format says of values, in each package, and of rows that go
through all of them."""

from __future__ import annotations

import asyncio
import json
import operator
import os
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from pydantic import BaseModel, Field, ValidationError

from generators.target import GenerationRequest
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.toolchain import installed

from ..integration.postgres.debian import debian_server, has_debian_server, scratch
from ..integration.postgres.python_client.clients import imported_client
from . import wire_format

if TYPE_CHECKING:
    from .conftest import NpmProject

_ALL = Context(prec=1000)
_COMMA = "de_DE.UTF-8"
_ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
#: What a server may prefer; each changes how some values are written as text.
_PREFERRED = {
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
}


class Raw(BaseModel):
    """The row of a raw query, as its types are in Python."""

    sum: int
    avg: Decimal
    micro: datetime
    cash: Decimal
    names: list[str]
    nan: Annotated[Decimal, Field(allow_inf_nan=True)]
    numbers: list[Annotated[Decimal, Field(allow_inf_nan=True)]]
    big: int


class Server(NamedTuple):
    """The JSON of the rows of a database, and the rows as the Python client has them."""

    rows: list[dict[str, Any]]
    written: list[Any]
    has_xml: bool


@pytest.fixture(scope="module")
def package(npm_request: GenerationRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return imported_client(npm_request.schema, "wire_format_client", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def servers(
    bridge: PrismaBridge, npm_request: GenerationRequest, scratch_server: ScratchServer, package: Any
) -> Iterator[dict[str, Server]]:
    """Databases by their URLs, with the rows that the Python client has written out of their JSON."""
    with ExitStack() as stack:
        made = {}
        for zone in _ZONES:
            server, is_debian = scratch_server, zone == _ZONES[-1] and has_debian_server()
            if is_debian:
                stack.enter_context(_locales())
                server = stack.enter_context(scratch(stack.enter_context(debian_server())))
            url = stack.enter_context(_database(bridge, npm_request, server, zone, is_debian=is_debian))
            rows = wire_format.rows(has_xml=is_debian)
            made[url] = Server(rows, _written(package, url, rows), is_debian)
        yield made


@pytest.fixture(scope="module")
def in_javascript(
    npm_project: NpmProject,
    servers: dict[str, Server],
    package: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """What the script has found, with another zone for its own."""
    folder = tmp_path_factory.mktemp("given")
    rows = [wire_format.given_rows(has_xml=server.has_xml) for server in servers.values()]
    files = {"rows": rows, "conditions": _CONDITIONS}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    arguments = [str(wire_format.CORPUS), *(str(folder / name) for name in files)]
    variables = {"URLS": json.dumps(list(servers)), "TZ": "Asia/Kolkata"}
    return json.loads(
        npm_project.run("wire_format.mjs", *arguments, **variables, **_judges(npm_project, package))
    )


def test_a_row_is_the_same_row_in_every_language(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    row_json = package.bodies.SampleJson
    for (url, (expected, written, _)), found in zip(servers.items(), in_javascript["servers"], strict=True):
        wire = [_json(row_json.model_validate(row)) for row in written]
        sent = [json.loads(text) for text in found["sent"]]
        parsed = [json.loads(text) for text in found["parsed"]]
        _same(wire, expected)
        _same(sent, expected)
        _same(parsed, expected)
        _same([_json(row_json.model_validate_json(text)) for text in found["parsed"]], expected)
        asyncio.run(_written_in_asyncio(package, url, [{**row, "id": row["id"] + 2000} for row in expected]))
        rows = _rows(package, url)
        assert list(map(repr, asyncio.run(_read_in_asyncio(package, url)))) == list(map(repr, rows))
        for first in (1000, 2000):
            copies = [row for row in rows if first < row.id < first + 1000]
            _same([{**_json(row_json.model_validate(row)), "id": row.id - first} for row in copies], expected)
        assert found["notes"] == ["by default", None]


def test_what_a_column_does_not_keep_is_stored_alike(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    row_json = package.bodies.SampleJson
    create = package.bodies.SampleCreate.model_validate_json
    for (url, server), found in zip(servers.items(), in_javascript["servers"], strict=True):
        given = wire_format.given_rows(has_xml=server.has_xml)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET TimeZone TO 'UTC'; SET lc_monetary TO 'C'")
            for number, row in enumerate(given):
                _insert(connection, {**row, "id": 5000 + number})
        with package.Client(dsn=url) as db:
            for number, row in enumerate(given):
                db.sample.create(data=create(json.dumps({**row, "id": 6000 + number})).model_dump())
        asyncio.run(_written_at_once(package, url, [{**row, "id": 7000 + n} for n, row in enumerate(given)]))
        rows = [_json(row_json.model_validate(row)) for row in _rows(package, url)]
        by_sql, by_python, at_once, by_node = (
            [row for row in rows if first <= row["id"] < first + 1000] for first in range(5000, 9000, 1000)
        )
        expected = [{**row, "id": 0} for row in wire_format.stored_rows(has_xml=server.has_xml)]
        _same([{**row, "id": 0} for row in by_sql[: len(expected)]], expected)
        for others in (by_python, at_once, by_node, found["stored"]):
            _same([{**row, "id": 0} for row in others], [{**row, "id": 0} for row in by_sql])


def test_a_condition_compares_with_what_was_given(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    update = package.bodies.SampleUpdate
    for url, found in zip(servers, in_javascript["servers"], strict=True):
        with package.Client(dsn=url) as db:
            python = []
            for name, operator, value in _CONDITIONS:
                bound = update.model_validate({name: value}).model_dump()[name]
                condition = {operator: [bound] if operator == "in" else bound}
                python.append(db.sample.count(where={"id": {"gte": 8000, "lt": 9000}, name: condition}))
            rows = db.sample.find_many(where={"id": {"gte": 8000, "lt": 9000}})
        wrong = [
            (condition, counted, in_node, exact)
            for condition, counted, in_node in zip(_CONDITIONS, python, found["found"], strict=True)
            for exact in [_exactly(rows, update, *condition)]
            if counted != in_node or exact not in (None, counted)
        ]
        assert not wrong, "\n".join(map(repr, wrong[:20]))


def test_a_new_row_has_the_same_defaults(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    as_json = package.bodies.MadeJson.model_validate
    for url, found in zip(servers, in_javascript["servers"], strict=True):
        with package.Client(dsn=url) as db:
            db.made.create({"id": 4})
            db.made.create_many([{"id": 5}, {"id": 6}])
            by_python = [_json(as_json(row)) for row in db.made.find_many(order={"id": "asc"})]
        assert by_python[:3] == found["made"]
        for row in by_python:
            assert row["now"] == row["updated"]
            for field, expected in wire_format.DEFAULTS.items():
                value = row[field.split()[0]]
                if isinstance(expected, re.Pattern):
                    assert expected.fullmatch(value), (field, value)
                else:
                    assert value == expected, field


def test_what_is_counted_is_the_same(package: Any, servers: dict[str, Server], in_javascript: Any) -> None:
    numbers = dict.fromkeys(("big", "float", "real", "digits", "cents"), True)
    extremes = dict.fromkeys(("micro", "clock", "day", "cash", "char"), True)
    for url, found in zip(servers, in_javascript["servers"], strict=True):
        with package.Client(dsn=url) as db:
            counted = db.made.aggregate(
                where={"id": {"lte": 3}},
                sum={**numbers, "cash": True},
                avg=numbers,
                min={**numbers, **extremes},
                max=extremes,
            )
        shown = {
            word: {name: _plain(value) for name, value in all_.items()} for word, all_ in counted.items()
        }
        for word, expected in found["counted"].items():
            # Python reads a large float of JSON without a fraction as an int.
            assert shown[word] == {
                name: float(v) if isinstance(v, int) else v for name, v in expected.items()
            }
        assert shown["_sum"]["big"] == "27670116110564327421"


def test_raw_queries_have_the_same_values(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    query = """
        SELECT sum(big) AS sum, avg(digits) AS avg, max(micro) AS micro, sum(cash)::numeric AS cash,
            array_agg(kind) AS names, 'NaN'::numeric AS nan, '{1.50,NaN}'::numeric[] AS numbers,
            max(big) AS big
        FROM "Made" WHERE id <= 3"""
    for url, found in zip(servers, in_javascript["servers"], strict=True):
        with package.Client(dsn=url) as db:
            (row,) = db.query_raw(query, model=Raw)
            (plain,) = db.query_raw(query)
        assert {
            name: [_plain(each) for each in value] if isinstance(value, list) else _plain(value)
            for name, value in row.__dict__.items()
        } == found["raw"]
        assert (plain["sum"], plain["big"], plain["cash"]) == (row.sum, row.big, float(row.cash))


def test_lists_without_a_value_are_empty_and_have_no_nulls(
    package: Any, servers: dict[str, Server], in_javascript: Any
) -> None:
    as_json = package.bodies.SampleJson.model_validate
    is_other = ("String @db.Xml", "Json")  # of JSON it is JSON's null
    lists = [at for at, case in enumerate(wire_format.CASES) if not case["type"].startswith(is_other)]
    for url, found in zip(servers, in_javascript["servers"], strict=True):
        assert found["holes"] == ["refused"] * len(lists)
        with package.Client(dsn=url) as db:
            row = db.sample.find_unique({"id": 9000})
            assert _json(as_json(row)) == found["unset"]
            for at in lists:
                with pytest.raises(ValidationError, match=rf"l{at}\.0"):
                    as_json(row.model_copy(update={f"l{at}": [None]}))


def _plain(value: Any) -> Any:
    """As ``toJson`` writes it: an integer that the sum of a BigInt is, a decimal and a moment as texts."""
    if isinstance(value, datetime):
        digits = "microseconds" if value.microsecond % 1000 else "milliseconds"
        return value.isoformat(timespec=digits).replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return f"{value.normalize(_ALL):f}"
    return value if isinstance(value, str | float) else str(value)


def test_what_is_left_out_is_no_null_in_python(package: Any, servers: dict[str, Server]) -> None:
    create = package.bodies.SampleCreate.model_validate_json
    with package.Client(dsn=next(iter(servers))) as db:
        left_out = db.sample.create(data=create('{"id": 4000}').model_dump())
        cleared = db.sample.create(data=create('{"id": 4001, "note": null}').model_dump())
    assert (left_out.note, cleared.note) == ("by default", None)


@pytest.mark.soak
def test_ten_megabytes_of_bytes_are_the_same_bytes(
    package: Any,
    bridge: PrismaBridge,
    npm_request: GenerationRequest,
    npm_project: NpmProject,
    scratch_server: ScratchServer,
    tmp_path: Path,
) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    field = next(at for at, case in enumerate(wire_format.CASES) if case["type"] == "Bytes")
    data = bytes(range(256)) * 40_960
    wire = {"id": 1, f"f{field}": b64encode(data).decode(), f"l{field}": [b64encode(data).decode(), ""]}
    with _database(bridge, npm_request, scratch_server, "Asia/Tokyo") as url:
        (row,) = _written(package, url, [wire])
        assert row.__dict__[f"f{field}"] == data
        arguments = [str(wire_format.CORPUS), str(empty), str(empty)]
        variables = {"URLS": json.dumps([url]), **_judges(npm_project, package)}
        printed = npm_project.run("wire_format.mjs", *arguments, **variables)
        (found,) = json.loads(printed)["servers"]
        _same([json.loads(found["parsed"][0])], [wire])
        assert [copy.__dict__[f"l{field}"] for copy in _rows(package, url)[:2]] == [[data, b""]] * 2


def test_what_is_read_is_read_alike(package: Any, in_javascript: Any) -> None:
    update = package.bodies.SampleUpdate
    for at, (case, found) in enumerate(zip(wire_format.CASES, in_javascript["values"], strict=True)):
        pairs = [*((value, value) for value in case["kept"]), *case.get("read", [])]
        for (given, expected), javascript in zip(pairs, found["read"], strict=True):
            place = f"{case['type']}: {given!r:.60}"
            body = update.model_validate_json(json.dumps({f"f{at}": given}))
            python = json.loads(body.model_dump_json(exclude_unset=True))[f"f{at}"]
            found_values = [javascript.get("json"), javascript["plain"].get("value"), python]
            assert found_values == found_values[:1] * 3, place
            assert javascript["ajv"] == [True, True], place
            assert javascript["zod"] == {f"f{at}": found_values[0]}, place
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
                    "zod": "zod" not in form,
                    "JSON Schema": "$number" in json.dumps(given)
                    or form["ajv"] == [_is_beyond_json_schema(case["type"], value)] * 2,
                }
                wrong += [
                    f"{name}, {case['type']}: {given!r:.60}"
                    for name, is_right in said.items()
                    if not is_right
                ]
    assert not wrong, "\n".join(wrong)


def test_both_packages_have_the_same_json_schemas(package: Any, in_javascript: Any) -> None:
    ours = in_javascript["schema"]["properties"]
    theirs = package.bodies.SampleUpdate.model_json_schema()["properties"]
    said = ("type", "pattern", "format", "maxLength", "contentEncoding")
    for at, case in enumerate(wire_format.CASES):
        one, other = (schemas[f"l{at}"]["items"] for schemas in (ours, theirs))
        if case["type"] != "Kind":
            assert {key: one.get(key) for key in said} == {key: other.get(key) for key in said}, case["type"]


def _judges(project: NpmProject, package: Any) -> dict[str, str]:
    """Links the libraries that judge to the project's packages; variables with what else they need."""
    modules = installed(Path(__file__).parent / "bundlers" / "quick") / "node_modules"
    for name in ("ajv", "ajv-formats", "zod"):
        link = project.folder / "node_modules" / name
        if not link.is_symlink():
            link.symlink_to(modules / name)
    return {"PYDANTIC_SCHEMA": json.dumps(package.bodies.SampleUpdate.model_json_schema())}


def _is_beyond_json_schema(type_: str, value: Any) -> bool:
    """Whether it is refused for what docs/reference/wire-format.md says that JSON Schemas don't."""
    if type_.startswith("Json"):
        return True
    if not isinstance(value, str):
        return False
    ends = ("0000-01-01", "0001-01-01T00:00:00+", "9999-12-31T2")
    is_end_of_day = ("db.Time(" in type_ or "db.Timetz(" in type_) and ":59:59." in value
    beyond = {
        "String": type_ not in _PATTERNED and bool(re.search("[\0\ud800-\udfff]", value)),
        "BigInt": value in ("9223372036854775808", "-9223372036854775809"),
        "Decimal": value == "1e999999",
        "Bytes": re.fullmatch("[A-Za-z0-9+/_-]*={0,2}", value) is not None,
        "DateTime": value.startswith(ends) or is_end_of_day,
    }
    return beyond.get(type_.partition(" ")[0], False)


_PATTERNED = ("String @db.Uuid", "String @db.Bit(3)", "String @db.VarBit(4)", "String @db.VarBit")
_OPERATORS = {
    "equals": operator.eq,
    "not": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": operator.eq,
}
#: Field, operator and value: each value whose column keeps something else of it.
_CONDITIONS = [
    (f"f{at}", name, given)
    for at, case in enumerate(wire_format.CASES)
    if not case["type"].startswith("Json") and "Xml" not in case["type"]
    for given, _ in case.get("stored", ())
    for name in _OPERATORS
]


def _exactly(rows: list[Any], update: Any, name: str, word: str, value: Any) -> int | None:
    """How many rows a condition finds by the exact value; of a date and of a time of day, that is the part.
    None for types whose order is the database's."""
    type_ = wire_format.CASES[int(name[1:])]["type"]
    if not type_.startswith(("DateTime", "Decimal")):
        return None
    bound = update.model_validate({name: value}).model_dump()[name]
    if type_.endswith("Date"):
        bound = bound.replace(hour=0, minute=0, second=0, microsecond=0)
    elif wire_format.is_time_of_day(name):
        bound = bound.replace(year=1970, month=1, day=1)
    found = (row.__dict__[name] for row in rows)
    return sum(1 for each in found if each is not None and _OPERATORS[word](each, bound))


def _insert(connection: psycopg.Connection[Any], row: dict[str, Any]) -> None:
    """The same by SQL that anyone may write."""
    values = []
    for name, value in row.items():
        type_ = "Int" if name == "id" else wire_format.CASES[int(name[1:])]["type"]
        text = sql.Literal(json.dumps(value) if type_.startswith("Json") else str(value))
        values.append(sql.SQL("{}::timestamptz").format(text) if type_.startswith("DateTime") else text)
    connection.execute(
        sql.SQL('INSERT INTO "Sample" ({}) VALUES ({})').format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(values)
        )
    )


def _refused_at(body: Any, value: dict[str, Any]) -> list[str | int] | None:
    """Where it is refused; None if it is taken."""
    try:
        body.model_validate(value)
    except ValidationError as refused:
        return list(refused.errors()[0]["loc"])[: 1 + isinstance(next(iter(value.values())), list)]
    return None


@contextmanager
def _database(
    bridge: PrismaBridge,
    request: GenerationRequest,
    server: ScratchServer,
    zone: str,
    *,
    is_debian: bool = False,
) -> Iterator[str]:
    """A database with the tables, whose sessions begin with settings that nobody would choose."""
    with server.new_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION citext" if is_debian else wire_format.CITEXT)
            connection.execute(bridge.diff(None, request.schema.text).encode())
            _prefer(connection, {"TimeZone": zone, **_PREFERRED})
            if is_debian and "LOCPATH" in os.environ:
                _prefer(connection, {"lc_monetary": _COMMA})
        yield url


@contextmanager
def _locales() -> Iterator[None]:
    """Servers that start meanwhile know a locale whose decimal point is a comma, if one can be made."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        made = Path(folder) / _COMMA
        command = shutil.which("localedef")
        if command is not None:
            arguments = [command, "-i", "de_DE", "-f", "UTF-8", str(made)]
            subprocess.run(arguments, capture_output=True, check=False)
        if made.exists():
            patch.setenv("LOCPATH", folder)
        yield


def _written(package: Any, url: str, rows: list[dict[str, Any]]) -> list[Any]:
    """The rows of this JSON, as the Python client has written them and reads them again."""
    with package.Client(dsn=url) as db:
        for row in rows:
            body = package.bodies.SampleCreate.model_validate_json(json.dumps(row))
            db.sample.create(data=body.model_dump())
    return _rows(package, url)


async def _written_in_asyncio(package: Any, url: str, rows: list[dict[str, Any]]) -> None:
    async with package.AsyncClient(dsn=url) as db:
        for row in rows:
            body = package.bodies.SampleCreate.model_validate_json(json.dumps(row))
            await db.sample.create(data=body.model_dump())


async def _written_at_once(package: Any, url: str, rows: list[dict[str, Any]]) -> None:
    """As one JSON and, where all columns have a form for it, by COPY."""
    bodies = [package.bodies.SampleCreate.model_validate_json(json.dumps(row)).model_dump() for row in rows]
    copied = {field for field in bodies[-1] if not wire_format.is_time_of_day(field)}
    async with package.AsyncClient(dsn=url) as db:
        assert await db.sample.create_many(data=bodies) == len(rows)
        first = 10_000
        moments = [{field: body[field] for field in copied} for body in bodies if copied <= body.keys()]
        assert len(moments) >= 100
        await db.sample.create_many(data=[{**body, "id": body["id"] + first} for body in moments])
        found = {row.id: row.__dict__ for row in await db.sample.find_many()}
        for body in moments:
            one, other = found[body["id"]], found[body["id"] + first]
            assert [one[field] for field in copied - {"id"}] == [other[field] for field in copied - {"id"}]


async def _read_in_asyncio(package: Any, url: str) -> list[Any]:
    async with package.AsyncClient(dsn=url) as db:
        found: list[Any] = await db.sample.find_many(order={"id": "asc"})
        return found


def _json(body: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(body.model_dump_json(by_alias=True))
    return made


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
