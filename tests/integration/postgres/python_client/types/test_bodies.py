"""``schema_client.bodies`` behind FastAPI: what requests and responses carry, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError

from generators.target import GenerationRequest
from generators.typescript_types.generate import TypesTarget
from schemas.prisma.nodejs import node_environment, node_executable

pytestmark = pytest.mark.filterwarnings("error")

_SCHEMA = """
enum Role {
  READER @map("reader")
  EDITOR
}

model Item {
  id      Int       @id @default(autoincrement())
  from    String    @db.VarChar(5)
  ref     String    @default(uuid()) @db.Uuid
  role    Role      @default(READER)
  roles   Role[]
  big     BigInt    @default(9007199254740993)
  price   Decimal   @default(1.50)
  prices  Decimal[]
  weight  Float?
  small   Int?      @db.SmallInt
  at      DateTime  @default(now()) @db.Timestamptz(6)
  day     DateTime? @db.Date
  data    Bytes?
  json    Json      @default("{}")
  maybe   Json?
  jsons   Json[]
  flag    Boolean   @default(true)
  changed DateTime  @updatedAt
  owner   Owner?    @relation(fields: [ownerId], references: [id])
  ownerId Int?
}

model Owner {
  id    Int         @id
  items Item[]
  place Unsupported("point")
}

view Seen {
  id Int @unique
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


@pytest.fixture(scope="module")
def bodies(client: Any) -> Any:
    return client.module.bodies


@pytest.fixture
def api(client: Any, bodies: Any) -> Iterator[TestClient]:
    client.empty()
    app = FastAPI()
    db = client.module.Client(dsn=client.dsn)

    def create(body: Any) -> Any:
        return db.item.create(data=body.model_dump(), include={"owner": True})

    def update(item: int, body: Any) -> Any:
        return db.item.update(data=body.model_dump(), where={"id": item})

    # The classes are known only now, so annotations are set instead of written.
    create.__annotations__["body"] = bodies.ItemCreate
    update.__annotations__ |= {"item": int, "body": bodies.ItemUpdate}
    app.post("/items", response_model=bodies.ItemJson)(create)
    app.patch("/items/{item}", response_model=bodies.ItemJson)(update)
    with db, TestClient(app) as running:
        yield running


def test_a_row_goes_in_and_comes_out_as_json(client: Any, api: TestClient) -> None:
    sent = {
        "from": "abc", "role": "EDITOR", "roles": ["READER"], "big": "-9223372036854775808",
        "price": "12345678901234567890.12", "prices": ["1", "0.10"], "weight": 1, "small": -1,
        "at": "2026-01-31T12:00:00.123456+02:00", "day": "2026-01-31", "data": "AP-_",
        "json": {"a": [None, 1.5]}, "maybe": [1], "jsons": ["x", {"y": True}], "flag": False,
    }  # fmt: skip
    answer = api.post("/items", json=sent)
    assert answer.status_code == 200, answer.text
    row = answer.json()
    assert {**sent, **row} == row | {
        **sent,
        "prices": ["1", "0.1"],
        "at": "2026-01-31T10:00:00.123456Z",
        "day": "2026-01-31T00:00:00.000Z",
        "data": "AP+/",
        "weight": 1.0,
    }
    assert row["changed"].endswith("Z")
    assert "owner" not in row
    with client.opened("sync") as db:
        stored = db.item.find_first()
    assert stored.at == datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)
    assert (stored.data, stored.price) == (b"\x00\xff\xbf", Decimal("12345678901234567890.12"))
    # What came out goes in again.
    assert api.patch(f"/items/{row['id']}", json=row).json() == row | {"changed": row["changed"]}


def test_what_is_left_out_is_left_to_the_database(client: Any, api: TestClient, bodies: Any) -> None:
    row = api.post("/items", json={"from": "a"}).json()
    assert (row["role"], row["big"], row["price"], row["json"]) == ("READER", "9007199254740993", "1.5", {})
    assert (row["weight"], row["maybe"], row["roles"]) == (None, None, [])
    changed = api.patch(f"/items/{row['id']}", json={"weight": 2.5, "json": [1], "maybe": {"a": None}}).json()
    assert (changed["weight"], changed["json"], changed["maybe"]) == (2.5, [1], {"a": None})
    cleared = api.patch(f"/items/{row['id']}", json={"weight": None, "maybe": None}).json()
    assert (cleared["weight"], cleared["maybe"], cleared["json"]) == (None, None, [1])
    assert bodies.ItemUpdate().model_dump() == {}
    assert bodies.ItemUpdate(from_="x").model_dump() == {"from": "x"}
    assert bodies.ItemUpdate(big=2**60).model_dump_json(exclude_unset=True) == f'{{"big":"{2**60}"}}'


@pytest.mark.parametrize(
    "wrong",
    [
        {"emial": "x"},
        {"owner": {"create": {}}},
        {"from": "abcdef"},
        {"from": None},
        {"ref": "x"},
        {"role": "reader"},
        {"role": None},
        {"big": "1.5"},
        {"big": "9223372036854775808"},
        {"big": 1.0},
        {"big": True},
        {"big": 2**53},
        {"price": 1},
        {"price": 1.5},
        {"price": "1,5"},
        {"price": "1e999999999"},
        {"small": 32768},
        {"small": "1"},
        {"weight": "1"},
        {"flag": "true"},
        {"at": "yesterday"},
        {"at": "2026-13-01"},
        {"at": "0001-01-01T00:00:00+02:00"},
        {"at": 0},
        {"data": "a"},
        {"data": "ä"},
        {"json": None},
        {"jsons": [None]},
        {"prices": None},
        {"id": 2**31},
    ],
)
def test_what_no_row_can_hold_is_refused_before_the_database(bodies: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        bodies.ItemUpdate.model_validate_json(json.dumps(wrong))
    assert refused.value.errors()[0]["loc"][0] == next(iter(wrong))


def test_fastapi_says_what_is_wrong_with_a_request(api: TestClient) -> None:
    answer = api.post("/items", json={"price": 1.5, "more": 1})
    assert answer.status_code == 422
    assert {error["loc"][-1] for error in answer.json()["detail"]} == {"from", "price", "more"}


def test_the_openapi_schema_says_what_json_holds(api: TestClient) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    create, row = schemas["ItemCreate"], schemas["ItemJson"]
    assert create["required"] == ["from"]
    assert create["additionalProperties"] is False
    shown = create["properties"]
    most = {"minimum": 1 - 2**53, "maximum": 2**53 - 1}
    assert shown["big"] == {
        "type": ["string", "integer"],
        "pattern": "^-?0{0,79}[0-9]{1,19}$",
        "title": "Big",
        **most,
    }
    assert shown["price"].items() >= {"type": "string", "title": "Price"}.items()
    digits, moment = (re.compile(shown[name]["pattern"]) for name in ("price", "at"))
    assert [bool(digits.search(text)) for text in ("1.50", "1e3", "", "1,5")] == [True, True, False, False]
    assert [bool(moment.search(text)) for text in ("2026-01-31", "2026-02-30")] == [True, False]
    written = row["properties"]
    assert written["at"] == {"type": "string", "format": "date-time", "title": "At"}
    assert written["big"] == {"type": "string", "pattern": "^-?[0-9]{1,19}$", "title": "Big"}
    assert shown["role"] == {"$ref": "#/components/schemas/Role"}
    assert shown["from"] == {"type": "string", "maxLength": 5, "title": "From"}
    assert shown["ref"].items() >= {"type": "string", "format": "uuid", "title": "Ref"}.items()
    assert shown["weight"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert set(row["required"]) == set(row["properties"])


def test_only_what_can_be_written_has_bodies_to_write(bodies: Any) -> None:
    names = {name for name in bodies.__all__ if name.startswith(("Owner", "Seen"))}
    assert names == {"OwnerUpdate", "OwnerJson", "SeenJson"}


def test_rows_with_relations_are_classes_of_ones_own(client: Any, bodies: Any) -> None:
    class OwnerWithItems(bodies.OwnerJson):  # type: ignore[misc, name-defined]
        items: list[bodies.ItemJson]  # type: ignore[name-defined]

    models = client.module.models
    item = models.Item.model_construct(
        **dict.fromkeys(["weight", "small", "day", "maybe", "ownerId"]),
        id=1, from_="a", ref="0" * 8 + "-0000" * 3 + "-" + "0" * 12, role="READER", roles=[], big=1,
        price=Decimal(1), prices=[], at=datetime(2026, 1, 1, tzinfo=UTC), data=b"\xff", json_={}, jsons=[],
        flag=True, changed=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    owner = models.Owner.model_construct(id=1, items=[item])
    OwnerWithItems.model_rebuild(_types_namespace={"bodies": bodies})
    shown = json.loads(OwnerWithItems.model_validate(owner).model_dump_json(by_alias=True))
    assert (shown["items"][0]["from"], shown["items"][0]["data"]) == ("a", "/w==")


def test_bodies_cost_nothing_until_they_are_used(client: Any) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(client.folder)!r})\n"
        f"import {client.module.__name__} as package\n"
        "loaded = [name for name in sys.modules if name.endswith(('.bodies', '.wire'))]\n"
        "assert not loaded, loaded\n"
        "assert package.bodies.ItemCreate(from_='a').model_dump() == {'from': 'a'}\n"
        "assert not package.bodies.ItemUpdate.__pydantic_complete__\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_front_ends_read_and_write_the_same_json(
    api: TestClient, make_request: Callable[..., GenerationRequest], tmp_path: Path
) -> None:
    for path, content in TypesTarget().generate(make_request(_SCHEMA)).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    sent = {
        "from": "a", "big": "-9223372036854775808", "price": "0.10", "prices": ["1", "-2.5"],
        "day": "2026-01-31",
        "at": "2026-01-31T12:00:00.123Z", "data": "AP+/", "json": {"a": [None]}, "weight": 0.1,
    }  # fmt: skip
    row = api.post("/items", json=sent).json()
    program = (
        f"import {{ fromJson, toJson }} from {json.dumps((tmp_path / 'dist' / 'index.mjs').as_uri())};"
        f"const row = fromJson('Item', {json.dumps(row)});"
        "const types = [typeof row.big, typeof row.price, row.at.toISOString(), [...row.data]];"
        "console.log(JSON.stringify([types, toJson('Item', row)]));"
    )
    command = [str(node_executable()), "--input-type=module", "--eval", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=node_environment())
    types, again = json.loads(done.stdout)
    assert types == ["bigint", "string", "2026-01-31T12:00:00.123Z", [0, 255, 191]]
    assert again == row
    assert api.patch(f"/items/{row['id']}", json=again).status_code == 200
