"""What a Json may hold, and what is said of anything else: which field, where inside it, what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

_SCHEMA = """
model Box {
  id     Int    @id @default(autoincrement())
  binary Json?
  text   Json?  @db.Json
  many   Json[]
  inside Box?   @relation("tree", fields: [parent], references: [id])
  parent Int?
  boxes  Box[]  @relation("tree")
}
"""
_CIRCLE: list[Any] = []
_CIRCLE.append(_CIRCLE)


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA)


@pytest.fixture
def db(client: Any) -> Any:
    client.empty()
    with client.opened("sync") as db:
        yield db


def _calls(db: Any, value: Any) -> dict[str, Callable[[], Any]]:
    """Every way for a Json to the database, by the path that an error names."""
    return {
        "data.binary": lambda: db.box.create({"binary": value}),
        "data.text": lambda: db.box.update({"text": value}, {"id": 1}),
        "data.many": lambda: db.box.create({"many": [value]}),
        "data.boxes.create.text": lambda: db.box.create({"boxes": {"create": {"text": value}}}),
        "data[1].binary": lambda: db.box.create_many([{"binary": None}, {"binary": value}]),
        "data[120].text": lambda: db.box.create_many([{"text": None}] * 120 + [{"text": value}]),
        "where.binary.equals": lambda: db.box.find_many(where={"binary": {"equals": value}}),
        "$1": lambda: db.query_raw("SELECT $1::jsonb AS found", value),
    }


@pytest.mark.parametrize("path", list(_calls(None, None)))
def test_what_is_no_json_is_told_with_its_place(client: Any, db: Any, path: str) -> None:
    wrong = client.module.Json({"a": [1, {"b": {2}}]})
    with pytest.raises(client.module.errors.InputError) as caught:
        _calls(db, wrong)[path]()
    assert str(caught.value).startswith(
        f"{path}: Json can't hold a set at ['a'][1]['b']; "
        "convert it to dicts, lists, strings, numbers, booleans and None"
    )
    assert db.box.count() == 0


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (int, "can't hold the class int;"),
        ({(1, 2): 3}, "can't hold the key (1, 2);"),
        ([object], r"can't hold the class object at [0];"),
        ({"x": float("nan")}, "not JSON compliant"),
        (_CIRCLE, "Circular reference"),
    ],
    ids=["class", "key", "inside", "nan", "circle"],
)
def test_other_mistakes_are_told_too(client: Any, db: Any, held: Any, told: str) -> None:
    with pytest.raises(client.module.errors.InputError) as caught:
        db.box.create({"binary": client.module.Json(held)})
    assert told in str(caught.value)
    assert str(caught.value).startswith("data.binary: ")


@pytest.mark.parametrize("path", [path for path in _calls(None, None) if path.startswith("data")])
def test_times_decimals_and_base64_become_strings(client: Any, db: Any, path: str) -> None:
    module = client.module
    value = module.Json(
        {
            "naive": datetime(2026, 1, 31, 12),
            "aware": [datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))],
            "price": Decimal("1.50"),
            "photo": module.Base64.encode(b"\0"),
            "json": module.Json({"null": None, "text": "\u2028é"}),
        }
    )
    db.box.create({})
    _calls(db, value)[path]()
    rows = db.box.find_many()
    held = [one for row in rows for one in (row.binary, row.text, *row.many) if one]
    assert held == [
        {
            "naive": "2026-01-31T12:00:00+00:00",
            "aware": ["2026-01-31T10:00:00.123000+00:00"],
            "price": "1.50",
            "photo": "AA==",
            "json": {"null": None, "text": "\u2028é"},
        }
    ]
    assert datetime.fromisoformat(held[0]["naive"]) == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_dict_is_never_read_as_an_operation_on_a_json(client: Any, db: Any) -> None:
    box = db.box.create({"binary": client.module.Json({"kept": True})})
    for given in (
        {"set": None},
        {"set": client.module.Json(1)},
        {"set": {"a": 1}},
        {"theme": "dark"},
        {},
        {"a": 1, "b": 2},
    ):
        for write in (
            lambda given=given: db.box.update({"binary": given}, {"id": box.id}),
            lambda given=given: db.box.update_many({"text": given}, {}),
            lambda given=given: db.box.create({"binary": given}),
            lambda given=given: db.box.create_many([{"binary": given}]),
            lambda given=given: db.box.create({"boxes": {"create": {"text": given}}}),
        ):
            with pytest.raises(client.module.errors.InputError, match=r"wrap (it|JSON): Json\(\.\.\.\)"):
                write()
    for given in ({"theme": "dark"}, {"equals": {"a": 1}}, {"not": {"theme": "dark"}}):
        with pytest.raises(client.module.errors.InputError, match=r"wrap (it|a JSON value): Json\(\.\.\.\)"):
            db.box.find_many(where={"binary": given})
    assert db.box.find_many() == [box]
