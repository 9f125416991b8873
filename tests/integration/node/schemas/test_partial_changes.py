"""What happens to partial types from one version to the next, and whom it breaks."""

from __future__ import annotations

import pytest

from schemas.answers import Rename
from schemas.comparison.compare import compare
from schemas.comparison.number import smallest_bump
from schemas.model import Schema
from schemas.partial_types.checking import with_partial_types
from schemas.prisma.bridge import PrismaBridge

_SCHEMA = """
datasource db {
  provider = "postgresql"
}

model User {
  id    Int     @id
  name  String
  email String?
  posts Post[]
}

model Post {
  id       Int    @id
  title    String
  authorId Int
  author   User   @relation(fields: [authorId], references: [id])
}
"""
_PARTIALS = """
from schema_client.models import Post, User

User.create_partial("UserName", include={"name", "email"})
Post.create_partial("PostFull", relations={"author": "UserName"})
"""


def _with(bridge: PrismaBridge, partials: str, schema: str = _SCHEMA) -> Schema:
    parsed = with_partial_types(bridge.parse(schema), partials)
    assert len(parsed.partials) == partials.count("create_partial")
    return parsed


@pytest.mark.parametrize(
    ("old", "new", "kind", "bump", "text"),
    [
        ("\nPost.create", "\nUser.create_partial('New')\nPost.create", "added", "minor",
         "the partial type New is new"),
        ('Post.create_partial("PostFull", relations={"author": "UserName"})', "", "removed", "major",
         "the partial type PostFull is removed"),
        ('{"name", "email"}', '{"name"}', "changed", "major",
         "the partial type UserName no longer has email"),
        ('{"name", "email"}', '{"name", "email", "id"}', "changed", "minor",
         "the partial type UserName now has id"),
        ('"email"}', '"email"}, optional={"name"}', "changed", "major",
         "UserName.name became optional: code that reads it may now get no value"),
        ('"email"}', '"email"}, required={"email"}', "changed", "major",
         "UserName.email became required: code that leaves it out fails"),
        (', relations={"author": "UserName"}', "", "changed", "major",
         "the rows of PostFull.author were read as UserName and are read as User"),
    ],
)  # fmt: skip
def test_a_change_of_a_partial_type(
    bridge: PrismaBridge, old: str, new: str, kind: str, bump: str, text: str
) -> None:
    assert _PARTIALS.count(old) == 1
    (change,) = compare(_with(bridge, _PARTIALS), _with(bridge, _PARTIALS.replace(old, new)))
    assert (change.kind, change.subject, change.text) == (kind, "partial", text)
    assert smallest_bump([change]) == bump


def test_how_it_is_written_is_no_change(bridge: PrismaBridge) -> None:
    again = _PARTIALS.replace("schema_client", "prisma").replace('{"name", "email"}', '["email", "name"]')
    assert compare(_with(bridge, _PARTIALS), _with(bridge, again)) == ()


def test_a_partial_type_of_another_model(bridge: PrismaBridge) -> None:
    before = _with(bridge, "from prisma.models import User\nUser.create_partial('X', include=['id'])")
    after = _with(bridge, "from prisma.models import Post\nPost.create_partial('X', include=['id'])")
    changes = compare(before, after)
    assert [(change.compatibility, change.text) for change in changes] == [
        ("breaking", "the partial type X was of User and is of Post")
    ]


def test_what_a_model_says_of_itself_is_not_said_again(bridge: PrismaBridge) -> None:
    """A field that is gone or became optional changed for every partial type that has it."""
    partials = "from prisma.models import User\nUser.create_partial('All')"
    schema = _SCHEMA.replace("  name  String\n", "  name  String?\n").replace(
        "  email String?\n", "  age Int?\n"
    )
    changes = compare(_with(bridge, partials), _with(bridge, partials, schema))
    assert [change.name for change in changes] == ["User.name", "User.email", "User.age"]


def test_renames_are_followed(bridge: PrismaBridge) -> None:
    renames: tuple[Rename, ...] = (("User", "Account"), ("User.name", "Account.label"))
    schema = _SCHEMA.replace("User", "Account").replace("  name ", "  label ")
    partials = _PARTIALS.replace(", User", ", Account").replace("\nUser.", "\nAccount.")
    after = _with(bridge, partials.replace('"name"', '"label"'), schema)
    changes = compare(_with(bridge, _PARTIALS), after, renames)
    assert [change for change in changes if change.subject == "partial"] == []
