"""Generated code under the strictest checkers, and what they tell those who use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generators.target import GenerationRequest, PackageNames
from registry.package_checks.declared_types import undeclared

from . import named_mistakes as mistakes

_SAMPLE = Path(__file__).parents[4] / "schemas" / "sample" / "schemas" / "2.0.0" / "schema.prisma"
_TIMEOUT_SECONDS = 280
_AWKWARD_CLIENT = "awkward_client"
_PACKAGES = {"sample": "schema_client", "awkward": _AWKWARD_CLIENT}
_TARGETS = (*_PACKAGES.values(), "consumer.py", "partial_types.py", "mistaken.py")
#: Names that hide what annotations need, keys that are no names in class syntax, one of everything.
_AWKWARD = """
enum Kind {
  None
  title
}

model Order {
  id       Int       @id
  class    String
  from     Int?
  str      String?
  int      Int?
  list     Int[]
  bytes    Bytes?
  Base64   Bytes?
  float    Float?
  bool     Boolean?
  datetime DateTime?
  Decimal  Decimal?
  Json     Json?
  enums    Kind?
  filters  Kind[]
  json     Json[]
  photos   Bytes[]
  sums     Decimal[]
  floats   Float[]
  words    String[]

  @@unique([class, from], name: "lambda")
}

model Models {
  self Int @id
}

view Seen {
  id String @unique
}

view Unseen {
  id String
}
"""
_AWKWARD_PARTIALS = """
from schema_client.models import Models, Order

Order.create_partial("Order", include={"Decimal", "Json", "bytes", "datetime", "enums", "filters", "list"})
Order.create_partial("int", required={"class", "from"}, optional={"json", "id"})
Order.create_partial("list")
Order.create_partial("str", include={"from", "json", "list", "filters"})
Models.create_partial("Access")
"""
#: What a team writes is Python too, and checkers have nothing against it.
_PARTIALS = """
from schema_client.models import Review, User

NAMES = {"displayName", "email"}
User.create_partial("UserPublic", include=NAMES, required=["displayName"])
User.create_partial("UserNoRelations", exclude_relational_fields=True)
Review.create_partial("reviews", include=["rating", "author"], optional=["rating"])
User.create_partial("UserWithReviews", include={"reviews", "role"}, relations={"reviews": "reviews"})
Review.create_partial(
    "ReviewOfUser", include={"author"}, required={"author"}, relations={"author": "UserPublic"}
)
"""
_CONSUMER = '''
"""How a service uses the client. A line that ends in ``# error`` has to be refused."""

from decimal import Decimal

from opentelemetry.sdk.trace import TracerProvider
from pydantic import BaseModel
from schema_client import AsyncClient, Client, Json, bases, bodies, enums, get_client, models, tables
from schema_client import partials
from schema_client.types import TagWhereInput
from sqlalchemy import select
from sqlalchemy.orm import Session

db = Client()
reveal_type(db.user.find_unique({"id": "x"}))  # User | None
reveal_type(db.user.find_unique_or_raise({"email": "x"}))  # User
reveal_type(db.review.find_many(where={"rating": {"gte": 3}}, order={"rating": "desc"}))  # list[Review]
reveal_type(db.category.find_unique({"parentId_name": {"parentId": 1, "name": "x"}}))  # Category | None
reveal_type(db.product.count())  # int
reveal_type(db.tag.create({"name": "x"}).name)  # str
reveal_type(db.productprice.find_first())  # ProductPrice | None
with db.tx() as tx:
    reveal_type(tx)  # Client
    tx.tag.create_many([{"name": "a"}, {"id": 1, "name": "b"}])

where: TagWhereInput = {"OR": [{"name": "a"}, {"id": {"in": [1, 2]}}], "name": {"not": {"contains": "x"}}}
db.tag.find_many(where=where)
db.user.update({"role": enums.UserRole.ADMIN}, {"id": "x"})
db.userprofile.update(data={"bio": None, "preferences": Json({"a": 1})}, where={"userId": "x"})


async def main() -> None:
    async with AsyncClient() as client:
        reveal_type(await client.user.find_first(where={"role": enums.UserRole.ADMIN}))  # User | None
        await client.user.count(where={"role": {"in": [enums.UserRole.ADMIN]}})
        async with client.tx() as tx:
            reveal_type(await tx.tag.delete({"id": 1}))  # Tag | None
        await client.user.find_many(where={"emial": "x"})  # error


def check(user: models.User, price: models.ProductPrice, review: models.Review) -> None:
    reveal_type(user.role)  # UserRole
    reveal_type(user.createdAt)  # datetime
    reveal_type(user.invitedById)  # str | None
    reveal_type(price.amount)  # Decimal
    reveal_type(review.fingerprint)  # Base64
    reveal_type(review.fingerprint.decode())  # bytes
    reveal_type([review.fingerprint == b"x", review.fingerprint < b"x"])  # list[bool]
    reveal_type(sorted([review.fingerprint]))  # list[Base64]
    db.review.count(where={"fingerprint": {"in": [review.fingerprint, b"x"]}})
    db.review.count(where={"fingerprint": "x"})  # error
    print(review.fingerprint < 1)  # error
    print(user.emial)  # error


from schema_client import NoSuchThing  # error
from schema_client import CHANGELOG
from awkward_client import Base64 as Photo, Client as Awkward, Json as Document, models as awkward_models
from awkward_client.enums import Kind
from schema_client import actions, client as client_module, types
from schema_client.engine.errors import EngineConnectionError
from schema_client.testing import reset_client
from schema_client.utils import async_run


def lists(
    awkward: Awkward, row: awkward_models.Order, photos: list[Photo], whole: list[int], kinds: list[Kind]
) -> None:
    db.tag.find_many(where={"name": {"not": {"not": {"not": {"contains": "x"}}}}})
    db.user.find_many(where={"role": {"not": {"not": {"in": [enums.UserRole.ADMIN]}}}})
    awkward.order.update({"photos": photos, "sums": [row.Decimal or Decimal(1)], "floats": whole}, {"id": 1})
    awkward.order.find_many(where={"photos": {"has_some": photos}})
    sums: list[Decimal] = []
    awkward.order.update({"sums": sums}, {"id": 1})
    awkward.order.update({"photos": {"set": photos}, "floats": {"set": whole}}, {"id": 1})
    awkward.order.update({"photos": {"push": photos}, "sums": {"set": sums}}, {"id": 1})
    awkward.order.update({"sums": {"set": [1, "2", Decimal(1)]}, "words": {"set": ["a"]}}, {"id": 1})
    awkward.order.create({"id": 1, "class": "x", "photos": {"set": photos}, "filters": {"set": kinds}})
    awkward.order.find_many(where={"floats": {"equals": whole}, "filters": {"has": kinds[0]}})
    awkward.order.update({"words": {"set": "abc"}}, {"id": 1})  # error
    awkward.order.update({"filters": {"set": ["titel"]}}, {"id": 1})  # error
    awkward.order.update({"filters": ["title"], "enums": "None"}, {"id": 1})
    awkward.order.update({"words": "abc"}, {"id": 1})  # error
    awkward.order.update({"Json": {"set": Document(1)}}, {"id": 1})  # error
    if row.Json is not None:
        print(row.Json["a"][0])


# Forms and names of Prisma's other clients.
db.user.find_many(where={"email": {"startsWith": "a", "notIn": {"a", "b"}}, "id": {"in": {"x": 1}.keys()}})
db.user.find_many(where={"createdAt": {"gte": "2026-01-01T00:00:00Z"}, "NOT": {"email": "x"}})
db.userprofile.update({"preferences": "{}"}, {"userId": "x"})
db.review.find_many(where={"product": {"isNot": {"sku": "x"}}})
reveal_type(client_module.Prisma(datasource=types.DatasourceOverride(url="x"), http={}))  # AsyncClient
db.user.update({"role": "ADMIN"}, {"id": "x"})
db.user.find_many(where={"role": {"in": ["ADMIN", enums.UserRole.ADMIN], "not": "ADMIN"}})
reveal_type(db.user.group_by(["role"], having={"role": "ADMIN"})[0]["role"])  # UserRole
number: types.AtomicIntInput = {"increment": 1}
limits: types.HttpConfig = {"timeout": 10}
text: types.StringWithAggregatesFilter = {"_max": "x", "mode": "insensitive"}
made: types.TagCreateWithoutRelationsInput = {"name": "x"}
db.tag.create(made)
keys: list[types.UserRelationalFieldKeys] = ["reviewz"]  # error


async def named(tags: actions.TagActions[models.Tag], manager: client_module.TransactionManager) -> None:
    reveal_type(await tags.find_first())  # Tag | None
    async with manager as tx:
        reveal_type(tx)  # AsyncClient
    try:
        with reset_client():
            async_run(tags.count())
    except EngineConnectionError:
        pass


reveal_type(CHANGELOG)  # str
db.user.find_unique({"emial": "x"})  # error
db.user.find_unique({"displayName": "x"})  # error
db.user.find_unique({"id": 1})  # error
db.user.find_many(where={"email": 1})  # error
db.user.find_many(where={"email": {"gtt": "x"}})  # error
db.user.find_many(order={"email": "up"})  # error
db.tag.create({})  # error
db.tag.create({"name": None})  # error
db.tag.create({"name": "x", "colour": "red"})  # error
db.userprofile.update({"preferences": {"a": 1}}, {"userId": "x"})  # error
db.user.update({"role": "ADMIRAL"}, {"id": "x"})  # error
db.category.find_unique({"parentId_name": {"parentId": 1}})  # error


# Relations, what is read of them, and what is asked of them.
deep = db.user.find_unique({"id": "x"}, include={"reviews": {"take": 3, "include": {"product": True}}})
reveal_type(deep)  # User | None
db.user.find_many(where={"reviews": {"some": {"rating": {"gt": 3}}}}, order={"reviews": {"_count": "desc"}})
db.review.find_many(where={"product": {"is": {"sku": "x"}}}, distinct=["rating"], cursor={"id": 1}, take=-3)
db.user.find_many(include={"_count": {"reviews": {"where": {"rating": 5}}}}, omit=["email"])
db.user.find_many(include={"reviewz": True})  # error
db.user.find_many(include={"reviews": {"wher": {}}})  # error
db.user.find_many(include={"reviews": {"where": {"ratng": 1}}})  # error
db.user.find_many(where={"reviews": {"some": {"ratng": 1}}})  # error
db.user.find_many(where={"reviews": {"is": {}}})  # error
db.user.find_many(order={"reviews": {"_count": "up"}})  # error
db.user.find_many(distinct=["emial"])  # error
db.user.find_many(omit=["emial"])  # error
db.user.find_many(cursor={"displayName": "x"})  # error

# Writes: nested, atomic, many, and collected.
db.product.update({"reviews": {"create": [], "delete": [{"id": 1}]}}, {"sku": "x"})
db.product.update({"category": {"connect": {"id": 1}}}, {"sku": "x"})
db.review.update({"rating": {"increment": 1}}, {"id": 1})
db.product.upsert({"sku": "x"}, {"create": {"sku": "x", "name": "y"}, "update": {"name": "z"}})
reveal_type(db.review.update_many({"rating": 1}, {"rating": {"lt": 0}}))  # int
reveal_type(db.review.delete_many())  # int
db.review.update({"rating": {"add": 1}}, {"id": 1})  # error
db.review.update({"rating": {"increment": "1"}}, {"id": 1})  # error
db.product.update({"reviews": {"creat": []}}, {"sku": "x"})  # error
db.product.update({"category": {"connect": {"name": "x"}}}, {"sku": "x"})  # error
db.product.upsert({"sku": "x"}, {"create": {"sku": "x", "name": "y"}})  # error
db.review.update_many({"product": {"connect": {"id": 1}}}, {})  # error
with db.batch_() as batch:
    reveal_type(batch.tag.create({"name": "x"}))  # None
    batch.tag.create({"nam": "x"})  # error

# Numbers.
reveal_type(db.review.count_fields({"_all": True, "rating": True}))  # dict[str, int]
groups = db.review.group_by(["rating"], avg={"rating": True}, having={"rating": {"_avg": {"gt": 2}}})
reveal_type(groups[0]["_avg"]["rating"])  # float | None
reveal_type(groups[0]["rating"])  # int
db.review.group_by(["rating"], order={"rating": "asc"})
db.review.group_by(["rating"], order={"_sum": {"rating": "desc"}, "rating": "asc"}, count=True)
db.review.group_by(["rating"], order={"_count": {"_all": "desc"}}, count={"_all": True, "rating": True})
db.review.group_by(["rating"], order={"ratng": "asc"})  # error
db.review.group_by(["rating"], order={"_sum": {"ratng": "asc"}})  # error
db.review.group_by(["rating"], order={"rating": "up"})  # error
db.review.group_by(["ratng"])  # error
db.review.group_by(["rating"], sum={"body": True})  # error
db.review.group_by(["rating"], having={"rating": {"_avg": {"gt": "x"}}})  # error


# Rows as classes of one's own.
class Name(BaseModel):
    displayName: str


class Own(bases.BaseUser):
    email: str


reveal_type(db.user.selecting(Name).find_many())  # list[Name]
reveal_type(db.user.selecting(Name).find_unique_or_raise({"id": "x"}).displayName)  # str
reveal_type(db.query_raw("SELECT 1", model=Name))  # list[Name]
reveal_type(db.query_first("SELECT 1"))  # dict[str, Any] | Any
print(db.query_first("SELECT count(*) AS total FROM x")["total"])
reveal_type([row for row in db.user.iterate(order={"id": "asc"})])  # list[User]


async def own() -> None:
    reveal_type(await models.User.prisma().find_first())  # User | None
    reveal_type(await Own.prisma().find_many(where={"email": "x"}))  # list[Own]
    reveal_type(get_client())  # AsyncClient
    await Own.prisma().find_many(where={"emial": "x"})  # error


# Partial types.
def shown(user: partials.UserPublic, deep: partials.UserWithReviews, review: partials.ReviewOfUser) -> None:
    reveal_type(user.displayName)  # str
    reveal_type(deep.role)  # UserRole
    reveal_type(deep.reviews)  # list[reviews] | None
    reveal_type(deep.reviews[0].rating if deep.reviews else None)  # int | None
    reveal_type(review.author.email)  # str
    reveal_type(db.user.selecting(partials.UserPublic).find_many())  # list[UserPublic]
    reveal_type(db.query_raw("SELECT 1", model=partials.UserNoRelations))  # list[UserNoRelations]
    partials.UserPublic(displayName="x", email="y")
    partials.UserPublic(email="y")  # error
    print(user.id)  # error
    print(partials.UserBare)  # error


async def partly() -> None:
    reveal_type(await partials.UserPublic.prisma().find_first(where={"id": "x"}))  # UserPublic | None
    await partials.UserPublic.prisma().find_first(where={"emial": "x"})  # error


# Replicas.
reveal_type(Client(replicas=["x", {"url": "y"}]).primary)  # Client
reveal_type(AsyncClient().primary)  # AsyncClient
Client(replicas=[1])  # error


Client(tracing=TracerProvider())
Client(tracing="x")  # error


# Notifications.
with db.listen("x") as notifications:
    reveal_type([each.payload for each in notifications(timeout=1)])  # list[str]
db.notify("x", 1)  # error


# Bodies of requests and responses.
def handled(new: bodies.TagCreate, changed: bodies.TagUpdate, row: models.Tag) -> bodies.TagJson:
    reveal_type(db.tag.create(new.model_dump()))  # Tag
    db.tag.update(data=changed.model_dump(), where={"id": 1})
    db.user.create(new.model_dump())  # error
    reveal_type(new.name)  # str
    reveal_type(changed.name)  # str | None
    reveal_type(bodies.ProductPriceJson.model_validate(row).amount)  # Decimal
    return bodies.TagJson.model_validate(row)


# SQLAlchemy's models.
def mapped(session: Session, user: tables.User) -> None:
    reveal_type(user.role)  # UserRole
    reveal_type(user.reviews[0].product.sku)  # str
    reveal_type(session.scalars(select(tables.User).where(tables.User.email == "x")).one())  # User
    reveal_type(session.execute(select(tables.ProductPrice.amount)).scalar_one())  # Decimal
    print(user.emial)  # error
    print(user.reviews[0].product.skus)  # error
    user.role = "x"  # error


def sql(text: str) -> None:
    db.execute_raw("DELETE FROM x WHERE y = $1", text)
'''


class Finding(NamedTuple):
    """What a checker says of a place in ``target``, a package or a file."""

    target: str
    line: int
    column: int
    kind: str
    message: str


#: Modules of a package: what is public says its type, or is wanting, or names what isn't there. Of the last,
#: pyright tells those who check the package, and not those who verify its types.
_DECLARED_HEAD = """\
from __future__ import annotations
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict
from . import types as _types
from .enums import UserRole as _Role
"""
_DECLARED = {
    "said_literal": "VERSION = '1'",
    "said_alias": "Mine = _types.UserWhereInput",
    "said_text": "Mine: TypeAlias = 'list[_types.UserWhereInput | None]'",
    "said_dict": "Mine = TypedDict('Mine', {'in': 'list[_Role]', 'to': 'Mine | None'}, total=False)",
    "said_enum": "class Mine(Enum): A = 1; B = 'b'",
    "said_private": "def _mine(a, b): return a\nclass Mine:\n    def _own(self, a): return a",
    "said_unseen": "if not TYPE_CHECKING:\n    def mine(a): return a",
    "said_method": "class Mine:\n    def __init__(self): pass\n    def a(self, *b: Any) -> None: pass",
    "said_literals": "mine: Literal['a', 'b c'] = 'a'",
    "wanting_parameter": "def mine(a) -> None: pass",
    "wanting_more_parameters": "def mine(*a, b: int = 1) -> None: pass",
    "wanting_return": "async def mine(a: int): return await _types.x",
    "wanting_method": "class Mine: mine: int; own = lambda self, a: a",
    "wanting_value": "mine = [1, 2]",
    "wanting_call": "mine = dict(a=1)",
    "wanting_base_attribute": "class _Mine: mine = [1]\nclass Mine(_Mine): pass",
    "wanting_attribute": "class Mine: mine = [1]; other: int",
    "wanting_name": "mine: list[Missing] = []",
    "wanting_text": "Mine: TypeAlias = 'list[Missing]'",
    "missing_inside": "mine: _types.Missing",
    "wanting_arguments": "mine: list = []",
    "wanting_more_arguments": "def mine(a: dict[str, list]) -> None: pass",
    "missing_item": "Mine = TypedDict('Mine', {'in': 'list[Missing]'})",
    "wanting_key": "class Mine(TypedDict): a: Missing",
    "wanting_base": "class Mine(_types.Missing): a: int",
    "missing_import": "from .nowhere import Missing as Missing",
    "missing_other_import": "from .enums import Missing as Missing",
    "missing_hidden": "class Mine: list: int = 1; a: list[str] = []",
}


@pytest.fixture(scope="module")
def checked(
    make_request: Callable[..., GenerationRequest],
    write_client: Callable[[GenerationRequest, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Three clients and what uses them: side by side, because a start of a checker takes seconds."""
    awkward = make_request(
        _AWKWARD, partial_types=_AWKWARD_PARTIALS, names=PackageNames(python_import=_AWKWARD_CLIENT)
    )
    folder = write_client(awkward, tmp_path_factory.mktemp("checked"))
    sample = make_request(_SAMPLE.read_text("utf-8"), partial_types=_PARTIALS, changelog="# 2.0.0\n")
    write_client(sample, folder)
    write_client(make_request(mistakes.SCHEMA, names=PackageNames(python_import=mistakes.PACKAGE)), folder)
    (folder / "mistaken.py").write_text(mistakes.consumer())
    (folder / "consumer.py").write_text(_CONSUMER.lstrip())
    (folder / "partial_types.py").write_text(_PARTIALS.lstrip())
    return folder


@pytest.fixture(scope="module")
def by_mypy(checked: Path) -> list[Finding]:
    """What mypy finds."""
    options = ("--strict", "--show-column-numbers", "--no-error-summary", "--config-file=")
    done = _ran(checked, "mypy", *options, "--cache-dir", os.devnull, *_TARGETS)
    lines = [re.match(r"(.*?):(\d+):(\d+): (error): (.*)", line) for line in done.stdout.splitlines()]
    return [Finding(_target(line[1]), int(line[2]), int(line[3]), line[4], line[5]) for line in lines if line]


@pytest.fixture(scope="module")
def by_pyright(checked: Path) -> list[Finding]:
    """What pyright finds. Of what is the same in both packages it checks one."""
    shared = [checked / package / "_runtime" for package in _PACKAGES.values()]
    assert _sources(shared[0]) == _sources(shared[1])
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": _TARGETS}
    settings["exclude"] = [str(shared[0].relative_to(checked))]
    (checked / "pyrightconfig.json").write_text(json.dumps(settings))
    done = _ran(checked, "basedpyright", "--pythonpath", sys.executable, "--outputjson")
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] > len(_TARGETS)
    return [
        Finding(
            _target(Path(item["file"]).relative_to(checked.resolve())),
            item["range"]["start"]["line"] + 1,
            item["range"]["start"]["character"] + 1,
            item["severity"],
            item["message"],
        )
        for item in report["generalDiagnostics"]
    ]


@pytest.mark.parametrize("which", ["sample", "awkward"])
def test_generated_code_is_strict_clean(
    which: str, by_mypy: list[Finding], by_pyright: list[Finding]
) -> None:
    package = _PACKAGES[which]
    assert [found for found in by_mypy if found.target == package] == []
    assert [found for found in by_pyright if found.target == package] == []


@pytest.mark.parametrize("which", ["sample", "awkward"])
def test_generated_code_is_lint_clean_and_formatted(which: str, checked: Path) -> None:
    package = _PACKAGES[which]
    # UP013 asks for class syntax where a key would hide a type that the class needs.
    rules = ["--select", "E4,E7,E9,F,I,B,UP,C4,PIE,RET", "--ignore", "UP013", "--line-length", "110"]
    assert _ran(checked, "ruff", "check", "--isolated", *rules, package).returncode == 0
    formatted = _ran(checked, "ruff", "format", "--isolated", "--check", "--line-length", "110", package)
    assert formatted.returncode == 0, formatted.stdout


def test_mypy_refuses_what_is_wrong_and_nothing_else(by_mypy: list[Finding]) -> None:
    assert {found.line for found in by_mypy if found.target == "consumer.py"} == _marked()
    assert [found for found in by_mypy if found.target == "partial_types.py"] == []


def test_pyright_refuses_what_is_wrong_and_reveals_the_rest(by_pyright: list[Finding]) -> None:
    found = [each for each in by_pyright if each.target == "consumer.py"]
    assert {each.line for each in found if each.kind == "error"} == _marked()
    revealed = {each.line: _type(each.message) for each in found if each.kind == "information"}
    assert revealed == {
        number: line.rpartition("# ")[2]
        for number, line in enumerate(_CONSUMER.lstrip().split("\n"), start=1)
        if "reveal_type(" in line
    }


def test_mypy_names_each_mistake_in_its_first_line_at_its_place(by_mypy: list[Finding]) -> None:
    wrong = [
        (mistake.call, found)
        for mistake, found in _of_mistakes(by_mypy)
        if not found
        or found.column != mistakes.column_of(mistake.call, "^")
        or mistake.word not in found.message
    ]
    assert wrong == []


def test_pyright_names_each_mistake_at_its_place(by_pyright: list[Finding]) -> None:
    wrong = [
        (mistake.call, found)
        for mistake, found in _of_mistakes(by_pyright)
        if not found
        or found.column != mistakes.column_of(mistake.call, "|")
        or (mistake.by_pyright or mistake.word) not in found.message
    ]
    assert wrong == []


@pytest.mark.soak
@pytest.mark.parametrize("package", _PACKAGES.values())
def test_every_type_is_known_and_written_down(package: str, checked: Path) -> None:
    """What pyright itself asks of a package with ``py.typed``: nothing is inferred, nothing unknown.

    A release's own check refuses what lacks some of it, too.
    """
    wanting = {} if package == _AWKWARD_CLIENT else _DECLARED
    files = {checked / package / f"{name}.py": text for name, text in wanting.items()}
    for file, text in files.items():
        file.write_text(f"{_DECLARED_HEAD}{text}\n")
    (checked / "pyrightconfig.json").write_text(json.dumps({"pythonVersion": "3.11"}))
    arguments = ["--verifytypes", package, "--ignoreexternal", "--outputjson"]
    # It looks for the package and what that needs as if they were installed for the first Python it finds.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = _ran(checked, "basedpyright", *arguments, PATH=path, PYTHONPATH=str(checked))
    for file in files:
        file.unlink()
    report: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    found = {symbol["name"].split(".")[1] for symbol in report["symbols"] if not symbol["isTypeKnown"]}
    assert found == {name for name in wanting if name.startswith("wanting")}
    assert report["completenessScore"] > 0.9


@pytest.mark.parametrize("package", _PACKAGES.values())
def test_a_releases_own_check_finds_every_type_written_down(package: str, checked: Path) -> None:
    assert [*undeclared(_modules(checked, package))] == []


def test_a_releases_own_check_refuses_what_pyright_refuses(checked: Path) -> None:
    modules = _modules(checked, "schema_client")
    for name, text in _DECLARED.items():
        modules[f"schema_client/{name}.py"] = f"{_DECLARED_HEAD}{text}\n".encode()
    found = {Path(each.file).stem: each for each in undeclared(modules)}
    assert found.keys() == {name for name in _DECLARED if not name.startswith("said")}, found
    assert {each.line for each in found.values()} == {_DECLARED_HEAD.count("\n") + 1}


def _modules(folder: Path, package: str) -> dict[str, bytes]:
    files = (folder / package).rglob("*.py")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def _of_mistakes(findings: list[Finding]) -> list[tuple[mistakes.Mistake, Finding | None]]:
    """Each mistake, and what is found of its line first."""
    first: dict[int, Finding] = {}
    for found in findings:
        if found.target == "mistaken.py" and found.kind == "error":
            first.setdefault(found.line, found)
    return [
        (mistake, first.get(mistakes.line_of(number))) for number, mistake in enumerate(mistakes.MISTAKES)
    ]


def _marked() -> set[int]:
    lines = _CONSUMER.lstrip().split("\n")
    return {number for number, line in enumerate(lines, start=1) if line.endswith("# error")}


def _type(message: str) -> str:
    match = re.search(r'is "(.*)"$', message)
    assert match, message
    return match[1]


def _sources(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.py")}


def _target(path: str | Path) -> str:
    return Path(path).parts[0]


def _ran(folder: Path, tool: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / tool), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
        env={**os.environ, **variables},
    )
