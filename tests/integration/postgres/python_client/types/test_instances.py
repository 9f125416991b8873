"""What rows become of a selected class is what pydantic would have made of them, validated or not.

Each case is read twice: as it is, and with every class validated.
"""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import new_class
from typing import Annotated, Any, NotRequired

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

_SCHEMA = """
enum Mood {
  GOOD
  BAD @map("so so")
}

model Thing {
  id      Int       @id @default(autoincrement())
  text    String
  none    String?
  from    String    @default("f")
  number  BigInt
  ratio   Float
  price   Decimal
  cost    Decimal?
  flag    Boolean
  bytes   Bytes
  data    Json?
  mood    Mood?
  moods   Mood[]
  texts   String[]
  prices  Decimal[]
  blobs   Bytes[]
  host    String?   @db.Inet
  local   DateTime
  instant DateTime  @db.Timestamptz(6)
  day     DateTime? @db.Date
  box     Box?      @relation(fields: [boxId], references: [id])
  boxId   Int?
}

model Box {
  id     Int     @id
  name   String?
  things Thing[]
}
"""
_PARTIALS = """
from schema_client.models import Box, Thing

Box.create_partial("BoxName", include={"name"})
Thing.create_partial("Some", include={"text", "price", "from", "mood"})
Thing.create_partial("Sure", include={"text", "none"}, required={"none"})
Thing.create_partial("Loose", include={"text", "number"}, optional={"text"})
Thing.create_partial("Boxed", include={"id", "box"}, required={"box"}, relations={"box": "BoxName"})
Thing.create_partial("Bare", exclude_relational_fields=True)
Box.create_partial("BoxOfSome", include={"id", "things"}, relations={"things": "Some"})
"""
_THEN = datetime(2026, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
_BASES = ("BaseModel", "bases", "dataclass", "slots", "frozen", "typed_dict")


class _Text(BaseModel):
    text: str
    none: str | None


class _TextOfThing(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", title="a text")
    text: str
    mood: Any = None


@dataclasses.dataclass
class _Plain:
    text: str
    none: str | None = None


@dataclasses.dataclass(slots=True, frozen=True)
class _Slotted:
    number: int
    texts: list[str]


_Dict = TypedDict(  # noqa: UP013 - as text, NotRequired would be unknown to typing_extensions
    "_Dict", {"text": str, "none": NotRequired[str | None], "boxId": NotRequired[Any]}
)


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    made = client_of(_SCHEMA, partial_types=_PARTIALS)
    json_of, members = made.module.Json, made.module.enums.Mood
    thing: dict[str, Any] = {
        "text": "é\u2028", "number": 2**60, "ratio": 1e300, "price": Decimal("1.50"), "flag": True,
        "bytes": b"\x00z", "local": _THEN, "instant": _THEN,
    }  # fmt: skip
    full = {
        **thing, "none": "", "cost": Decimal(-7), "data": json_of({"a": [1, None, 1.5]}), "mood": "BAD",
        "moods": [members.GOOD, "BAD"],
        "texts": ["", 'q"'], "prices": [Decimal("2.10")], "blobs": [b"", b"x"],
        "host": "10.0.0.1", "day": _THEN, "boxId": 1,
    }  # fmt: skip
    with made.module.Client(made.dsn) as db:
        db.box.create_many([{"id": 1, "name": "b"}, {"id": 2}])
        db.thing.create_many([full, thing, {**full, "boxId": 2}, full])
    return made


@pytest.fixture(scope="module", params=["sync", "async"])
def db(request: pytest.FixtureRequest, client: Any) -> Iterator[Any]:
    with client.opened(request.param) as connected:
        yield connected


@pytest.fixture(scope="module")
def blocking(client: Any) -> Iterator[Any]:
    with client.opened("sync") as connected:
        yield connected


@pytest.fixture(scope="module")
def read_both_ways(client: Any) -> Callable[..., tuple[Any, Any, bool]]:
    """``read_both_ways(actions, class, include)``: rows, validated rows, whether the first were not.

    Instead of rows there is the type of the error.
    """
    runtime = f"{client.module.__name__}._runtime"
    selections: Any = importlib.import_module(f"{runtime}.results.row_classes")
    plan_cache = importlib.import_module(f"{runtime}.plan_cache")
    hydration: Any = importlib.import_module(f"{runtime}.results.hydration")

    def attempted(actions: Any, row_class: type[Any], include: Any) -> Any:
        _table(actions).plans = plan_cache.PlanCache()
        try:
            return actions.selecting(row_class).find_many(include=include, order={"id": "asc"})
        except ValidationError as error:
            return type(error)

    def both(actions: Any, row_class: type[Any], include: Any = None) -> tuple[Any, Any, bool]:
        rows = attempted(actions, row_class, include)
        few, hydration._MANY = hydration._MANY, 0
        try:
            as_many = attempted(actions, row_class, include)
        finally:
            hydration._MANY = few
        assert repr(as_many) == repr(rows)
        _assert_same_state(as_many, rows)
        wanted = selections.ReadOptions(include, None, row_class)
        is_fast = wanted.projection(_table(actions), [])[1] is None
        form_of = selections._form
        selections._form = lambda *_: None
        try:
            assert selections.Selection(_table(actions), row_class).projection([], include).form is None
            return rows, attempted(actions, row_class, include), is_fast
        finally:
            selections._form = form_of
            _table(actions).plans = plan_cache.PlanCache()

    return both


def _table(actions: Any) -> Any:
    return getattr(actions, "_target", actions)._table


def _assert_same(rows: Any, validated: Any, row_class: type[Any]) -> None:
    if isinstance(rows, type):
        assert rows is validated
        return
    assert not isinstance(validated, type)
    assert rows == validated
    assert repr(rows) == repr(validated)
    adapter = TypeAdapter(list[row_class])  # type: ignore[valid-type]
    assert repr(adapter.dump_python(rows)) == repr(adapter.dump_python(validated))
    assert repr(copy.deepcopy(rows)) == repr(validated)
    for row, other in zip(rows, validated, strict=True):
        _assert_same_state(row, other)


def _assert_same_state(row: Any, other: Any) -> None:
    assert type(row) is type(other)
    if isinstance(row, BaseModel):
        assert row.__pydantic_fields_set__ == other.__pydantic_fields_set__
        assert repr(row.model_dump(exclude_unset=True)) == repr(other.model_dump(exclude_unset=True))
        assert (row.model_extra, row.__pydantic_private__) == (other.model_extra, other.__pydantic_private__)
    if isinstance(row, list):
        for item, twin in zip(row, other, strict=True):
            _assert_same_state(item, twin)
        return
    held: Any = row if isinstance(row, dict) else getattr(row, "__dict__", {})
    twins: Any = other if isinstance(other, dict) else getattr(other, "__dict__", {})
    if isinstance(held, dict):
        assert list(held) == list(twins)
        for name, value in held.items():
            _assert_same_state(value, twins[name])


# Classes that pydantic leaves as they are


@pytest.mark.parametrize("name", ["Some", "Loose", "Bare"])
def test_partial_types_are_made_without_validation(
    db: Any, client: Any, name: str, read_both_ways: Callable[..., Any]
) -> None:
    partial = getattr(client.module.partials, name)
    rows, validated, is_fast = read_both_ways(db.thing, partial)
    assert is_fast
    _assert_same(rows, validated, partial)
    found = db.thing.selecting(partial).find_unique({"id": rows[0].id} if name == "Bare" else {"id": 1})
    assert found == rows[0]


def test_partial_types_of_related_rows_are_too(
    db: Any, client: Any, read_both_ways: Callable[..., Any]
) -> None:
    partials = client.module.partials
    include = {"things": {"order": {"id": "desc"}, "take": 2}}
    for given_include in (None, include):
        rows, validated, is_fast = read_both_ways(db.box, partials.BoxOfSome, given_include)
        assert is_fast
        _assert_same(rows, validated, partials.BoxOfSome)
    assert [len(row.things) for row in rows] == [2, 1]
    assert type(rows[0].things[0]) is partials.Some
    rows, validated, is_fast = read_both_ways(
        db.box,
        _model({"id": int, "things": list[client.module.models.Thing]}),
        {"things": {"include": {"box": True}}},
    )
    assert is_fast
    _assert_same(rows, validated, type(rows[0]))


def test_what_a_required_field_may_not_hold_is_refused(db: Any, client: Any) -> None:
    partials = client.module.partials
    for partial, name in ((partials.Sure, "none"), (partials.Boxed, "box")):
        assert db.thing.selecting(partial).find_first(where={"id": 1}) is not None
        with pytest.raises(ValidationError) as caught:
            db.thing.selecting(partial).find_many()
        assert [(error["loc"][-1], error["input"]) for error in caught.value.errors()] == [(name, None)]
        assert caught.value.title == partial.__name__


def test_decimals_that_are_no_numbers_are_refused_as_pydantic_does(
    db: Any, client: Any, read_both_ways: Callable[..., Any]
) -> None:
    with client.module.Client(client.dsn) as other:
        other.execute_raw("""UPDATE "Thing" SET cost = 'NaN', prices = '{1,NaN}' WHERE id = 1""")
    try:
        for kind in (Decimal | None, Any, Annotated[Decimal | None, Field(allow_inf_nan=True)]):
            rows, validated, _ = read_both_ways(db.thing, _model({"cost": kind}))
            assert isinstance(rows, type) is (kind == Decimal | None)
            assert type(rows) is type(validated)
        for list_kind in (list[Decimal], list[Any], Any):
            rows, validated, is_fast = read_both_ways(db.thing, _model({"prices": list_kind}))
            assert is_fast
            assert isinstance(rows, type) is (list_kind == list[Decimal])
            assert type(rows) is type(validated)
    finally:
        with client.module.Client(client.dsn) as other:
            other.execute_raw("""UPDATE "Thing" SET cost = -7, prices = '{2.10}' WHERE id = 1""")


def test_a_list_with_a_null_is_refused(db: Any, client: Any, read_both_ways: Callable[..., Any]) -> None:
    with client.module.Client(client.dsn) as other:
        other.execute_raw("""UPDATE "Thing" SET texts = '{a,NULL}' WHERE id = 1""")
    try:
        rows, validated, is_fast = read_both_ways(db.thing, _model({"texts": list[str]}))
        assert is_fast
        assert rows is validated is ValidationError
    finally:
        with client.module.Client(client.dsn) as other:
            other.execute_raw("""UPDATE "Thing" SET texts = ARRAY['', 'q"'] WHERE id = 1""")


@pytest.mark.parametrize("row_class", [_Text, _TextOfThing, _Plain, _Slotted, _Dict])
def test_classes_of_ones_own_are_made_without_validation(
    db: Any, row_class: type[Any], read_both_ways: Callable[..., Any]
) -> None:
    rows, validated, is_fast = read_both_ways(db.thing, row_class)
    assert is_fast
    _assert_same(rows, validated, row_class)
    assert pickle.loads(pickle.dumps(rows)) == rows
    assert db.thing.selecting(row_class).find_unique({"id": 1}) == rows[0]


class _Assigned(BaseModel):
    model_config = ConfigDict(validate_assignment=True)
    text: str


def test_a_change_of_one_instance_changes_no_other(db: Any, client: Any) -> None:
    partial = client.module.partials.Loose
    assigned = type("Assigned", (partial,), {"model_config": ConfigDict(validate_assignment=True)})
    for row_class in (partial, assigned, _Assigned):
        first, second, *_ = db.thing.selecting(row_class).find_many(order={"id": "asc"})
        before = set(second.model_fields_set)
        first.model_fields_set.clear()
        assert second.model_fields_set == before != set()
        first.text = "new"
        assert (first.model_fields_set, second.model_fields_set) == ({"text"}, before)
        assert second.text != "new"


# Classes that change or check something


def _checked(annotations: dict[str, Any], body: dict[str, Any], *bases: type[Any]) -> Any:
    return new_class(
        "Checked",
        bases or (BaseModel,),
        {},
        lambda made: made.update({"__annotations__": annotations, **body}),
    )


def _shout(value: Any) -> Any:
    return str(value).upper()


class _WithNew(BaseModel):
    text: str

    def __new__(cls, *_: Any, **__: Any) -> Any:
        made = super().__new__(cls)
        _SEEN.append(cls)
        return made


_SEEN: list[Any] = []


class _WithInit(BaseModel):
    text: str

    def __init__(self, **values: Any) -> None:
        super().__init__(text=values["text"] * 2)


class _WithPostInit(BaseModel):
    text: str

    def model_post_init(self, _context: Any) -> None:
        self.text = "ready"


@dataclasses.dataclass
class _Counted:
    text: str
    length: int = 0

    def __post_init__(self) -> None:
        self.length = len(self.text)


@dataclasses.dataclass
class _Fresh:
    text: str
    found: list[int] = dataclasses.field(default_factory=list)


class _Private(BaseModel):
    text: str
    _seen: int = PrivateAttr(default=7)


_VALIDATED: dict[str, Any] = {
    "validator": _checked({"text": str}, {"_up": field_validator("text")(_shout)}),
    "whole": _checked({"text": str}, {"_all": model_validator(mode="before")(lambda values: values)}),
    "constraint": _checked({"text": Annotated[str, Field(min_length=3)]}, {}),
    "setting": _checked({"text": str}, {"model_config": ConfigDict(str_to_upper=True)}),
    "extra": _checked({"text": str}, {"model_config": ConfigDict(extra="allow")}),
    "strict": _checked({"text": Annotated[str, Field(strict=True)]}, {}),
    "other type": _checked({"number": float, "day": str | None}, {}),
    "enum as text": _checked({"mood": str | None}, {}),
    "factory": _checked({"text": str, "more": list[int]}, {"more": Field(default_factory=list)}),
    "list": _checked({"text": str, "more": list[int]}, {"more": []}),
    "new": _WithNew,
    "init": _WithInit,
    "post init": _WithPostInit,
    "private": _Private,
    "dataclass post init": _Counted,
    "dataclass factory": _Fresh,
}


@pytest.mark.parametrize("name", list(_VALIDATED))
def test_classes_that_change_or_check_are_validated(
    db: Any, name: str, read_both_ways: Callable[..., Any]
) -> None:
    row_class = _VALIDATED[name]
    rows, validated, is_fast = read_both_ways(db.thing, row_class)
    assert not is_fast
    _assert_same(rows, validated, row_class)
    outer = _model({"id": int, "things": _list_of(row_class)})
    rows, validated, is_fast = read_both_ways(db.box, outer)
    assert not is_fast
    _assert_same(rows, validated, outer)


# Any class


_EXACT: dict[str, Any] = {
    "id": int, "text": str, "none": str | None, "number": int, "ratio": float, "price": Decimal,
    "cost": Decimal | None, "flag": bool, "bytes": bytes, "data": JsonValue | None, "texts": list[str],
    "prices": list[Decimal], "blobs": list[bytes], "host": str | None, "local": datetime,
    "instant": datetime, "day": datetime | None,
}  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    Any, object, str, str | None, int, float, bytes | None, Decimal | None, bool | int, list[Any], list[str],
    list[str] | None, tuple[str, ...], dict[str, Any], Annotated[str, Field(max_length=1)], JsonValue,
)  # fmt: skip


def _model(annotations: dict[str, Any]) -> Any:
    fields: Any = {
        name: kind if isinstance(kind, tuple) else (kind, ...) for name, kind in annotations.items()
    }
    return create_model("Made", **fields)


def _list_of(kind: Any) -> Any:
    return list[kind]


def _class_of(kind: str, fields: dict[str, Any], optional: set[str], base: type[Any]) -> Any:
    """A class of some kind; its ``optional`` fields come last and have a default."""
    names = [name for name in fields if name not in optional] + [name for name in fields if name in optional]
    if kind == "typed_dict":
        kinds = {name: NotRequired[fields[name]] if name in optional else fields[name] for name in names}
        return TypedDict("Made", kinds)  # type: ignore[operator]
    if kind in ("BaseModel", "bases"):
        given = {name: (fields[name], None if name in optional else ...) for name in names}
        return create_model("Made", __base__=base if kind == "bases" else BaseModel, **given)  # type: ignore[call-overload]
    shown = [
        (name, fields[name], dataclasses.field(default=None)) if name in optional else (name, fields[name])
        for name in names
    ]
    return dataclasses.make_dataclass("Made", shown, slots=kind == "slots", frozen=kind == "frozen")


@st.composite
def _choices(draw: st.DrawFn) -> tuple[str, dict[str, Any], set[str], str | None]:
    names = draw(st.lists(st.sampled_from([*_EXACT, "mood", "moods"]), min_size=1, max_size=6, unique=True))
    fields = {
        name: draw(
            st.sampled_from((_EXACT.get(name), *_OTHERS))
            if draw(st.integers(0, 5)) == 0
            else st.just(_EXACT.get(name))
        )
        for name in names
    }
    optional = draw(st.sets(st.sampled_from(names), max_size=2))
    kind = draw(st.sampled_from(_BASES))
    inner = draw(st.sampled_from((None, *_BASES)))
    return kind, fields, optional, inner


def test_any_class_is_made_as_pydantic_makes_it(
    client: Any, blocking: Any, read_both_ways: Callable[..., Any]
) -> None:
    bases, mood = client.module.bases, client.module.enums.Mood
    enums = {"mood": mood | None, "moods": _list_of(mood)}
    ways: set[bool] = set()

    def assert_same(actions: Any, row_class: Any, include: Any = None) -> None:
        rows, validated, is_fast = read_both_ways(actions, row_class, include)
        ways.add(is_fast)
        _assert_same(rows, validated, row_class)

    @settings(max_examples=100, deadline=None)
    @given(_choices())
    def holds(choice: tuple[str, dict[str, Any], set[str], str | None]) -> None:
        kind, fields, optional, inner = choice
        kinds = {
            name: enums[name] if given_kind is None else given_kind for name, given_kind in fields.items()
        }
        row_class = _class_of(kind, kinds, optional, bases.BaseThing)
        assert_same(blocking.thing, row_class)
        if inner is None:
            return
        things = {"things": _list_of(row_class), "name": str | None}
        assert_same(blocking.box, _class_of(inner, things, {"name"}, bases.BaseBox))
        box = _class_of(inner, {"id": int, "name": str | None}, set(), bases.BaseBox)
        thing = _class_of(kind, {"id": int, "box": box | None}, {"box"}, bases.BaseThing)
        assert_same(blocking.thing, thing, {"box": True})

    holds()
    assert ways == {True, False}
