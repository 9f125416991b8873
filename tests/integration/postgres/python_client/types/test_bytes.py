"""``Bytes`` fields: what rows hold, what queries take, and keys that are bytes."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
from collections.abc import Callable
from dataclasses import make_dataclass
from types import GenericAlias
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import ValidationError, create_model
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

SCHEMA = """
model Asset {
  digest   Bytes     @id
  name     String    @default("")
  thumb    Bytes?
  parts    Bytes[]
  versions Version[]
  tags     Tag[]
  origin   Asset?    @relation("origin", fields: [originId], references: [digest])
  originId Bytes?
  copies   Asset[]   @relation("origin")
}

model Version {
  asset    Asset  @relation(fields: [assetId], references: [digest], onDelete: Cascade)
  assetId  Bytes
  number   Int
  content  Bytes  @default("AP8=") @map("the content")
  checksum Bytes? @unique

  @@id([assetId, number])
}

model Tag {
  key    Bytes   @id
  assets Asset[]
}
"""
_PARTIALS = """
from schema_client.models import Asset

Asset.create_partial("Thumb", include={"thumb", "parts"}, required={"thumb"})
"""
_RAW = b"\xfb\xff\x00"
_TEXT = "+/8A"
_ONE, _TWO = b"\x00\x01", b"\x00\x02"


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(SCHEMA, partial_types=_PARTIALS)


@pytest.fixture
def base64(client: Any) -> Any:
    return client.module.Base64


@pytest.fixture(params=["bytes", "Base64"])
def given(request: pytest.FixtureRequest, base64: Any) -> Callable[[bytes], Any]:
    """Bytes as they are given to the client, either way."""
    return bytes if request.param == "bytes" else base64.encode


# Rows


def test_rows_hold_it(db: Any, base64: Any, given: Callable[[bytes], Any]) -> None:
    data = {"digest": given(_ONE), "thumb": given(_RAW), "parts": [given(b""), given(_RAW)]}
    row = db.asset.create(data)
    for found in (
        row,
        db.asset.find_unique({"digest": given(_ONE)}),
        db.asset.find_first(where={"thumb": given(_RAW)}),
        *db.asset.find_many(),
        *db.asset.find_many(omit={"name": True}),
        db.asset.update({"thumb": given(_RAW)}, {"digest": given(_ONE)}),
        db.asset.delete({"digest": given(_ONE)}),
    ):
        assert (found.digest, found.thumb, found.parts) == (_ONE, _RAW, [b"", _RAW])
        assert {type(value) for value in (found.digest, found.thumb, *found.parts)} == {base64}
        assert found.thumb.decode() == bytes(found.thumb) == _RAW
        assert found.thumb._text is None  # it made no text for being read
    empty = db.asset.create({"digest": given(b"")})
    assert (empty.digest, empty.thumb, empty.parts) == (b"", None, [])


def test_many_rows_hold_it(db: Any, base64: Any) -> None:
    numbers = range(100)  # more than a hydrator makes one by one
    assert db.asset.create_many([{"digest": bytes([number])} for number in numbers]) == 100
    rows = db.asset.find_many(order={"digest": "asc"})
    assert [row.digest for row in rows] == [bytes([number]) for number in numbers]
    assert {type(row.digest) for row in rows} == {base64}
    assert {row.thumb for row in rows} == {None}


def test_a_row_goes_through_json_and_python(db: Any, client: Any, base64: Any) -> None:
    asset = client.module.models.Asset
    row = db.asset.create({"digest": _ONE, "thumb": _RAW, "parts": [_TWO]})
    written = row.model_dump_json()
    assert json.loads(written)["thumb"] == _TEXT
    assert asset.model_validate_json(written) == row
    assert asset.model_validate(json.loads(written)) == row
    dumped = row.model_dump(exclude={"versions", "tags", "origin", "copies"})
    assert {type(dumped[name]) for name in ("digest", "thumb")} == {base64}
    assert asset.model_validate(dumped) == row
    assert asset(digest=_TEXT, name="", thumb=base64.encode(_RAW), parts=[]).digest == _RAW
    assert db.asset.update({"thumb": None}, {"digest": row.digest}).thumb is None
    assert db.asset.delete({"digest": _ONE}) is not None
    assert db.asset.create(dumped) == row
    assert pickle.loads(pickle.dumps(row)) == copy.deepcopy(row) == row
    schema = asset.model_json_schema()["$defs"]["Asset"]["properties"]
    assert schema["digest"] == {"format": "byte", "title": "Digest", "type": "string"}
    assert {"format": "byte", "type": "string"} in schema["thumb"]["anyOf"]


# Classes of one's own


def _model(fields: dict[str, Any], base: Any = None) -> Any:
    required: Any = {name: (kind, ...) for name, kind in fields.items()}
    return create_model("Picked", __base__=base, **required)


def _list(kind: Any) -> Any:
    return GenericAlias(list, (kind,))


def _typed_dict(fields: dict[str, Any]) -> Any:
    return TypedDict("Picked", fields)  # type: ignore[operator]


@pytest.mark.parametrize(
    "make",
    [
        _model,
        lambda fields: make_dataclass("Picked", fields.items()),
        _typed_dict,
    ],
    ids=["pydantic", "dataclass", "TypedDict"],
)
def test_a_class_of_ones_own_gets_what_its_fields_say(db: Any, base64: Any, make: Callable[..., Any]) -> None:
    db.asset.create({"digest": _ONE, "thumb": _RAW, "parts": [_RAW], "versions": {"create": [{"number": 1}]}})
    db.asset.create({"digest": _TWO})
    for kind, read in (
        (bytes, bytes), (base64, base64), (Any, base64), (object, base64), (base64 | bytes, base64)
    ):  # fmt: skip
        below = make({"content": kind})
        picked = make({"digest": kind, "thumb": kind | None, "parts": _list(kind), "versions": _list(below)})
        rows = db.asset.selecting(picked).find_many(order={"digest": "asc"})
        first, second = (row if isinstance(row, dict) else dict(vars(row)) for row in rows)
        assert (first["digest"], first["thumb"], first["parts"]) == (_ONE, _RAW, [_RAW]), kind
        content = first["versions"][0]
        content = content["content"] if isinstance(content, dict) else content.content
        assert content == b"\x00\xff"
        assert {type(v) for v in (first["digest"], first["thumb"], *first["parts"], content)} == {read}, kind
        assert (second["thumb"], second["parts"]) == (None, [])


@pytest.mark.parametrize("kind", ["bytes", "Base64"])
def test_classes_made_from_bases_and_models_may_say_either(
    client: Any, base64: Any, kind: str, db: Any
) -> None:
    annotation = {"bytes": bytes, "Base64": base64}[kind]
    db.asset.create({"digest": _ONE, "thumb": _RAW})
    for base in (client.module.bases.BaseAsset, client.module.models.Asset):
        own = _model({"thumb": annotation | None, "digest": annotation}, base)
        with client.module.Client(client.dsn) as connected:
            for found in (
                own.prisma(connected).find_first(),
                own.prisma(connected).update({"name": "x"}, {"digest": _ONE}),
                connected.query_first('SELECT * FROM "Asset"', model=own),
            ):
                assert type(found) is own
                assert (found.digest, found.thumb) == (_ONE, _RAW)
                assert {type(found.digest), type(found.thumb)} == {annotation}


def test_partial_types_hold_it(client: Any, base64: Any) -> None:
    client.empty()
    partials = importlib.import_module(f"{client.module.__name__}.partials")
    made = client.module.models.Asset.create_partial("Thumb", include={"thumb", "parts"}, required={"thumb"})
    with client.module.Client(client.dsn) as db:
        db.asset.create({"digest": _ONE, "thumb": _RAW, "parts": [_TWO]})
        for partial in (made, partials.Thumb):
            row = partial.prisma(db).find_first()
            assert (type(row), type(row.thumb), row.thumb, row.parts) == (partial, base64, _RAW, [_TWO])
            assert partial.model_validate_json(row.model_dump_json()) == row


def test_raw_queries(db: Any, client: Any, base64: Any, given: Callable[[bytes], Any]) -> None:
    db.asset.create({"digest": _ONE, "thumb": _RAW, "parts": [_RAW], "versions": {"create": [{"number": 1}]}})
    query = 'SELECT digest, name, thumb, parts FROM "Asset" WHERE digest = $1'
    (row,) = db.query_raw(query, given(_ONE))
    assert row["thumb"] == _TEXT
    assert row["parts"] == [_TEXT]
    row = db.query_first(query, given(_ONE), model=client.module.models.Asset)
    assert (row.digest, row.thumb, row.parts) == (_ONE, _RAW, [_RAW])
    assert {type(row.digest), type(row.thumb), type(row.parts[0])} == {base64}
    version = db.query_first('SELECT * FROM "Version"', model=client.module.models.Version)
    assert (type(version.content), version.content, version.checksum) == (base64, b"\x00\xff", None)
    for kind in (base64, bytes):
        own = _model({"thumb": kind | None, "many": _list(kind)})
        row = db.query_first('SELECT thumb, parts AS many FROM "Asset" WHERE digest = $1', _ONE, model=own)
        assert (type(row.thumb), row.thumb, row.many) == (kind, _RAW, [_RAW])
    assert db.execute_raw('UPDATE "Asset" SET thumb = $1', given(_TWO)) == 1
    assert db.asset.find_first().thumb == _TWO


# Queries


def test_conditions_orders_cursors_and_groups(db: Any, base64: Any, given: Callable[[bytes], Any]) -> None:
    db.asset.create_many(
        [{"digest": bytes([n]), "thumb": [_ONE, _TWO, None][n % 3], "parts": [bytes([n])]} for n in range(6)]
    )

    def found(**arguments: Any) -> list[int]:
        rows = db.asset.find_many(**{"order": {"digest": "asc"}, **arguments})
        return [row.digest.decode()[0] for row in rows]

    one, two = given(_ONE), given(_TWO)
    assert found(where={"thumb": one}) == [0, 3]
    assert found(where={"thumb": {"equals": two}}) == [1, 4]
    assert found(where={"thumb": {"not": one}}) == found(where={"thumb": {"not": {"equals": one}}})
    assert found(where={"thumb": {"in": [one, two]}}) == [0, 1, 3, 4]
    assert found(where={"thumb": {"not_in": [one]}}) == [1, 4]
    assert found(where={"parts": {"has": given(b"\x02")}}) == [2]
    assert found(where={"parts": {"has_some": [given(b"\x02"), given(b"\x03")]}}) == [2, 3]
    assert found(where={"parts": [given(b"\x04")]}) == [4]
    assert found(order={"digest": "desc"}, take=2) == [5, 4]
    assert found(cursor={"digest": given(b"\x04")}) == [4, 5]
    assert found(cursor={"digest": given(b"\x04")}, skip=1, take=-2) == [2, 3]
    assert found(where={"thumb": {"not": None}}, distinct=["thumb"]) == [0, 1]
    assert [row.digest for row in db.asset.find_many(order={"digest": "asc"}, take=1)] == [b"\x00"]
    groups = db.asset.group_by(
        ["thumb"], count=True, having={"thumb": {"in": [one, two]}}, order={"thumb": "asc"}
    )
    assert groups == [
        {"thumb": _ONE, "_count": {"_all": 2}},
        {"thumb": _TWO, "_count": {"_all": 2}},
    ]
    assert type(groups[0]["thumb"]) is base64
    (group,) = db.asset.group_by(["parts"], where={"digest": given(b"\x05")})
    assert ([type(part) for part in group["parts"]], group["parts"]) == ([base64], [b"\x05"])


def test_text_that_is_no_base64_is_an_error_that_names_its_place(db: Any, base64: Any, client: Any) -> None:
    errors = client.module.errors
    for wrong in (base64("foo"), _TEXT, 1):
        with pytest.raises(errors.DataError, match=r"data\.thumb"):
            db.asset.create({"digest": _ONE, "thumb": wrong})
        with pytest.raises(errors.DataError, match=r"where\.thumb"):
            db.asset.find_many(where={"thumb": wrong})
        with pytest.raises(errors.DataError, match="thumb"):
            db.asset.create_many([{"digest": _ONE, "thumb": wrong}] * 200)
    assert db.asset.count() == 0


def test_lists_are_set_and_pushed_to(db: Any, base64: Any, given: Callable[[bytes], Any]) -> None:
    where = {"digest": db.asset.create({"digest": given(_ONE)}).digest}
    assert db.asset.update({"parts": {"push": [given(_ONE)]}}, where).parts == [base64.encode(_ONE)]
    assert db.asset.update({"parts": {"push": [given(_TWO)]}}, where).parts == [_ONE, _TWO]
    assert db.asset.update({"parts": {"set": [given(_RAW)]}}, where).parts == [_RAW]
    assert db.asset.update({"parts": [given(_TWO)]}, where).parts == [_TWO]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_many_rows_are_written_either_way(client: Any, mode: str, given: Callable[[bytes], Any]) -> None:
    client.empty()
    words: list[str] = []
    with client.opened(mode, on_query=lambda event: words.append(event.sql.split()[0])) as db:
        _write_many(db, given, words)


def _write_many(db: Any, given: Callable[[bytes], Any], words: list[str]) -> None:
    db.asset.create_many([{"digest": given(_ONE)}, {"digest": given(_TWO)}])
    rows = [
        {"assetId": given(_ONE), "number": n, "content": given(b"\x00%d" % n), "checksum": given(b"%d" % n)}
        for n in range(300)
    ]
    rows[1]["checksum"] = None
    assert db.version.create_many(rows) == 300
    assert words[-1] == "COPY"
    rows += [{**row, "assetId": given(_TWO), "checksum": None} for row in rows]
    assert db.version.create_many(rows, skip_duplicates=True) == 300
    assert words[-1] == "INSERT"
    found = db.version.find_many(order=[{"assetId": "asc"}, {"number": "asc"}])
    assert [row.assetId for row in found] == [_ONE] * 300 + [_TWO] * 300
    assert [row.content for row in found] == [b"\x00%d" % n for n in range(300)] * 2
    assert [row.checksum for row in found[:3]] == [b"0", None, b"2"]
    assert db.version.update_many(where={"assetId": given(_ONE)}, data={"content": given(_RAW)}) == 300
    assert db.version.count(where={"content": given(_RAW)}) == 300


# Keys


def test_related_rows_are_found_by_keys_that_are_bytes(
    db: Any, base64: Any, given: Callable[[bytes], Any]
) -> None:
    for digest in (_ONE, _TWO, _RAW):
        made = [{"number": n, "checksum": given(digest + bytes([n]))} for n in range(3)]
        versions = {"create": made} if digest != _RAW else {}
        tags = {"connect_or_create": {"where": {"key": given(b"t")}, "create": {"key": given(b"t")}}}
        db.asset.create({"digest": given(digest), "versions": versions, "tags": tags})
    db.asset.update({"origin": {"connect": {"digest": given(_ONE)}}}, {"digest": given(_TWO)})
    for include in (
        {"versions": True, "tags": True, "origin": True, "copies": True, "_count": True},
        {"versions": {"order": {"number": "asc"}, "take": 2}, "tags": {"take": 1}, "origin": True},
    ):
        for one in (False, True):
            where = {"digest": given(_TWO)} if one else {}
            rows = db.asset.find_many(where=where, include=include, order={"digest": "asc"})
            by_digest = {row.digest: row for row in rows}
            two = by_digest[base64.encode(_TWO)]
            assert two is by_digest[_TWO]
            assert [row.assetId for row in two.versions] == [_TWO] * len(two.versions)
            assert len(two.versions) == (3 if include["versions"] is True else 2)
            assert [tag.key for tag in two.tags] == [b"t"]
            assert two.origin.digest == _ONE == two.originId
            if not one:
                assert by_digest[_RAW].versions == []
                assert by_digest[_ONE].origin is None
            if "_count" in include:
                assert two.relation_counts == {"versions": 3, "tags": 1, "copies": 0}
    versions = db.version.find_many(include={"asset": {"include": {"tags": True}}})
    assert {row.asset.digest for row in versions} == {_ONE, _TWO}
    assert {row.asset.tags[0].key for row in versions} == {b"t"}
    (tag,) = db.tag.find_many(include={"assets": {"order": {"digest": "asc"}}})
    assert [row.digest for row in tag.assets] == [_ONE, _TWO, _RAW]
    assert db.asset.count(where={"versions": {"some": {"checksum": given(_ONE + b"\x00")}}}) == 1
    assert db.asset.count(where={"origin": {"is": {"digest": given(_ONE)}}}) == 1
    assert db.asset.count(where={"tags": {"none": {"key": given(b"t")}}}) == 0


def test_rows_are_addressed_by_keys_that_are_bytes(db: Any, given: Callable[[bytes], Any]) -> None:
    db.asset.create({"digest": given(_ONE), "versions": {"create": [{"number": 1, "checksum": given(b"c")}]}})
    both = {"assetId_number": {"assetId": given(_ONE), "number": 1}}
    assert db.version.find_unique(both).checksum == b"c"
    assert db.version.find_unique({"checksum": given(b"c")}).number == 1
    assert db.version.find_many(cursor=both)[0].number == 1
    assert db.version.update({"content": given(_TWO)}, both).content == _TWO
    for name in ("created", "updated"):
        row = db.asset.upsert(
            where={"digest": given(_TWO)},
            data={"create": {"digest": given(_TWO), "name": "created"}, "update": {"name": "updated"}},
        )
        assert (row.digest, row.name) == (_TWO, name)
    row = db.version.upsert(
        where={"assetId_number": {"assetId": given(_TWO), "number": 7}},
        data={
            "create": {"asset": {"connect": {"digest": given(_TWO)}}, "number": 7},
            "update": {"content": given(b"")},
        },
        include={"asset": True},
    )
    assert (row.assetId, row.asset.digest, row.content) == (_TWO, _TWO, b"\x00\xff")
    assert db.version.delete(both).content == _TWO


def test_nested_writes_go_by_keys_that_are_bytes(db: Any, given: Callable[[bytes], Any]) -> None:
    one, two = {"digest": given(_ONE)}, {"digest": given(_TWO)}
    db.asset.create({**two, "copies": {"create": [{**one, "tags": {"create": [{"key": given(b"a")}]}}]}})

    def shown() -> tuple[list[bytes], list[bytes]]:
        parent = db.asset.find_unique(two, include={"copies": True})
        child = db.asset.find_unique(one, include={"tags": True})
        return [bytes(row.digest) for row in parent.copies], [bytes(tag.key) for tag in child.tags]

    assert shown() == ([_ONE], [b"a"])
    db.asset.update({"copies": {"disconnect": [one]}, "tags": {"connect": []}}, two)
    assert shown() == ([], [b"a"])
    db.asset.update({"copies": {"set": [one]}}, two)
    db.asset.update({"tags": {"set": [], "create": [{"key": given(b"b")}]}}, one)
    assert shown() == ([_ONE], [b"b"])
    db.asset.update(
        {"copies": {"update": [{"where": one, "data": {"name": "child", "thumb": given(_RAW)}}]}}, two
    )
    assert db.asset.find_unique(one).thumb == _RAW
    # What a row holds goes back in as it is.
    row = db.asset.find_unique(one)
    db.asset.update({"origin": {"disconnect": True}, "thumb": row.digest}, {"digest": row.digest})
    assert shown() == ([], [b"b"])
    assert db.asset.find_unique({"digest": row.digest}).thumb == _ONE
    db.asset.update({"tags": {"delete": [{"key": given(b"b")}]}}, one)
    assert [tag.key for tag in db.tag.find_many()] == [b"a"]


# Bodies and SQLAlchemy


def test_bodies_hold_it_and_go_from_rows_and_to_data(db: Any, client: Any, base64: Any) -> None:
    bodies, asset = client.module.bodies, client.module.models.Asset
    for text in (_TEXT, "-_8A"):
        body = bodies.AssetCreate.model_validate_json(json.dumps({"digest": text, "parts": ["AA"]}))
        assert (type(body.digest), body.digest, str(body.digest)) == (base64, _RAW, _TEXT)
    assert body.model_dump() == {"digest": _RAW, "parts": [b"\x00"]}
    row = db.asset.create(body.model_dump())
    assert (row.digest, row.parts) == (_RAW, [b"\x00"])
    shown = bodies.AssetJson.model_validate(row, from_attributes=True)
    assert (type(shown.digest), shown.digest, shown.thumb) == (base64, row.digest, None)
    assert json.loads(shown.model_dump_json())["digest"] == _TEXT
    assert bodies.AssetJson.model_validate_json(shown.model_dump_json()) == shown
    assert asset.model_validate(shown, from_attributes=True).digest == row.digest
    # Bytes of a class of one's own are what they are: there is no base64 in Python.
    own = _model({"digest": bytes, "parts": _list(bytes)}, client.module.bases.BaseAsset)
    from_own = bodies.AssetCreate.model_validate(own(digest=_RAW, parts=[_ONE]), from_attributes=True)
    assert (from_own.digest, from_own.parts) == (_RAW, [_ONE])
    for wrong in ("foo!", "A", 1, base64("foo"), None):
        with pytest.raises(ValidationError, match="digest"):
            bodies.AssetCreate(digest=wrong)
    properties = bodies.AssetCreate.model_json_schema()["properties"]
    assert properties["digest"]["contentEncoding"] == "base64"


def test_sqlalchemy_keeps_bytes(client: Any) -> None:
    client.empty()
    tables = importlib.import_module(f"{client.module.__name__}.tables")
    body, shown = client.module.bodies.AssetCreate, client.module.bodies.AssetJson
    parameters = psycopg.conninfo.conninfo_to_dict(client.dsn)
    engine = sa.create_engine("postgresql+psycopg://", connect_args=parameters)
    with Session(engine) as session:
        session.add(tables.Asset(digest=_RAW, parts=[_ONE]))
        session.add(tables.Asset(**body(digest="AAE=", thumb=_TEXT, parts=[_TEXT]).model_dump()))
        session.commit()
        session.expire_all()
        first, second = session.scalars(sa.select(tables.Asset).order_by(tables.Asset.digest.desc()))
        assert (type(first.digest), first.digest, first.parts) == (bytes, _RAW, [_ONE])
        assert (type(second.thumb), second.digest, second.thumb, second.parts) == (bytes, _ONE, _RAW, [_RAW])
        row = shown.model_validate(first, from_attributes=True)
    engine.dispose()
    assert json.loads(row.model_dump_json())["digest"] == _TEXT
