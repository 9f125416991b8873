"""What is taken out of a project's schema, and that nothing else is."""

from __future__ import annotations

from schemas.prisma_import.cleanup import clean_schema

_SCHEMA = """\
// Our schema
/// The client
/// we used to generate
generator client {
  provider        = "prisma-client-js" // }
  previewFeatures = ["views", "driverAdapters"]
}

datasource db {
  provider          = "postgresql"
  url               = env("DATABASE_URL") // the pooler
  directUrl         = "postgresql://me:hunter2@db/x"
  shadowDatabaseUrl = env(
    "SHADOW"
  )
  relationMode      = "prisma"
}

/// Has a url of its own
model Site {
  id  Int    @id
  url String @default("generator x {")
}

generator other { provider = "zod" }
"""


def test_addresses_and_generators_go_and_nothing_else() -> None:
    assert clean_schema(_SCHEMA, "schema.prisma").text == (
        "// Our schema\n"
        "\n"
        "datasource db {\n"
        '  provider          = "postgresql"\n'
        '  relationMode      = "prisma"\n'
        "}\n"
        "\n"
        "/// Has a url of its own\n"
        "model Site {\n"
        "  id  Int    @id\n"
        '  url String @default("generator x {")\n'
        "}\n"
    )


def test_each_is_named_with_its_line_and_without_its_value() -> None:
    stripped = clean_schema(_SCHEMA, "schema.prisma").stripped
    assert [(each.what, each.line) for each in stripped] == [
        ("generator client", 4),
        ("preview feature 'driverAdapters'", 6),
        ("url of db", 11),
        ("directUrl of db", 12),
        ("shadowDatabaseUrl of db", 13),
        ("generator other", 25),
    ]
    assert "hunter2" not in repr(stripped)


def test_features_that_the_schema_needs_are_kept() -> None:
    assert clean_schema(_SCHEMA, "schema.prisma").features == ("views",)


def test_lines_stay_where_they_were_for_messages() -> None:
    same_lines = clean_schema(_SCHEMA, "schema.prisma").same_lines
    assert same_lines.splitlines().index("model Site {") == _SCHEMA.splitlines().index("model Site {")
    assert "hunter2" not in same_lines


def test_a_text_that_is_no_schema_is_left_to_the_engine() -> None:
    for text in ("", "generator", "generator x {", "datasource db {\n url =", '"', "}}}{{{"):
        clean_schema(text, "schema.prisma")
