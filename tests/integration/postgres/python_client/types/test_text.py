"""Text and names of every kind in a schema: the package compiles, says what was written, and works."""

from __future__ import annotations

import ast
import builtins
import inspect
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest

_PWN = "import builtins; builtins.pwned = True"
_TEXTS = [
    f'"""\n{_PWN}\n"""',
    f'"""; {_PWN} #',
    'ends in a quote "',
    'ends in two ""',
    "ends in a backslash \\",
    "\\N{BULLET} \\x41 \\u0041 \\",
    f"{{{{ {_PWN} }}}} {{% if x %}} {{# x #}} ${{x}}",
    "right \u202e to \u2066 left \u200f\u061c",
    "line\u2028paragraph\u2029next\x85form\x0cfeed\x0b",
    "null \x00 escape \x1b[31m bell \x07 tag \U000e0041 bom \ufeff",
    "'''",
    "*/ <script> `x`",
    "# comment",
    "%s %(x)s {0}",
]
SCHEMA = """
/// ENUM
enum Kind {
  /// VALUE
  None
  title
  mro
  name  @map("its \\\\ #{{x}}")
  True

  @@map("kind %s {{x}} $1")
}

/// MODEL
model Order {
  /// FIELD
  id       Int      @id @default(autoincrement())
  /// FIELD
  class    String   @default("\\"\\"\\" {{ x }} ' \\\\ ${x} %s \\n") @map("class %s ' {{x}} $1")
  None     String?
  from     Int?
  self     Int?
  cls      Int?
  json     Json?
  schema   Int?
  model_id Int?
  model_config Int?
  str      String?
  int      Int?
  list     Int[]
  bytes    Bytes?
  float    Float?
  bool     Boolean?
  datetime DateTime?
  enums    Kind?
  filters  Kind[]
  Kind     Kind?
  Order    Int?
  print    Int?
  type     Int?
  property Int?
  field_A  Int?
  fieldA   Int?
  json_    Int?
  Json     Json?
  NotRequired Int?
  Decimal  Decimal?
  data     Int?

  @@unique([class, from], name: "lambda")
  @@map("order by %s {{x}} $1")
}

model Tx {
  id   Int  @id
  tx   Kind @default(None)
}

model Models {
  id   Int  @id
}

model Types {
  id   Int  @id
}
"""
#: Classes that are called like what the module's annotations need, or like a model.
PARTIALS = """
from schema_client.models import Models, Order, Tx

for name in ["Order", "str", "int", "list", "bytes", "float", "bool", "datetime", "enums", "Access", "type"]:
    Order.create_partial(name, optional={"type"})
Models.create_partial("Models")
Tx.create_partial("Tx", include=["tx"])
"""


@pytest.fixture(scope="module")
def hostile(make_request: Callable[..., GenerationRequest]) -> GenerationRequest:
    comment = "\n/// ".join(text for text in _TEXTS if "\n" not in text)
    schema = SCHEMA
    for word in ("ENUM", "VALUE", "MODEL", "FIELD"):
        schema = schema.replace(f"/// {word}", f"/// {comment}")
    return make_request(
        schema,
        schema_name=_TEXTS[1],
        description="\n".join(_TEXTS),
        author='"""\\ \u202e <a@b.example>',
        partial_types=PARTIALS,
    )


def test_nothing_written_becomes_code(hostile: GenerationRequest) -> None:
    for path, content in PythonClientTarget().generate(hostile).files.items():
        source = content.decode()
        unseen = {
            c for c in source if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        }
        assert unseen == set(), path
        if path.endswith(".py"):
            tree = ast.parse(source)
            compile(tree, path, "exec", dont_inherit=True)
            calls = [
                node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "pwned"
            ]
            imports = [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
            assert calls == []
            if "_runtime" not in path:
                assert set(imports) <= {"builtins", "datetime", "decimal"}


def test_documentation_says_what_was_written(
    hostile: GenerationRequest, make_request: Callable[..., GenerationRequest]
) -> None:
    """The same code as from a schema without a word of documentation: only docstrings differ."""
    plain = make_request(
        SCHEMA, schema_name=hostile.schema_name, description="plain", author=None, partial_types=PARTIALS
    )
    texts, bare = (PythonClientTarget().generate(request).files for request in (hostile, plain))
    assert list(texts) == list(bare)
    for path in texts:
        if path.endswith(".py") and not path.endswith("__init__.py"):
            assert _code(texts[path]) == _code(bare[path]), path
    models = ast.parse(texts["schema_client/models.py"])
    order = next(node for node in models.body if isinstance(node, ast.ClassDef) and node.name == "Order")
    documentation = ast.get_docstring(order) or ""
    assert 'ends in two ""' in documentation
    assert "right \\u202e to \\u2066 left" in documentation
    assert "ends in a backslash \\\n" in documentation


def test_it_works_under_any_name(client_of: Callable[[str], Any]) -> None:
    client = client_of(SCHEMA)
    module = client.module
    kinds = list(module.enums.Kind)
    assert [kind.value for kind in kinds] == ["None", "title", "mro", "name", "True"]
    with client.opened("sync") as db:
        row = db.order.create(
            {
                "from": 1,
                "None": "n",
                "json": module.Json({"a": 1}),
                "json_": 5,
                "field_A": 6,
                "fieldA": 7,
                "self": 2,
                "cls": 3,
                "list": [1],
                "str": "s",
                "enums": kinds[3],
                "filters": kinds,
                "Kind": kinds[0],
                "model_config": 4,
            }
        )
        assert row.class_ == '""" {{ x }} \' \\ ${x} %s \n'
        assert (row.from_, row.None_, row.list, row.enums, row.filters) == ((1, "n", [1], kinds[3], kinds))
        # Names that differ in case and underscores are two; a number settles what would become one.
        assert (row.json_2, row.json_, row.field_A, row.fieldA) == ({"a": 1}, 5, 6, 7)
        assert db.order.find_many(where={"json_": 5, "fieldA": 7, "field_A": {"not": 7}}) == [row]
        assert db.order.find_unique({"lambda": {"class": row.class_, "from": 1}}) == row
        assert db.order.find_many(
            where={"enums": {"in": [kinds[3]]}, "Kind": "None"}, order={"class": "asc"}
        ) == [row]
        assert type(row).model_validate(row.model_dump(by_alias=True)) == row
        assert type(row).model_validate_json(row.model_dump_json()) == row
        created = db.tx_.create({"id": 1})
        assert created.tx is kinds[0]
        assert db.models.count() == db.types.count() == 0
    with psycopg.connect(client.dsn) as connection:
        stored = connection.execute(b'SELECT enums::text FROM "order by %s {{x}} $1"').fetchone()
    assert stored == ("its \\ #{{x}}",)
    assert not hasattr(builtins, "pwned")


def test_bodies_and_tables_work_under_any_name(client_of: Callable[[str], Any]) -> None:
    client = client_of(SCHEMA)
    bodies, tables, kinds = client.module.bodies, client.module.tables, list(client.module.enums.Kind)
    given = {"from": 1, "None": "n", "json": {"a": 1}, "self": 2, "list": [1], "filters": ["None", "name"]}
    tables.Base.registry.configure()
    engine = sa.create_engine(
        "postgresql+psycopg://", connect_args=dict(psycopg.conninfo.conninfo_to_dict(client.dsn))
    )
    with client.opened("sync") as db, Session(engine) as session:
        row = db.order.create(bodies.OrderCreate.model_validate(given).model_dump())
        shown = bodies.OrderJson.model_validate(row).model_dump(mode="json", by_alias=True)
        assert {**shown, **given} == shown
        mapped = session.scalars(sa.select(tables.Order)).one()
        assert (mapped.from_, mapped.None_, mapped.json_2, mapped.list) == (1, "n", {"a": 1}, [1])
        assert mapped.class_ == row.class_
        session.add(tables.Order(from_=2, enums=kinds[3], filters=kinds, Kind=kinds[0]))
        session.commit()
        added = db.order.find_first(where={"from": 2})
        assert (added.class_, added.enums, added.filters, added.Kind) == (
            (row.class_, kinds[3], kinds, kinds[0])
        )
    engine.dispose()


def test_partial_types_work_under_any_name(client_of: Callable[..., Any]) -> None:
    client = client_of(SCHEMA, partial_types=PARTIALS)
    partials = client.module.partials
    with client.opened("sync") as db:
        row = db.order.create({"from": 1, "None": "n", "list": [1], "str": "s", "self": 2, "model_config": 4})
        for name in ("Order", "str", "list", "Access"):
            found = db.order.selecting(getattr(partials, name)).find_first()
            assert type(found).__name__ == name
            assert found.model_dump() == row.model_dump()
    assert partials.Tx(tx="None").tx is client.module.enums.Kind("None")


def test_a_schema_with_nothing_in_it(import_client: Callable[..., tuple[ModuleType, Path]]) -> None:
    module, _ = import_client("enum Kind {\n  A\n}\n")
    assert module.models.__all__ == module.bodies.__all__ == module.partials.__all__ == []
    assert module.tables.__all__ == ["Base"]
    assert not module.Client("postgresql://x").is_connected()
    assert inspect.getdoc(module)


def _code(source: bytes) -> str:
    """The syntax tree without docstrings and other strings that stand alone."""

    class Strip(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
            return None if isinstance(node.value, ast.Constant) else node

    return ast.dump(Strip().visit(ast.parse(source)))
