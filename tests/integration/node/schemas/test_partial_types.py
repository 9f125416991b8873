"""``partial_types.py`` as people write it is understood; nothing in it is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import Problem
from schemas.model import PartialField, PartialType, Schema
from schemas.partial_types.checking import PartialTypes, read_partial_types
from schemas.prisma.bridge import PrismaBridge

_SCHEMA = """
datasource db {
  provider = "postgresql"
}

model User {
  id      Int                   @id
  name    String
  email   String?
  tags    String[]
  place   Unsupported("point")?
  posts   Post[]
}

model Post {
  id       Int    @id
  title    String
  class    String?
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
}
"""
_HEAD = "from prisma.models import Post, User\n"


@pytest.fixture(scope="module")
def schema(bridge: PrismaBridge) -> Schema:
    return bridge.parse(_SCHEMA)


def _read(schema: Schema, text: str) -> PartialTypes:
    return read_partial_types(text, schema, "partial_types.py")


def _types(schema: Schema, text: str) -> tuple[PartialType, ...]:
    found = _read(schema, text)
    assert found.problems == ()
    return found.types


def _problems(schema: Schema, text: str) -> tuple[Problem, ...]:
    return _read(schema, text).problems


def _shown(partial: PartialType) -> str:
    """``name!`` is required, ``name?`` optional; ``=X`` names the class of a relation's rows."""
    marks = {True: "!", False: "?"}
    fields = (
        f"{each.name}{marks[each.is_required]}{f'={each.partial}' if each.partial else ''}"
        for each in partial.fields
    )
    return f"{partial.name}({partial.model}): {' '.join(fields)}"


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ("", "id! name! email? tags! posts?"),
        ("include={'name'}", "name!"),
        ("include=['name', 'email']", "name! email?"),
        ("exclude=('posts', 'tags')", "id! name! email?"),
        ("required={'email', 'posts'}", "id! name! email! tags! posts!"),
        ("optional=['id', 'tags', 'email']", "id? name! email? tags? posts?"),
        ("exclude_relational_fields=True", "id! name! email? tags!"),
        ("exclude_relational_fields=False, relations=None, include=None", "id! name! email? tags! posts?"),
        ("exclude={'id'}, exclude_relational_fields=True", "name! email? tags!"),
        ("include={'posts', 'id'}, relations={'posts': 'PostTitle'}", "id! posts?=PostTitle"),
        ("None, {'posts', 'tags'}, {'email'}, {'id'}", "id? name! email!"),
        ("set(['name'])", "name!"),
        ("{*BASE, 'tags'}", "id! name! tags!"),
        ("BASE | {'tags'}", "id! name! tags!"),
        ("list(BASE) + ['tags']", "id! name! tags!"),
        ("exclude=ALL - BASE", "id! name!"),
        ("relations={**LINKS}", "id! name! email? tags! posts?=PostTitle"),
        ("relations=LINKS | {'posts': TITLE}", "id! name! email? tags! posts?=PostTitle"),
    ],
)
def test_arguments(schema: Schema, arguments: str, fields: str) -> None:
    text = f"""{_HEAD}
BASE = {{"id", "name"}}
ALL: list[str] = ["id", "name", "email", "tags", "posts"]
LINKS = {{"posts": "PostTitle"}}
TITLE = Post.create_partial("PostTitle", include={{"title"}})
User.create_partial("X", {arguments})
"""
    title, made = _types(schema, text)
    assert _shown(title) == "PostTitle(Post): title!"
    assert _shown(made) == f"X(User): {fields}"


def test_a_file_of_every_kind_of_statement(schema: Schema) -> None:
    text = '''"""What the services show."""

from __future__ import annotations

import my_client.models
import prisma
from collections.abc import Iterable
from prisma import models
from prisma.models import Post as Article
from schema_client.models import User
from typing import Final

# Comments are anybody's.
NAMES: Final[Iterable[str]] = ["name"]
User.create_partial("A", include=NAMES)  # type: ignore
Article.create_partial(name="B", include={"title"})
prisma.models.Post.create_partial("C", include={"id"})
my_client.models.User.create_partial("D", include={"id"})
models.Post.create_partial("E", include={"class"})
for model in (User, Article):
    model.create_partial(f"{model.__name__}Bare", exclude_relational_fields=True)
for field in ["name", "email"]:
    User.create_partial(f"UserOnly_{field}", include=[field])
'''
    assert [_shown(each) for each in _types(schema, text)] == [
        "A(User): name!",
        "B(Post): title!",
        "C(Post): id!",
        "D(User): id!",
        "E(Post): class?",
        "UserBare(User): id! name! email? tags!",
        "PostBare(Post): id! title! class? authorId!",
        "UserOnly_name(User): name!",
        "UserOnly_email(User): email?",
    ]


def test_all_models_at_once(schema: Schema) -> None:
    text = "from prisma.models import *\nN = ['id']\nUser.create_partial('A', N)\nUsr.create_partial('B')\n"
    found = _read(schema, text)
    assert [_shown(each) for each in found.types] == ["A(User): id!"]
    assert [(each.code, each.line) for each in found.problems] == [("unknown-model", 4)]


def test_partial_types_may_refer_to_later_ones_and_to_each_other(schema: Schema) -> None:
    text = f"""{_HEAD}
User.create_partial("U", include={{"posts"}}, relations={{"posts": "P"}})
Post.create_partial("P", include={{"author"}}, relations={{"author": "U"}})
"""
    assert _types(schema, text)[1].fields == (PartialField(name="author", is_required=False, partial="U"),)


def test_required_relations_come_to_an_end(schema: Schema) -> None:
    text = f"""{_HEAD}
User.create_partial("U", required={{"posts"}}, relations={{"posts": "P"}})
Post.create_partial("P", required={{"author"}}, relations={{"author": "U"}})
Post.create_partial("Q", required={{"author"}}, relations={{"author": "U"}})
User.create_partial("V", required={{"posts"}})
"""
    found = _problems(schema, text)
    assert [(each.code, each.line, each.column) for each in found] == [
        ("endless-partial", 3, 21),
        ("endless-partial", 4, 21),
    ]


_SCHEMA_MISTAKES = [
    ("Usr.create_partial('X')", 1, "'Usr' is neither imported from models nor assigned above"),
    ("User.create_partial('X', include={'nmae'})", 35, "User has no field 'nmae'"),
    ("User.create_partial('X', exclude={'place'})", 35, "User has no field 'place'"),
    ("User.create_partial('X', required=['x'])", 36, "User has no field 'x'"),
    ("User.create_partial('X', optional=['x'])", 36, "User has no field 'x'"),
    ("User.create_partial('X', exclude={'id'}, required={'id'})", 52, "'X' leaves 'id' out"),
    ("User.create_partial('X', include={'id'}, optional={'name'})", 52, "'X' leaves 'name' out"),
    ("User.create_partial('X', required={'id'}, optional={'id'})", 36,
     "'id' can't be both required and optional"),
    ("User.create_partial('X', include={'id'}, exclude={'name'})", 21,
     "include and exclude can't both be given for 'X'"),
    ("User.create_partial('X', {'id'}, exclude_relational_fields=True)", 21,
     "include and exclude_relational_fields can't both be given for 'X'"),
    ("Post.create_partial('X', relations={'author': 'U'}, exclude_relational_fields=True)", 21,
     "relations and exclude_relational_fields can't both be given for 'X'"),
    ("Post.create_partial('X', relations={'title': 'U'})", 37, "Post has no relation 'title'"),
    ("Post.create_partial('X', relations={'author': 'V'})", 47, "there is no partial type 'V'"),
    ("User.create_partial('X', relations={'posts': 'U'})", 46, "'U' is of User, but 'posts' leads to Post"),
    ("Post.create_partial('X', exclude={'author'}, relations={'author': 'U'})", 57,
     "'X' leaves 'author' out"),
    ("User.create_partial('X', include=set())", 21, "'X' keeps no field of User"),
    ("User.create_partial('U')", 21, "the partial type 'U' is already declared in line 2"),
    ("User.create_partial('class')", 21, "'class' is a keyword in Python"),
    ("User.create_partial('a b')", 21, "'a b' is not a valid class name"),
    ("User.create_partial('_X')", 21, "'_X' is not a valid class name"),
    ("User.create_partial('Ü')", 21, "'Ü' is not a valid class name"),
    ("User.create_partial('')", 21, "'' is not a valid class name"),
    ("User.create_partial('X(object): import os #')", 21,
     "'X(object): import os #' is not a valid class name"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "column", "message"), _SCHEMA_MISTAKES)
def test_mistakes_about_the_schema(schema: Schema, line: str, column: int, message: str) -> None:
    text = f'{_HEAD}User.create_partial("U", include={{"id"}})\n{line}\n'
    found = _problems(schema, text)
    assert [each.message.removeprefix("this file is read and never run: ") for each in found] == [message]
    assert (found[0].file, found[0].line, found[0].column) == ("partial_types.py", 3, column)
    assert found[0].fix


def test_an_unknown_model(schema: Schema) -> None:
    (problem,) = _problems(schema, "from prisma.models import Usr\nUsr.create_partial('X')\n")
    assert (problem.code, problem.message) == ("unknown-model", "the schema has no model 'Usr'")
    assert (problem.line, problem.column, problem.fix) == (2, 1, "did you mean 'User'?")


_UNREADABLE = [
    ("import os; os.system('true')", 12),
    ("from os import system", 1),
    ("from prisma import Prisma, models, types", 1),
    ("from prisma import *", 1),
    ("def f(): pass", 1),
    ("class A: pass", 1),
    ("if True: pass", 1),
    ("while True: pass", 1),
    ("with open('x'): pass", 1),
    ("print('x')", 1),
    ("a = b = {'id'}", 1),
    ("A += ['id']", 1),
    ("User.create_partial()", 1),
    ("User.create_partial(None)", 1),
    ("User.create_partial('X', fields={'id'})", 26),
    ("User.create_partial('X', {'id'}, include={'id'})", 34),
    ("User.create_partial('X', **{'include': {'id'}})", 26),
    ("User.create_partial('X', None, None, None, None, None, False, 1)", 63),
    ("User.create_partial('X', include='id')", 34),
    ("User.create_partial('X', include={'id', 1})", 41),
    ("User.create_partial('X', include=[['id']])", 35),
    ("User.create_partial('X', include=[User])", 34),
    ("User.create_partial('X', include={f for f in ('id',)})", 34),
    ("User.create_partial('X', include=(lambda: ['id'])())", 34),
    ("User.create_partial('X', include=__import__('os').environ)", 34),
    ("User.create_partial('X', include=set(__import__('os').environ))", 38),
    ("User.create_partial('X', include=['id'] * 2)", 43),
    ("User.create_partial('X', exclude_relational_fields=1)", 52),
    ("User.create_partial('X', exclude_relational_fields='x')", 52),
    ("User.create_partial('X', relations=['posts'])", 36),
    ("User.create_partial('X', relations={'posts': User})", 46),
    ("User.create_partial('X', relations={1: 'x'})", 37),
    ("User.create_partial('X' + 'Y')", 21),
    ("User.create_partial(f'{1}')", 21),
    ("User.create_partial(f'{User.__name__!r}')", 21),
    ("User.create_partial(b'X')", 21),
    ("User.create_partial(User)", 21),
    ("User.create_partial(User.__module__)", 21),
    ("User.prisma('X')", 1),
    ("User('X')", 1),
    ("for a, b in (('x', 'y'),): pass", 1),
    ("for a in b: pass", 10),
    ("for a in ('x',): pass\nelse: pass", 1),
    ("User.create_partial('é', include={'ü', x})", 40),
]


@pytest.mark.parametrize(("line", "column"), _UNREADABLE)
def test_what_would_have_to_run_is_refused(schema: Schema, line: str, column: int) -> None:
    found = [
        each for each in _problems(schema, f"{_HEAD}{line}\n") if each.code == "partial-types-not-literal"
    ]
    assert [(problem.line, problem.column) for problem in found] == [(2, column)]
    assert found[0].message.startswith("this file is read and never run: ")
    # The same without a schema to compare with: it may be what is wrong.
    assert found == list(read_partial_types(f"{_HEAD}{line}\n", None, "partial_types.py").problems)


def test_all_problems_are_told_in_order(schema: Schema) -> None:
    text = (
        f"{_HEAD}User.create_partial('A', include={{'x', 'y'}})\nprint()\nPost.create_partial('A', {{'z'}})\n"
    )
    assert [problem.line for problem in _problems(schema, text)] == [2, 2, 3, 4, 4]


def test_a_relation_that_is_left_out_and_leads_nowhere_is_told_twice(schema: Schema) -> None:
    found = _problems(schema, f"{_HEAD}Post.create_partial('X', {{'id'}}, relations={{'author': 'Y'}})\n")
    assert [each.code for each in found] == ["unknown-field", "unknown-partial"]


def test_a_file_that_exports_what_it_makes(schema: Schema) -> None:
    """Some assign what ``create_partial`` gives, and list it; for Prisma Client Python that was None."""
    text = f"{_HEAD}X = User.create_partial('X', include=['id'])\n__all__ = ['X']\n"
    assert [each.name for each in _types(schema, text)] == ["X"]


def test_no_python(schema: Schema) -> None:
    (problem,) = _problems(schema, "# ü\nx = (\n")
    assert (problem.code, problem.line, problem.column) == ("partial-types-syntax", 2, 5)
    assert problem.message.startswith("invalid Python: ")


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 5_000,
        "x = " + "-" * 200_000 + "1",
        "x = " + "a" + ".b" * 100_000,
        "x = " + "+".join(["[]"] * 100_000),
        "x = ['a']\n" + "x = x + x\n" * 200 + "print()",
        "x = 'a'\n" + "x = f'{x}{x}'\n" * 40,
        "x = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']\n"
        + "".join(f"{' ' * depth}for a{depth} in x:\n" for depth in range(12))
        + " " * 12
        + "pass",
        "#" * 1_000_001,
    ],
)
def test_nothing_that_is_written_takes_the_machine_along(schema: Schema, text: str) -> None:
    assert _problems(schema, text)


def test_nothing_is_run(schema: Schema, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hostile = (
        f"open({str(mark)!r}, 'w')",
        f"x = [open({str(mark)!r}, 'w')]",
        f"x: open({str(mark)!r}, 'w') = ['id']",
        f"User.create_partial('X', include=[f'{{open({str(mark)!r}, chr(119))}}'])",
        f"@open({str(mark)!r}, 'w')\ndef f(): pass",
        f"from prisma.models import User as open\nopen({str(mark)!r}, 'w')",
    )
    for text in hostile:
        _problems(schema, _HEAD + text)
    assert not mark.exists()


def test_an_empty_file_declares_nothing(schema: Schema) -> None:
    for text in ("", "\n", '"""Nothing."""\n', "pass\n"):
        assert _read(schema, text) == PartialTypes()
