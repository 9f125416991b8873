"""Every operator that the types offer, of every type of column, finds what a naive model in memory finds; and
groups are those that it makes."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from . import naive_groups as grouping
from . import naive_tables as paging
from . import naive_values as naive

SCHEMA = """
enum Mood {
  SAD   @map("sad!")
  Great @map("so great")
  FINE
}

model Thing {
  id       Int        @id
  text     String?    @map("the text")
  int      Int?
  big      BigInt?
  float    Float?
  decimal  Decimal?
  moment   DateTime?
  flag     Boolean?
  bytes    Bytes?
  mood     Mood?
  json     Json?
  plain    Json?      @db.Json
  texts    String[]
  ints     Int[]
  bigs     BigInt[]
  floats   Float[]
  decimals Decimal[]
  moments  DateTime[]
  flags    Boolean[]
  blobs    Bytes[]
  moods    Mood[]     @map("all moods")
  jsons    Json[]
}
"""
_DOCUMENTS: list[Any] = [
    1, 0, True, None, "a", "ab", "", [], [1, "a"], [[1], {"k": 1}, None], {"a": 1}, 1.5, False,
    {"a": {"b": [1, 2], "c": "a_%"}, "0": "x"}, {"'\"": [True]}, [1, 1, 2],
]  # fmt: skip
#: Some values of each type, as rows hold them.
POOLS: dict[str, list[Any]] = {
    "text": ["a", "b", "ab", "", "A", "aB", "a_%", "\\", "'\"", "cat dog", "dog"],
    "int": [0, 1, -1, 2**31 - 1],
    "big": [0, 1, -1, 2**63 - 1],
    "float": [0.0, 0.5, -1.5, 1e100],
    "decimal": [Decimal(0), Decimal("0.5"), Decimal("-1.25"), Decimal(10) ** 20],
    "moment": [datetime.datetime(2026, 1, day, 12, tzinfo=datetime.UTC) for day in (1, 2, 3)],
    "flag": [True, False],
    "bytes": [b"", b"a", b"\x00\xff'"],
    "mood": ["SAD", "Great", "FINE"],
    "json": _DOCUMENTS,
    "plain": _DOCUMENTS,
}
JSON = ("json", "plain")
LISTS = {
    "texts": "text", "ints": "int", "bigs": "big", "floats": "float", "decimals": "decimal",
    "moments": "moment", "flags": "flag", "blobs": "bytes", "moods": "mood", "jsons": "json",
}  # fmt: skip
_FILTERS = {
    "text": "StringFilter", "int": "IntFilter", "big": "IntFilter", "float": "FloatFilter",
    "decimal": "DecimalFilter", "moment": "DateTimeFilter", "flag": "BooleanFilter", "bytes": "BytesFilter",
    "json": "JsonFilter", "plain": "JsonFilter",
}  # fmt: skip
_PATHS: list[list[str | int]] = [
    [], ["a"], ["a", "b"], ["a", "b", 0], ["a", "b", -1], ["a", "b", 2], ["a", "c"], ["0"], [0], [0, 0],
    [1, "k"], ["'\""], ["'\"", 0], ["nope"], ["a", "nope", "c"],
]  # fmt: skip
_LOGICAL = ("AND", "OR", "NOT")
_NUMERIC = ["int", "big", "float", "decimal"]
_ORDERED = [*_NUMERIC, "text", "moment", "mood"]
#: What can be asked of groups, of which fields.
_NUMBERS = {
    "_count": [*POOLS, *LISTS], "_sum": _NUMERIC, "_avg": _NUMERIC, "_min": _ORDERED, "_max": _ORDERED,
}  # fmt: skip
_EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _some_of(entries: dict[str, st.SearchStrategy[Any]], most: int) -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(st.sampled_from(list(entries)), max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: entries[name] for name in chosen}))


_ASKED = _some_of(
    {
        word: st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
        for word, names in _NUMBERS.items()
    },
    3,
)


class Rows(list[dict[str, Any]]):
    """Rows that take little room in what hypothesis reports."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of(SCHEMA)


@pytest.fixture(scope="module")
def db(client: Any) -> Iterator[Any]:
    with client.module.Client(client.dsn) as opened:
        yield opened


@pytest.fixture(scope="module")
def rank(client: Any) -> naive.Rank:
    """The database's order of all texts that are compared."""
    texts = {text for text in (*POOLS["text"], *_DOCUMENTS, "x", "a_%") if isinstance(text, str)}
    texts |= {text.lower() for text in texts}
    with psycopg.connect(client.dsn) as connection:
        ordered = connection.execute("SELECT unnest(%s::text[]) ORDER BY 1", [list(texts)]).fetchall()
    return [text for (text,) in ordered].index


@pytest.fixture(scope="module")
def rows(client: Any, db: Any) -> Rows:
    """A row for each value of the longest pool, and some without any."""
    most = max(map(len, POOLS.values()))
    made = Rows(_row(client, number, most) for number in range(most + 3))
    for row in made:
        db.thing.create({name: value for name, value in row.items() if value is not None})
    return made


def _row(client: Any, number: int, most: int) -> dict[str, Any]:
    row: dict[str, Any] = {"id": number}
    for name in POOLS:
        pool = _pool(client, name)
        row[name] = pool[number % len(pool)] if number < most else None
    for name, kind in LISTS.items():
        items = _pool(client, kind)
        lists = [None, [], items[:1], items[:2], [items[1], items[0]], [items[1]] * 2, items]
        row[name] = lists[number % len(lists)]
    return row


def _pool(client: Any, kind: str) -> list[Any]:
    return [client.module.Json(value) for value in POOLS[kind]] if kind in JSON else POOLS[kind]


def _operators(client: Any, field: str) -> list[str]:
    """Those that the types offer: a new one is tried as soon as it is there."""
    if field == "mood":
        return ["equals", "in", "not_in", "not"]
    filters = importlib.import_module(f"{client.module.__name__}._runtime.public.filters")
    names = getattr(filters, "ListFilter" if field in LISTS else _FILTERS[field]).__annotations__
    return [name for name in names if name.islower()]  # camelCase ones are other spellings of the same


def _values(client: Any, field: str, operator: str) -> list[Any]:
    """What is given to an operator."""
    words: dict[str, list[Any]] = {
        "path": _PATHS,
        "mode": ["default", "insensitive"],
        "search": ["cat", "dog", "!cat", "cat & dog", "dog & !cat"],
        "is_empty": [True, False],
    }
    if operator in words:
        return words[operator]
    items = _pool(client, LISTS.get(field, field))
    if field in LISTS:
        lists = [[], items[:1], items[:2], [items[1], items[0]], items]
        return items if operator == "has" else [*lists, None] if operator == "equals" else lists
    if operator in ("in", "not_in"):
        return [[], items[:1], items[:2], items]
    if operator.startswith("string_"):
        return ["a", "b", "", "_", "%"]
    if operator in ("lt", "lte", "gt", "gte") and field in JSON:
        return [item for item in items if not isinstance(item.data, list | dict)]
    return [*items, None] if operator in ("equals", "not") else items


@pytest.mark.parametrize("field", [*POOLS, *LISTS])
def test_every_operator_with_every_value(
    db: Any, client: Any, rows: Rows, rank: naive.Rank, field: str
) -> None:
    conditions = [None, *([] if field in JSON or field in LISTS else POOLS[field])]
    for operator in _operators(client, field):
        values = _values(client, field, operator)
        conditions += [{operator: value} for value in values]
        if operator not in ("mode", "path") and field not in LISTS:
            conditions += [{"not": {operator: value}} for value in values[:3]]
        if field == "text" and operator != "mode":
            conditions += [{operator: value, "mode": "insensitive"} for value in values]
            conditions += [{"not": {operator: value}, "mode": "insensitive"} for value in values]
        if field in JSON and operator != "path":
            conditions += [{"path": path, operator: value} for path in _PATHS for value in values[:6]]
    wrong = [
        (condition, found, expected)
        for condition in conditions
        for expected in [[row["id"] for row in rows if _value_holds(row, field, condition, rank) is True]]
        for found in [_found(db, {field: condition})]
        if found != expected
    ]
    assert wrong == []


@_EXAMPLES
@given(draw=st.data())
def test_any_combination_of_operators(
    db: Any, client: Any, rows: Rows, rank: naive.Rank, draw: st.DataObject
) -> None:
    where = draw.draw(_where(client, 2))
    assert _found(db, where) == [row["id"] for row in rows if _holds(row, where, rank) is True]


@_EXAMPLES
@given(
    by=st.lists(st.sampled_from([*_ORDERED, "flag", "bytes"]), min_size=1, max_size=2, unique=True),
    first=st.none() | st.sampled_from([(word, name) for word in _NUMBERS for name in _NUMERIC]),
    directions=st.lists(st.sampled_from(["asc", "desc"]), min_size=3, max_size=3),
    take=st.none() | st.integers(0, 5),
    skip=st.integers(0, 3),
    draw=st.data(),
)
def test_any_groups(
    db: Any, client: Any, rows: Rows, rank: naive.Rank, by: list[str], first: Any, directions: list[str],
    take: int | None, skip: int, draw: st.DataObject,
) -> None:  # fmt: skip
    asked: dict[str, list[str]] = draw.draw(_ASKED)
    where, having = draw.draw(_where(client, 0)), draw.draw(_having(client, by, 1))
    keys = list(zip([first, *by] if first else by, directions, strict=False))
    place = _placing(rank)
    groups = grouping.grouped([row for row in rows if _holds(row, where, rank) is True], by)
    groups = [group for group in groups if grouping.kept(group, having, place, rank) is True]
    groups = grouping.in_order(groups, keys, place)
    expected = [
        {name: group[0][name] for name in by} | {
            word: {name: grouping.number(group, word, name, place) for name in names}
            for word, names in asked.items()
        }
        for group in groups[skip : None if take is None else skip + take]
    ]  # fmt: skip
    found = db.thing.group_by(
        by,
        where=where,
        having=having,
        order=[{key: way} if isinstance(key, str) else {key[0]: {key[1]: way}} for key, way in keys],
        take=take,
        skip=skip,
        **{word.removeprefix("_"): dict.fromkeys(names, True) for word, names in asked.items()},
    )
    assert grouping.close(found, expected), (found, expected)


@_EXAMPLES
@given(
    take=st.none() | st.integers(-5, 5),
    skip=st.integers(0, 3),
    cursor=st.none() | st.integers(0, 20),
    draw=st.data(),
)
def test_any_numbers_about_a_page(
    db: Any, client: Any, rows: Rows, rank: naive.Rank, take: int | None, skip: int, cursor: int | None,
    draw: st.DataObject,
) -> None:  # fmt: skip
    asked, where = draw.draw(_ASKED.filter(bool)), draw.draw(_where(client, 0))
    page = paging.page(
        rows, lambda row: _holds(row, where, rank) is True, cursor=cursor, take=take, skip=skip
    )
    expected = {
        word: {name: grouping.number(page, word, name, _placing(rank)) for name in names}
        for word, names in asked.items()
    }
    found = db.thing.aggregate(
        where=where,
        order={"id": "asc"},
        take=take,
        skip=skip,
        cursor=None if cursor is None else {"id": cursor},
        **{word.removeprefix("_"): dict.fromkeys(names, True) for word, names in asked.items()},
    )
    assert grouping.close(found, expected), (found, expected)


@pytest.mark.parametrize("field", ["json", "plain", "jsons"])
def test_rows_are_grouped_by_json(db: Any, rows: Rows, field: str) -> None:
    groups = db.thing.group_by([field], count=True, order={field: "asc"})
    assert sum(group["_count"]["_all"] for group in groups) == len(rows)
    assert len(groups) == len({repr(row[field]) for row in rows})
    some = db.thing.group_by([field], having={field: {"not": None}}, order=[{field: "desc"}])
    assert [group[field] for group in some] == [group[field] for group in groups[-2::-1]]


def _placing(rank: naive.Rank) -> Callable[[str, Any], Any]:
    def place(field: str, value: Any) -> Any:
        if field == "mood":
            return POOLS["mood"].index(value)
        return rank(value) if isinstance(value, str) else value

    return place


def _found(db: Any, where: dict[str, Any]) -> list[int]:
    return sorted(row.id for row in db.thing.find_many(where=where))


def _conditions(client: Any, field: str, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """A few operators of a field."""
    entries: dict[str, st.SearchStrategy[Any]] = {
        operator: st.sampled_from(_values(client, field, operator)) for operator in _operators(client, field)
    }
    if depth and "not" in entries:
        below = _conditions(client, field, depth - 1)
        if field in JSON:  # one path is that of the whole
            below = below.map(lambda given: {word: value for word, value in given.items() if word != "path"})
        entries["not"] |= below
    return _some_of(entries, 3)


def _where(client: Any, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    entries: dict[str, st.SearchStrategy[Any]] = {
        field: _conditions(client, field, 2) for field in [*POOLS, *LISTS]
    }
    if depth:
        nested = st.lists(st.deferred(lambda: _where(client, depth - 1)), max_size=2)
        entries |= dict.fromkeys(_LOGICAL, nested)
    return _some_of(entries, 2)


def _having(client: Any, by: list[str], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    asked = st.sampled_from([0, 1, 2]) | _some_of(
        dict.fromkeys(["lt", "gte", "not", "equals"], st.integers(0, 2)), 2
    )
    entries: dict[str, st.SearchStrategy[Any]] = {}
    for name in dict.fromkeys([*by, *_NUMERIC, "text"]):
        words = [word for word in _NUMBERS if word == "_count" or name in _NUMERIC]
        own = _conditions(client, name, 1) if name in by else st.just({})
        entries[name] = st.builds(
            lambda one, other: one | other, own, _some_of(dict.fromkeys(words, asked), 2)
        )
    if depth:
        nested = st.lists(st.deferred(lambda: _having(client, by, depth - 1)), max_size=2)
        entries |= dict.fromkeys(_LOGICAL, nested)
    return _some_of(entries, 2)


def _value_holds(row: dict[str, Any], field: str, given: Any, rank: naive.Rank) -> naive.Truth:
    if field in LISTS:
        return naive.list_holds(row[field], given)
    if field in JSON:
        return naive.json_holds(row[field], given, rank)
    return naive.scalar_holds(row[field], given, rank)


def _holds(row: dict[str, Any], where: dict[str, Any], rank: naive.Rank) -> naive.Truth:
    return naive.conjunction(_entry_holds(row, word, given, rank) for word, given in where.items())


def _entry_holds(row: dict[str, Any], word: str, given: Any, rank: naive.Rank) -> naive.Truth:
    if word not in _LOGICAL:
        return _value_holds(row, word, given, rank)
    truths = [_holds(row, each, rank) for each in given if each]
    if word == "OR":
        return naive.inverted(naive.conjunction(map(naive.inverted, truths)))
    return naive.conjunction(map(naive.inverted, truths) if word == "NOT" else truths)
