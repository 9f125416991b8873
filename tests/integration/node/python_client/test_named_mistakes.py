"""What type checkers print of the usual mistakes: each is named in the first line, at its place."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from generators.target import GenerationRequest

_SCHEMA = """
enum Role {
  READER
  EDITOR
}

model User {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  name    String?
  role    Role     @default(READER)
  joined  DateTime @default(now())
  data    Json?
  words   String[]
  posts   Post[]
  profile Profile?
}

model Profile {
  id     Int    @id @default(autoincrement())
  bio    String
  userId Int    @unique
  user   User   @relation(fields: [userId], references: [id])
}

model Post {
  id       Int     @id @default(autoincrement())
  title    String
  views    Int     @default(0)
  price    Decimal @default(0)
  authorId Int?
  author   User?   @relation(fields: [authorId], references: [id])

  @@unique([authorId, title])
}
"""
_OPENING = """\
from schema_client import AsyncClient, Client, models


async def main(db: Client, adb: AsyncClient, tx: Client, user: models.User) -> None:
    batch = db.batch_()
"""


class Mistake(NamedTuple):
    """A call: pyright's column is at ``|``, and so is mypy's, unless that is at ``^``.

    mypy's first line has the word, and so has what pyright prints, unless that names another one.
    """

    call: str
    word: str
    by_pyright: str | None = None


MISTAKES = [
    # A wrong key, in each argument.
    Mistake('db.user.find_many(where=^{|"emial": "a"})', '"emial"'),
    Mistake('db.user.find_first(1, ^{|"emial": "a"})', '"emial"'),
    Mistake('await adb.user.find_many(where=^{|"emial": "a"})', '"emial"'),
    Mistake('tx.user.find_first_or_raise(where=^{|"emial": "a"})', '"emial"'),
    Mistake('await models.User.prisma().find_many(where=^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.find_many(where={"OR": [{"email": "a"}, ^{|"emial": "b"}]})', '"emial"'),
    Mistake('db.user.find_many(where={"posts": {"some": ^{|"titel": "x"}}})', '"titel"'),
    Mistake('db.user.find_many(where={"posts": ^{|"any": {"title": "x"}}})', '"any"'),
    Mistake('db.user.find_many(where={"posts": ^{|"title": "x"}})', '"title"'),
    Mistake('db.user.count(where=^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.delete_many(^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.update_many({"name": "x"}, ^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.find_many(order=^{|"emial": "asc"})', '"emial"'),
    Mistake('db.user.find_many(include=^{|"psots": True})', '"psots"'),
    Mistake('db.user.find_unique({"id": 1}, include=^{|"email": True})', '"email"'),
    Mistake('await adb.user.find_many(distinct=[|"emial"])', "'emial'"),
    Mistake('db.user.find_many(omit=[|"emial"])', "'emial'"),
    Mistake('db.user.find_many(cursor=^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.find_unique(^{|"emial": "x"})', '"emial"'),
    Mistake('db.user.find_unique(where=^{|"name": "x"})', '"name"'),
    Mistake(
        'db.post.find_unique({"authorId_title": ^{"authorId": 1, "title": "x", |"titel": "x"}})', '"titel"'
    ),
    Mistake('db.user.delete(^{|"emial": "x"})', '"emial"'),
    Mistake('db.post.group_by([|"titel"])', "'titel'"),
    Mistake('db.post.group_by(["title"], sum={|"title": True})', "'title'"),
    Mistake('db.post.group_by(["title"], order={|"titel": "asc"})', "'titel'"),
    Mistake('db.post.aggregate(avg={|"titel": True})', "'titel'"),
    # A wrong value, operator, label or direction.
    Mistake('db.user.find_many(where={"email": |1})', '"email"', "[1]"),
    Mistake('db.user.find_many(where={"email": |{"startwith": "a"}})', '"email"', "StringFilter"),
    Mistake('db.post.find_many(where={"views": |{"gt": "5"}})', '"views"', "IntFilter"),
    Mistake('db.user.find_many(where={"role": |"EDITER"})', '"role"', "EDITER"),
    Mistake('db.user.find_many(order={"email": |"up"})', "'up'"),
    Mistake('db.user.find_many(take=|"5")', '"take"'),
    Mistake('db.user.find_unique({"id": |"x"})', '"id"', "'x'"),
    Mistake('db.user.find_many(include={"posts": |{"tkae": 5}})', '"posts"', "FindManyPostArgs"),
    # Data.
    Mistake('db.user.create(|{"name": "x"})', '"email"'),
    Mistake('db.user.create(^{"email": "x", |"nmae": "x"})', '"nmae"'),
    Mistake('db.user.create({"email": |None})', '"email"', "None"),
    Mistake('db.user.create({"email": "x", "role": |"EDITER"})', '"role"', "EDITER"),
    Mistake('db.user.create({"email": "x", "data": |{"a": 1}})', '"data"', '"Json'),
    Mistake('await adb.user.create_many([{"email": "x"}, ^{"email": "x", |"nmae": "x"}])', '"nmae"'),
    Mistake('db.user.update(^{|"emial": "x"}, {"id": 1})', '"emial"'),
    Mistake('db.user.update(data={"email": "x"}, where=^{|"emial": "x"})', '"emial"'),
    Mistake('db.post.update({"views": |{"add": 1}}, {"id": 1})', '"views"', "NumberUpdate"),
    Mistake('db.user.upsert({"id": 1}, |{"create": {"email": "x"}})', '"update"'),
    Mistake('batch.user.create(^{"email": "x", |"nmae": "x"})', '"nmae"'),
    # What is nested in data.
    Mistake('db.user.create({"email": "x", "posts": ^{|"craete": [{"title": "x"}]}})', '"craete"'),
    Mistake('db.user.create({"email": "x", "posts": {"create": [^{"title": "x", |"veiws": 1}]}})', '"veiws"'),
    Mistake('db.user.create({"email": "x", "posts": {"connect": [^{|"title": "x"}]}})', '"title"'),
    Mistake('db.user.create({"email": "x", "profile": {"create": ^{"bio": "x", |"boi": "x"}}})', '"boi"'),
    Mistake('db.post.create({"title": "x", "author": {"connect": ^{|"emial": "x"}}})', '"emial"'),
    Mistake('db.user.update({"posts": ^{|"disconect": [{"id": 1}]}}, {"id": 1})', '"disconect"'),
    Mistake('db.user.upsert({"id": 1}, {"create": {"email": "x"}, "update": ^{|"emial": "x"}})', '"emial"'),
    # asyncio and blocking, and what isn't there.
    Mistake("print(^adb.user.find_first().|email)", "Coroutine"),
    Mistake("print(^db.user.find_first().|email)", '"None"'),
    Mistake("^await |db.user.find_many()", "await"),
    Mistake("print([each for each in |adb.user.find_many()])", "Coroutine"),
    Mistake("print(^user.|emial)", '"emial"'),
    Mistake("^db.|usr.find_many()", '"usr"'),
    Mistake("^db.user.find_many(|limit=5)", '"limit"'),
]


class Printed(NamedTuple):
    """The first error that a checker prints of a line: where, its first line, all its lines."""

    column: int
    first: str
    whole: str


@pytest.fixture(scope="module")
def consumer(
    make_request: Callable[..., GenerationRequest],
    write_client: Callable[[GenerationRequest, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A file with all of them, a line each, beside the client."""
    folder = write_client(make_request(_SCHEMA), tmp_path_factory.mktemp("mistaken"))
    lines = [f"    {re.sub('[|^]', '', mistake.call)}\n" for mistake in MISTAKES]
    (folder / "consumer.py").write_text(_OPENING + "".join(lines))
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard", "include": ["consumer.py"]}')
    return folder / "consumer.py"


def test_mypy_names_each_mistake_at_its_place(consumer: Path) -> None:
    options = ["--strict", "--show-column-numbers", "--no-error-summary", "--config-file="]
    printed = _printed(consumer, r"consumer\.py:(\d+):(\d+): error: (.*)", "mypy", *options, "consumer.py")
    wrong = [
        (mistake.call, found)
        for mistake, found in zip(MISTAKES, printed, strict=True)
        if not found or found.column != _column(mistake.call, "^") or mistake.word not in found.first
    ]
    assert wrong == []


def test_pyright_names_each_mistake_at_its_place(consumer: Path) -> None:
    options = ["--pythonpath", sys.executable]
    printed = _printed(consumer, r".*consumer\.py:(\d+):(\d+) - error: (.*)", "basedpyright", *options)
    wrong = [
        (mistake.call, found)
        for mistake, found in zip(MISTAKES, printed, strict=True)
        if not found
        or found.column != _column(mistake.call, "|")
        or (mistake.by_pyright or mistake.word) not in found.whole
    ]
    assert wrong == []


def _column(call: str, mark: str) -> int:
    """The column of a mark (or of ``|``, if it isn't there), once the marks are gone."""
    before = call.partition(mark if mark in call else "|")[0]
    return 5 + len(re.sub("[|^]", "", before))


def _printed(consumer: Path, pattern: str, tool: str, *arguments: str) -> list[Printed | None]:
    """For each mistake what the tool prints first of its line; what belongs to it is indented, or follows."""
    command = [str(Path(sys.executable).parent / tool), *arguments]
    done = subprocess.run(
        command, cwd=consumer.parent, capture_output=True, text=True, timeout=280, check=False
    )
    found: dict[int, Printed] = {}
    line = 0
    for text in done.stdout.splitlines():
        if match := re.match(pattern, text):
            line, column = int(match[1]), int(match[2])
            is_first = line not in found
            found.setdefault(line, Printed(column, match[3], match[3]))
            line = line if is_first else 0
        elif line and text[:1].isspace():
            found[line] = found[line]._replace(whole=f"{found[line].whole}\n{text.strip()}")
    opening = _OPENING.count("\n")
    return [found.get(number) for number in range(opening + 1, opening + 1 + len(MISTAKES))]
