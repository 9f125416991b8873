"""Filters of text and JSON, full-text search, bytes given as base64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

SCHEMA = """
model Entry {
  id    Int     @id
  title String
  body  String?
  mode  String?
  short String? @db.Citext
  data  Json?
  plain Json?   @db.Json
  blob  Bytes?
  json  Json[]
}
"""
_DOCUMENT: dict[str, Any] = {
    "name": "Kettle",
    "price": 40,
    "tags": ["blue", "steel", {"a": 1}],
    "size": {"h": 1.5, "w": None, "deep": ["x", ["y"]]},
    "odd \"key' %s $1": True,
}


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA.replace("@db.Citext", ""))
    json = made.module.Json
    with made.opened("sync") as db:
        db.entry.create({"id": 1, "title": "The Quick Fox", "body": "jumps over dogs", "mode": "default"})
        db.entry.create({"id": 2, "title": "lazy_dogs 100%", "body": "fox fox fox", "mode": "insensitive"})
        db.entry.create({"id": 3, "title": "ÉCLAIR", "data": json(_DOCUMENT), "plain": json(_DOCUMENT)})
        db.entry.create({"id": 4, "title": "x", "data": json([1, 2, "Kettle"]), "blob": b"\x00raw"})
        db.entry.create({"id": 5, "title": "y", "data": json(None), "json": [json(1), json({"a": 1})]})
    return made


@pytest.fixture(params=["sync", "async"])
def db(client: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    with client.opened(request.param) as opened:
        yield opened


def _ids(rows: Any) -> list[int]:
    return [row.id for row in rows]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"title": {"contains": "quick"}}, []),
        ({"title": {"contains": "quick", "mode": "insensitive"}}, [1]),
        ({"title": {"contains": "quick", "mode": "default"}}, []),
        ({"title": {"mode": "insensitive", "startswith": "THE"}}, [1]),
        ({"title": {"endswith": "fOX", "mode": "insensitive"}}, [1]),
        ({"title": {"equals": "the quick fox", "mode": "insensitive"}}, [1]),
        ({"title": {"equals": "LAZY_DOGS 100%", "mode": "insensitive"}}, [2]),
        ({"title": {"equals": "lazyxdogs 100%", "mode": "insensitive"}}, []),
        ({"title": {"contains": "Y_D", "mode": "insensitive"}}, [2]),
        ({"title": {"equals": "éclair", "mode": "insensitive"}}, [3]),
        ({"title": {"in": ["ECLAIR", "THE QUICK FOX", "X"], "mode": "insensitive"}}, [1, 4]),
        ({"title": {"not_in": ["THE QUICK FOX", "X"], "mode": "insensitive"}}, [2, 3, 5]),
        ({"title": {"in": [], "mode": "insensitive"}}, []),
        ({"title": {"not": "the quick fox", "mode": "insensitive"}}, [2, 3, 4, 5]),
        ({"title": {"gt": "W", "lt": "Z", "mode": "insensitive"}}, [4, 5]),
        ({"title": {"not": {"contains": "QUICK", "mode": "insensitive"}}}, [2, 3, 4, 5]),
        ({"title": {"not": {"contains": "quick", "endswith": "100%", "mode": "insensitive"}}}, [3, 4, 5]),
        ({"id": {"not": {"gt": 3, "lt": 2}}}, [2, 3]),
        ({"id": {"not": {"not": {"in": [1, 2]}}}}, [1, 2]),
        ({"id": {"not": {}}}, [1, 2, 3, 4, 5]),
        ({"body": {"not": None, "mode": "insensitive"}}, [1, 2]),
        ({"mode": "default"}, [1]),
        ({"mode": {"in": ["insensitive"]}}, [2]),
        ({"mode": {"equals": "INSENSITIVE", "mode": "insensitive"}}, [2]),
        ({"mode": {"equals": "insensitive", "mode": "default"}}, [2]),
        ({"title": {"search": "fox"}}, [1]),
        ({"body": {"search": "fox | jump"}}, [1, 2]),
        ({"body": {"search": "dogs & !fox"}}, [1]),
        ({"title": {"search": "quick <-> fox", "mode": "insensitive"}}, [1]),
    ],
)
def test_text(db: Any, where: dict[str, Any], expected: list[int]) -> None:
    assert _ids(db.entry.find_many(where=where, order={"id": "asc"})) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"OR": [{}, {"id": 1}]}, [1]),
        ({"OR": [{}]}, []),
        ({"OR": []}, []),
        ({"NOT": [{}, {"id": {"gt": 2}}]}, [1, 2]),
        ({"NOT": [{}]}, [1, 2, 3, 4, 5]),
        ({"AND": [{}, {"id": 3}]}, [3]),
    ],
)
def test_empty_conditions_are_passed_over(db: Any, where: dict[str, Any], expected: list[int]) -> None:
    assert _ids(db.entry.find_many(where=where, order={"id": "asc"})) == expected
    assert db.entry.count(where=where) == len(expected)


def test_relevance(db: Any, errors: Any) -> None:
    def ids(search: str, sort: str, fields: Any) -> list[int]:
        order = [{"_relevance": {"fields": fields, "search": search, "sort": sort}}, {"id": "asc"}]
        return _ids(db.entry.find_many(where={"id": {"lte": 2}}, order=order))

    assert ids("fox", "desc", ["body"]) == [2, 1]
    assert ids("fox", "asc", ["body"]) == [1, 2]
    assert ids("quick", "desc", ["title", "body"]) == [1, 2]
    assert ids("quick", "desc", "title") == [1, 2]
    order = {"_relevance": {"fields": ["body"], "search": "fox", "sort": "desc"}}
    assert _ids(db.entry.find_many(2, order=order, cursor={"id": 2}, where={"id": {"lt": 3}})) == [2, 1]
    for wrong in (
        {"fields": ["id"], "search": "x"},
        {"fields": [], "search": "x"},
        {"fields": ["title"]},
        {"fields": ["title"], "search": 1},
        {"fields": ["title"], "search": "x", "sort": "up"},
        {"fields": ["title"], "search": "x", "more": 1},
    ):
        with pytest.raises(errors.InputError):
            db.entry.find_many(order={"_relevance": wrong})
    with pytest.raises(errors.DataError):
        db.entry.find_many(where={"title": {"search": "two words"}})


JSON_CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"path": ["name"], "equals": "Kettle"}, [3]),
    ({"equals": "Kettle", "path": ["name"]}, [3]),
    ({"path": ["price"], "equals": 40}, [3]),
    ({"path": ["price"], "not": 41}, [3]),
    ({"path": ["price"], "gt": 39, "lte": 40}, [3]),
    ({"path": ["price"], "lt": "a"}, []),
    ({"path": ["name"], "lt": "L"}, [3]),
    ({"path": ["size", "h"], "gte": 1.5}, [3]),
    ({"path": ["size", "w"], "equals": None}, [3]),
    ({"path": ["size", "gone"], "equals": None}, []),
    ({"path": ["size", "deep", "1", "0"], "equals": "y"}, [3]),
    ({"path": ["size", "deep", 1, 0], "equals": "y"}, [3]),
    ({"path": ["name"], "string_contains": "ett"}, [3]),
    ({"path": ["name"], "string_contains": "e%t"}, []),
    ({"path": ["name"], "string_starts_with": "Ket"}, [3]),
    ({"path": ["name"], "string_ends_with": "tle"}, [3]),
    ({"path": ["price"], "string_contains": "4"}, []),
    ({"path": ["tags"], "array_contains": ["steel"]}, [3]),
    ({"path": ["tags"], "array_contains": ["steel", "wood"]}, []),
    ({"path": ["tags"], "array_contains": [{"a": 1}]}, [3]),
    ({"path": ["tags"], "array_starts_with": "blue"}, [3]),
    ({"path": ["tags"], "array_ends_with": {"a": 1}}, [3]),
    ({"array_contains": [1]}, [4]),
    ({"array_ends_with": "Kettle"}, [4]),
    ({"path": ["2"], "string_starts_with": "K"}, [4]),
    ({"path": ["tags"]}, [3]),
    ({"path": []}, [3, 4, 5]),
    ({"path": ["odd \"key' %s $1"], "equals": True}, [3]),
    ({"path": ['\'; DROP TABLE "Entry"; --'], "equals": True}, []),
    ({"path": ["price"], "not": {"gt": 50}}, [3]),
    ({"path": ["price"], "not": {"gt": 30, "lt": 30}}, []),
    ({"not": {"array_contains": [1]}}, [3, 5]),
    ({"equals": [1, 2, "Kettle"]}, [4]),
    ({"not": [1, 2, "Kettle"]}, [3, 5]),
]


@pytest.mark.parametrize(("operators", "expected"), JSON_CASES)
def test_json(db: Any, client: Any, operators: dict[str, Any], expected: list[int]) -> None:
    where = {"data": _wrapped(client.module.Json, operators)}
    assert _ids(db.entry.find_many(where=where, order={"id": "asc"})) == expected
    plain = {"plain": _wrapped(client.module.Json, operators)}
    found = _ids(db.entry.find_many(where=plain, order={"id": "asc"}))
    assert found == [key for key in expected if key == 3]


def _wrapped(json: Any, operators: dict[str, Any]) -> dict[str, Any]:
    bare = ("path", "string_contains", "string_starts_with", "string_ends_with")
    return {
        key: value
        if key in bare
        else _wrapped(json, value)
        if isinstance(value, dict) and key == "not"
        else json(value)
        for key, value in operators.items()
    }


def test_json_shorthands(db: Any, client: Any, errors: Any) -> None:
    json = client.module.Json
    assert json.keys(a=1, b=[2]) == json({"a": 1, "b": [2]})
    assert _ids(db.entry.find_many(where={"json": {"has": json({"a": 1})}})) == [5]
    assert _ids(db.entry.find_many(where={"json": {"has_every": [json(1), json({"a": 1})]}})) == [5]
    for wrong in (
        {"path": "name", "equals": json(1)},
        {"path": [1.5], "equals": json(1)},
        {"path": [None]},
        {"path": ["a"], "equals": 1},
        {"path": ["a"], "string_contains": 1},
        {"path": ["a"], "contains": "x"},
        {"path": None},
        {"array_contains": [1]},
        {"not": {"path": ["a"]}},
    ):
        with pytest.raises(errors.InputError):
            db.entry.find_many(where={"data": wrong})


def test_bytes_may_be_given_as_base64(db: Any, client: Any, errors: Any) -> None:
    base64 = client.module.Base64
    value = base64.encode(b"\x00raw")
    assert (value.decode(), str(value), value) == (b"\x00raw", "AHJhdw==", base64("AHJhdw=="))
    assert base64.encode(b"text").decode_str() == "text"
    assert _ids(db.entry.find_many(where={"blob": value})) == [4]
    assert _ids(db.entry.find_many(where={"blob": {"in": [value, b"x"]}})) == [4]
    assert db.entry.update({"blob": base64("AAE=")}, {"id": 1}).blob == b"\x00\x01"
    assert db.entry.update({"blob": None}, {"id": 1}).blob is None
    with pytest.raises(errors.InputError, match=r"data\.blob"):
        db.entry.update({"blob": base64("no base64!")}, {"id": 1})
