"""``partials``: the classes that partial_types.py declares, against a real database.

What has to hold is what Prisma Client Python's documentation and databases promise of partial types.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest

_SCHEMA = """
model User {
  id      String   @id @default(cuid())
  name    String
  email   String?
  photo   Bytes?
  tags    String[]
  from    Int      @default(1)
  posts   Post[]
  profile Profile?
}

model Profile {
  id      Int    @id @default(autoincrement())
  bio     String
  user    User   @relation(fields: [userId], references: [id])
  userId  String @unique
}

model Post {
  id        Int     @id @default(autoincrement())
  title     String
  published Boolean @default(false)
  author    User?   @relation(fields: [authorId], references: [id])
  authorId  String?
}
"""
_PARTIALS = """
from prisma.models import Post, Profile, User

Post.create_partial("PostOnlyPublished", include={"id", "published"})
Post.create_partial("PostWithAuthor", include={"id", "title", "author"})
User.create_partial("UserOnlyName", include={"name"})
Post.create_partial(
    "PostWithCustomAuthor",
    include={"id", "title", "author"},
    relations={"author": "UserOnlyName"},
)
User.create_partial("UserWithPosts", include={"name", "posts"}, relations={"posts": "PostWithCustomAuthor"})
User.create_partial("UserBare", exclude_relational_fields=True, required={"email"}, optional=["name"])
Profile.create_partial(
    "ProfileOfUser", include={"bio", "user"}, required={"user"}, relations={"user": "UserOnlyName"}
)
User.create_partial("str", include={"name", "profile"})
Post.create_partial("posts", include={"title"})
User.create_partial("Writer", include={"posts"}, required={"posts"}, relations={"posts": "posts"})
"""


@pytest.fixture(scope="module")
def client(client_of: Callable[..., Any]) -> Any:
    return client_of(_SCHEMA, partial_types=_PARTIALS)


@pytest.fixture(scope="module")
def partials(client: Any) -> Any:
    return importlib.import_module(f"{client.module.__name__}.partials")


def test_the_fields_are_those_that_were_asked_for(client: Any, partials: Any) -> None:
    assert client.module.partials is partials
    bare: type[BaseModel] = partials.UserBare
    assert list(bare.model_fields) == ["id", "name", "email", "photo", "tags", "from_"]
    assert [name for name, field in bare.model_fields.items() if field.is_required()] == [
        "id",
        "email",
        "tags",
        "from_",
    ]
    assert bare.model_fields["from_"].alias == "from"
    custom = partials.PostWithCustomAuthor
    custom.model_rebuild()
    related, none = get_args(custom.model_fields["author"].annotation)
    assert (related, none) == (partials.UserOnlyName, type(None))
    assert related.__module__ == partials.__name__
    # A class of the user's own that is called like a built-in type changes no annotation.
    assert partials.str.model_fields["name"].annotation is str


def test_a_partial_type_validates_like_any_model(partials: Any) -> None:
    made = partials.UserWithPosts(name="a", posts=[{"id": 1, "title": "t", "author": {"name": "a"}}])
    assert isinstance(made.posts[0].author, partials.UserOnlyName)
    assert partials.UserWithPosts.model_validate_json(made.model_dump_json()) == made
    assert partials.UserWithPosts(name="a").posts is None
    with pytest.raises(ValidationError, match="email"):
        partials.UserBare(id="a", tags=[], from_=1, email=None)
    whole = partials.UserBare.model_validate(
        {"id": "a", "tags": [], "from": 1, "email": "e", "photo": "Zm9v"}
    )
    assert whole.photo == b"foo"
    assert set(partials.UserBare.model_json_schema()["properties"]) == {
        "id",
        "name",
        "email",
        "photo",
        "tags",
        "from",
    }


def test_rows_of_the_model_are_shown_as_one(client: Any, partials: Any) -> None:
    """As FastAPI does for a response model that is not the class of what was returned."""
    row = client.module.models.User(
        id="a", name="Ann", email="e", photo=None, tags=["t"], from_=1, posts=None, profile=None
    )
    shown = TypeAdapter(partials.UserBare).validate_python(row, from_attributes=True)
    assert shown.model_dump(by_alias=True) == {
        "id": "a", "name": "Ann", "email": "e", "photo": None, "tags": ["t"], "from": 1,
    }  # fmt: skip


def test_scalar_fields(db: Any, partials: Any) -> None:
    reading = db.post.selecting(partials.PostOnlyPublished)
    post = reading.create({"title": "foo"})
    assert type(post) is partials.PostOnlyPublished
    assert post.published is False
    assert not hasattr(post, "title")
    assert reading.find_unique_or_raise({"id": post.id}) == post
    assert reading.find_many(where={"title": "foo"}) == [post]
    bare = db.user.selecting(partials.UserBare).create(
        {"name": "Ann", "email": "e", "from": 2, "photo": b"p"}
    )
    assert bare.model_dump(exclude={"id"}) == {
        "name": "Ann",
        "email": "e",
        "photo": b"p",
        "tags": [],
        "from_": 2,
    }


def test_relations_are_read_where_they_are_asked_for(db: Any, partials: Any, client: Any) -> None:
    reading = db.post.selecting(partials.PostWithAuthor)
    post = reading.create({"title": "foo", "author": {"create": {"name": "Robert"}}})
    assert (post.title, post.author) == ("foo", None)
    found = reading.find_first(where={"id": post.id}, include={"author": True})
    assert (found.title, found.author.name) == ("foo", "Robert")
    assert type(found.author) is client.module.models.User


def test_relations_to_other_partial_types(db: Any, partials: Any) -> None:
    reading = db.post.selecting(partials.PostWithCustomAuthor)
    post = reading.create({"title": "foo", "author": {"create": {"name": "Robert"}}})
    assert (post.title, post.author) == ("foo", None)
    found = reading.find_first(where={"id": post.id}, include={"author": True})
    assert found.author == partials.UserOnlyName(name="Robert")
    writers = db.user.selecting(partials.UserWithPosts)
    writer = writers.find_first(include={"posts": {"include": {"author": True}}})
    assert writer.model_dump() == {
        "name": "Robert", "posts": [{"id": post.id, "title": "foo", "author": {"name": "Robert"}}],
    }  # fmt: skip


def test_a_required_relation_is_always_read(db: Any, partials: Any) -> None:
    db.profile.create({"bio": "b", "user": {"create": {"name": "Ann"}}})
    found = db.profile.selecting(partials.ProfileOfUser).find_first()
    assert found.model_dump() == {"bio": "b", "user": {"name": "Ann"}}


def test_a_partial_type_that_is_called_like_the_relation_to_it(db: Any, partials: Any) -> None:
    db.user.create({"name": "Ann", "posts": {"create": [{"title": "a"}]}})
    assert db.user.selecting(partials.Writer).find_first() == partials.Writer(
        posts=[partials.posts(title="a")]
    )


def test_only_its_fields_are_read(db: Any, partials: Any, client: Any) -> None:
    """A column that is not asked for may be one that the database no longer has."""
    db.user.create({"name": "Ann", "email": "x"})
    db.execute_raw('ALTER TABLE "User" RENAME COLUMN photo TO gone')
    try:
        assert db.user.selecting(partials.UserOnlyName).find_first().name == "Ann"
    finally:
        db.execute_raw('ALTER TABLE "User" RENAME COLUMN gone TO photo')


def test_a_relation_that_it_lacks_is_refused(db: Any, partials: Any, client: Any) -> None:
    reading = db.user.selecting(partials.UserOnlyName)
    assert reading.create({"name": "Ann", "profile": {"create": {"bio": "b"}}}).name == "Ann"
    with pytest.raises(client.module.errors.UnknownRelationalFieldError, match="profile"):
        reading.find_first(include={"profile": True})


def test_from_the_class_itself_and_in_raw_queries(client: Any, partials: Any) -> None:
    client.empty()

    class Sub(partials.PostOnlyPublished):  # type: ignore[misc, name-defined]
        @property
        def is_public(self) -> bool:
            return bool(self.published)

    with client.module.Client(client.dsn) as db:
        post = Sub.prisma(db).create({"title": "foo", "published": True})
        assert (type(post), post.is_public) == (Sub, True)
        db.user.create({"name": "Ann"})
        assert db.query_first('SELECT name FROM "User"', model=partials.UserOnlyName).name == "Ann"
        assert partials.UserOnlyName.prisma(db).find_many() == [partials.UserOnlyName(name="Ann")]


def test_classes_made_at_run_time_take_their_names(client: Any, partials: Any) -> None:
    post, errors = client.module.models.Post, client.module.errors
    made = post.create_partial("P", include={"author"}, relations={"author": "UserOnlyName"})
    assert partials.UserOnlyName in get_args(made.model_fields["author"].annotation)
    for arguments in (
        {"relations": {"author": "Nobody"}},
        {"relations": {"author": "_bases"}},
        {"relations": {"author": "UserOnlyName"}, "exclude": {"author"}},
        {"required": {"title"}, "include": {"id"}},
        {"required": {"title"}, "optional": {"title"}},
    ):
        with pytest.raises(errors.InvalidModelError):
            post.create_partial("P", **arguments)


def test_a_package_without_any_has_the_module_all_the_same(
    import_client: Callable[..., tuple[Any, Path]], make_request: Callable[..., GenerationRequest]
) -> None:
    module, _ = import_client("model A {\n  id Int @id\n}\n")
    assert module.partials.__all__ == []
    files = PythonClientTarget().generate(make_request("model A {\n  id Int @id\n}\n")).files
    assert "import" not in files["schema_client/partials.py"].decode()


def test_it_is_imported_when_it_is_asked_for(client: Any) -> None:
    """The classes cost those that use them; the others pay nothing."""
    code = (
        f"import json, sys, {client.module.__name__} as package; before = sorted(sys.modules);"
        "package.partials; print(json.dumps([m.rpartition('.')[2] for m in before]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=client.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert {"partials", "models", "bases"}.isdisjoint(json.loads(done.stdout))
