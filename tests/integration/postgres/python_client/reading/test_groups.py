"""Numbers about rows: count of fields, aggregate, group_by; and classes that say what to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

SCHEMA = """
enum Kind {
  CALM @map("c")
  LOUD @map("l")
}

model Shop {
  id    Int    @id
  name  String
  sales Sale[]
}

model Sale {
  id      Int      @id
  country String
  city    String?
  views   Int      @default(0)
  total   Decimal  @default(0)
  weight  Float?
  big     BigInt   @default(0)
  kind    Kind     @default(CALM)
  code    String   @default(uuid()) @db.Uuid
  at      DateTime @default(now())
  class   Int?
  tags    String[]
  shopId  Int?
  shop    Shop?    @relation(fields: [shopId], references: [id])
}
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[[str], Any]) -> Any:
    made = client_of(SCHEMA)
    with made.opened("sync") as db:
        db.shop.create({"id": 1, "name": "corner"})
        db.sale.create_many(
            [
                {
                    "id": 1,
                    "country": "dk",
                    "city": "cph",
                    "views": 1,
                    "total": "1.50",
                    "big": 2**62,
                    "class": 3,
                },
                {
                    "id": 2,
                    "country": "dk",
                    "city": "cph",
                    "views": 4,
                    "total": "2",
                    "big": 2**62,
                    "shopId": 1,
                },
                {"id": 3, "country": "dk", "views": 3, "weight": 1.5, "kind": "LOUD", "shopId": 1},
                {"id": 4, "country": "sc", "city": "edi", "views": 8, "weight": 0.5, "tags": ["a"]},
            ]
        )
    return made


@pytest.fixture(params=["sync", "async"])
def db(client: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    with client.opened(request.param) as opened:
        yield opened


def test_count_of_fields(db: Any) -> None:
    assert db.sale.count() == 4
    assert db.sale.count({"_all": True, "city": True, "weight": False}) == {"_all": 4, "city": 3}
    assert db.sale.count_fields({"weight": True}, where={"country": "dk"}) == {"weight": 1}
    assert db.sale.count_fields({"_all": True, "city": True}, take=2, skip=1) == {"_all": 2, "city": 1}
    assert db.sale.count(None, 2, 1, {"country": "dk"}, {"id": 1}) == 2


def test_groups(db: Any) -> None:
    assert db.sale.group_by(["country"], order={"country": "asc"}) == [{"country": "dk"}, {"country": "sc"}]
    assert db.sale.group_by(["country"], count=True, order={"country": "desc"}) == [
        {"country": "sc", "_count": {"_all": 1}},
        {"country": "dk", "_count": {"_all": 3}},
    ]
    groups = db.sale.group_by(
        by=["country", "city"],
        count={"_all": True, "city": True},
        sum={"views": True, "total": True, "weight": True, "big": True},
        avg={"views": True, "total": True},
        min={"views": True, "kind": True},
        max={"total": True, "kind": True},
        where={"country": "dk"},
        order=[{"country": "asc"}, {"city": "asc"}],
    )
    assert groups == [
        {
            "country": "dk",
            "city": "cph",
            "_count": {"_all": 2, "city": 2},
            "_avg": {"views": 2.5, "total": Decimal("1.75")},
            "_sum": {"views": 5, "total": Decimal("3.5"), "weight": None, "big": 2**63},
            "_min": {"views": 1, "kind": "CALM"},
            "_max": {"total": Decimal(2), "kind": "CALM"},
        },
        {
            "country": "dk",
            "city": None,
            "_count": {"_all": 1, "city": 0},
            "_avg": {"views": 3.0, "total": Decimal(0)},
            "_sum": {"views": 3, "total": Decimal(0), "weight": 1.5, "big": 0},
            "_min": {"views": 3, "kind": "LOUD"},
            "_max": {"total": Decimal(0), "kind": "LOUD"},
        },
    ]
    assert type(groups[0]["_avg"]["views"]) is float
    assert db.sale.group_by(["kind"], order={"kind": "asc"}) == [{"kind": "CALM"}, {"kind": "LOUD"}]


@pytest.mark.parametrize(
    ("having", "expected"),
    [
        ({"views": {"_avg": {"gt": 3}}}, ["sc"]),
        ({"views": {"_sum": {"lte": 8}}}, ["dk", "sc"]),
        ({"views": {"_sum": 8}}, ["dk", "sc"]),
        ({"total": {"_sum": {"equals": "3.5"}}}, ["dk"]),
        ({"city": {"_count": {"in": [2, 5]}}}, ["dk"]),
        ({"views": {"_min": {"lt": 5}, "_max": {"gt": 3}}}, ["dk"]),
        ({"country": "dk"}, ["dk"]),
        ({"country": {"contains": "s", "_count": {"gt": 0}}}, ["sc"]),
        ({"OR": [{"country": "dk"}, {"views": {"_avg": {"gt": 5}}}]}, ["dk", "sc"]),
        ({"NOT": [{"country": "dk"}]}, ["sc"]),
        ({"AND": [{"country": "dk"}, {"views": {"_avg": {"gt": 5}}}]}, []),
        ({"kind": {"_max": "LOUD"}}, ["dk"]),
        ({"code": {"_min": {"not": "2f1acc6c-97ad-4b44-8cbf-0c1ba0ba2d8f"}}}, ["dk", "sc"]),
        ({}, ["dk", "sc"]),
    ],
)
def test_having(db: Any, having: dict[str, Any], expected: list[str]) -> None:
    groups = db.sale.group_by(["country"], having=having, order={"country": "asc"})
    assert [group["country"] for group in groups] == expected


def test_order_and_slices_of_groups(db: Any) -> None:
    def countries(**arguments: Any) -> list[str]:
        return [group["country"] for group in db.sale.group_by(["country"], **arguments)]

    assert countries(order={"_sum": {"total": "desc"}}) == ["dk", "sc"]
    assert countries(order={"_count": {"_all": "asc"}}) == ["sc", "dk"]
    assert countries(order=[{"_max": {"weight": "asc"}}, {"country": "asc"}]) == ["sc", "dk"]
    assert countries(order={"country": "asc"}, take=1) == ["dk"]
    assert countries(order={"country": "asc"}, take=1, skip=1) == ["sc"]
    # Pages hold each group once, though nobody said in which order.
    assert [countries(take=1, skip=skip) for skip in range(3)] == [["dk"], ["sc"], []]


def test_aggregate(db: Any) -> None:
    assert db.sale.aggregate(count=True, max={"views": True}) == {"_count": {"_all": 4}, "_max": {"views": 8}}
    assert db.sale.aggregate({"country": "sc"}, sum={"views": True}) == {"_sum": {"views": 8}}
    assert db.sale.aggregate(order={"views": "desc"}, take=2, sum={"views": True}) == {"_sum": {"views": 12}}
    assert db.sale.aggregate({"country": "xx"}, avg={"views": True}) == {"_avg": {"views": None}}


def test_mistakes_in_groups(client: Any, errors: Any) -> None:
    sale = client.module.Client(client.dsn).sale
    calls: list[tuple[Callable[[], Any], str, str]] = [
        (lambda: sale.group_by(["contry"]), "FieldNotFoundError", "did you mean 'country'"),
        (lambda: sale.group_by([]), "InputError", "at least one field"),
        (sale.aggregate, "InputError", "at least one of count"),
        (lambda: sale.group_by(["country"], sum={"city": True}), "InputError", "has no sum"),
        (lambda: sale.group_by(["country"], avg={"tags": True}), "InputError", "has no avg"),
        (lambda: sale.group_by(["country"], sum={"viewz": True}), "FieldNotFoundError", "'views'"),
        (lambda: sale.group_by(["country"], count={"x": True}), "FieldNotFoundError", "no field 'x'"),
        (
            lambda: sale.group_by(["country"], order={"views": "asc"}),
            "InputError",
            "order.views: is not in by",
        ),
        (lambda: sale.group_by(["country"], order={"contry": "asc"}), "InputError", "mean 'country'"),
        (lambda: sale.group_by(["country"], order={"country": "up"}), "InputError", "'asc' or 'desc'"),
        (lambda: sale.group_by(["country"], having={"views": {"gt": 1}}), "InputError", "is not in by"),
        (
            lambda: sale.group_by(["country"], having={"views": {"_avg": {"gt": "x"}}}),
            "InputError",
            "a float",
        ),
        (
            lambda: sale.group_by(["country"], having={"views": {"_avg": {"has": 1}}}),
            "InputError",
            "no operator",
        ),
        (lambda: sale.group_by(["country"], take=-1), "InputError", "zero or more"),
        (lambda: sale.count(select={"cty": True}), "FieldNotFoundError", "'city'"),
        (lambda: sale.count(select=["city"]), "InputError", "needs a dict"),
    ]
    for call, kind, message in calls:
        with pytest.raises(getattr(errors, kind), match=message):
            call()


class ShopName(BaseModel):
    name: str


class SaleView(BaseModel):
    id: int
    class_: int | None = Field(default=None, alias="class")
    total: float
    shop: ShopName | None
    note: str = "unset"


class ShopView(TypedDict):
    name: str
    sales: list[SaleView]


@dataclass
class Plain:
    country: str
    class_: int | None
    kind: str = "x"


def test_a_class_says_what_to_read(db: Any) -> None:
    rows = db.sale.selecting(SaleView).find_many(order={"id": "asc"})
    assert rows[0] == SaleView.model_validate({"id": 1, "class": 3, "total": 1.5, "shop": None})
    assert rows[1].shop == ShopName(name="corner")
    assert rows[1].note == "unset"
    shop = db.shop.selecting(ShopView).find_unique(
        {"id": 1}, include={"sales": {"order": {"id": "desc"}, "take": 1}}
    )
    assert shop["name"] == "corner"
    assert [sale.id for sale in shop["sales"]] == [3]
    assert isinstance(shop["sales"][0], SaleView)
    assert db.sale.selecting(Plain).find_first(where={"id": 1}) == Plain("dk", 3, "CALM")
    assert db.sale.selecting(Plain).find_first(where={"id": 9}) is None
    assert db.shop.selecting(ShopName).find_unique_or_raise({"id": 1}).name == "corner"


def test_classes_that_fit_no_table(client: Any, errors: Any) -> None:
    class Wrong(BaseModel):
        nme: str

    class Loop(BaseModel):
        sales: list[Any]

    shop = client.module.Client(client.dsn).shop
    with pytest.raises(errors.FieldNotFoundError, match="selecting Wrong: Shop has no field 'nme'"):
        shop.selecting(Wrong).find_many()
    with pytest.raises(errors.InputError, match="not a pydantic model"):
        shop.selecting(int).find_many()
    with pytest.raises(errors.InputError, match="needs a class"):
        shop.selecting({"name": True}).find_many()
    with pytest.raises(errors.InputError, match=r"has to name one class|not a pydantic model"):
        shop.selecting(Loop).find_many()
    with pytest.raises(errors.UnknownRelationalFieldError, match="'sales' is not a relation that the class"):
        shop.selecting(ShopName).find_many(include={"sales": True})
