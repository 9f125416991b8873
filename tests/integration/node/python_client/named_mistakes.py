"""The usual mistakes, and what type checkers say of each; ``test_checkers`` asks them."""

from __future__ import annotations

import re
from typing import NamedTuple

#: The package that they use.
PACKAGE = "mistaken_client"
SCHEMA = """
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
  cost     Decimal @default(0) @db.Money
  oid      Int     @default(0) @db.Oid
  authorId Int?
  author   User?   @relation(fields: [authorId], references: [id])

  @@unique([authorId, title])
}
"""
_OPENING = """\
# pyright: standard
from mistaken_client import AsyncClient, Client, models


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
    Mistake('db.post.update({"cost": |{"multiply": 2}}, {"id": 1})', '"cost"', "AmountUpdate"),
    Mistake('db.post.update({"oid": |{"increment": 2}}, {"id": 1})', '"oid"', "ValueUpdate"),
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


def consumer() -> str:
    """A file with all of them, a line each."""
    lines = [f"    {re.sub('[|^]', '', mistake.call)}\n" for mistake in MISTAKES]
    return _OPENING + "".join(lines)


def line_of(number: int) -> int:
    """Where the mistake of that number is in the file, from 1."""
    return _OPENING.count("\n") + 1 + number


def column_of(call: str, mark: str) -> int:
    """The column of a mark (or of ``|``, if it isn't there), once the marks are gone."""
    before = call.partition(mark if mark in call else "|")[0]
    return 5 + len(re.sub("[|^]", "", before))
