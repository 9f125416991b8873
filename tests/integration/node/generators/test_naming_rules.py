"""Names: what is refused and where, what is escaped and how, and that our lists match the languages."""

from __future__ import annotations

import ast
import enum
import json
import keyword
import re
import subprocess
from pathlib import Path

import pydantic
import pytest

from generators.names import reserved_names
from generators.names.naming import (
    javascript_accessor,
    name_problems,
    python_accessor,
    python_identifier,
    python_member,
)
from registry.validation.schema_loading import SchemaTexts, read_schema
from schemas.errors import InvalidSchemaError, Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_executable

DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'
CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
SAMPLE = Path(__file__).parents[4] / "schemas" / "sample"


def found(bridge: PrismaBridge, text: str) -> list[Problem]:
    return name_problems(bridge.parse(DATASOURCE + text), "schema.prisma", DATASOURCE + text)


def model(name: str, *fields: str, attributes: str = "") -> str:
    lines = "".join(f"  {field}\n" for field in ("id Int @id", *fields))
    return f"model {name} {{\n{lines}{attributes}}}\n"


@pytest.mark.parametrize(
    "name",
    """
    from None def lambda type object str list any unknown symbol undefined eval module Date Array Omit
    Größe Über Prisma AND NOT PrismaPromise constructor Constructor toString ValueOf hasOwnProperty then Then
    """.split(),  # noqa: SIM905
)
def test_models_that_some_target_cannot_carry(bridge: PrismaBridge, name: str) -> None:
    (problem,) = found(bridge, model(name))
    assert (problem.code, problem.file, problem.line, problem.column) == (
        "reserved-name",
        "schema.prisma",
        4,
        7,
    )
    assert name in problem.message
    assert f'@@map("{name}")' in problem.fix


@pytest.mark.parametrize(
    "name",
    ["from", "SortOrder", "ModelName", "QueryMode", "Symbol", "raw", "PostScalarFieldEnum", "createClient"],
)
def test_enums_that_some_target_cannot_carry(bridge: PrismaBridge, name: str) -> None:
    (problem,) = found(bridge, model("Post") + f"enum {name} {{\n  A\n}}\n")
    assert (problem.code, problem.line, problem.column) == ("reserved-name", 7, 6)


@pytest.mark.parametrize(
    "name", ["class", "import", "PrismaClient", "__proto__", "_hidden", "String", "9lives"]
)
def test_what_prisma_refuses_comes_with_its_place(bridge: PrismaBridge, name: str) -> None:
    with pytest.raises(InvalidSchemaError) as caught:
        bridge.parse(DATASOURCE + model(name), "schema.prisma")
    assert caught.value.problems[0].place.startswith("schema.prisma:4:")


def test_models_that_databases_have_are_fine(bridge: PrismaBridge) -> None:
    names = [
        "Client",
        "Event",
        "File",
        "Function",
        "Map",
        "Record",
        "Promise",
        "Object",
        "Symbol",
        "Type",
    ]
    assert found(bridge, "".join(model(name) for name in names)) == []


def test_fields_that_databases_have_are_fine(bridge: PrismaBridge) -> None:
    fields = [
        "from",
        "json",
        "copy",
        "type",
        "class",
        "import",
        "self",
        "schema",
        "model_dump",
        "then",
        "prototype",
    ]
    assert found(bridge, model("Post", *(f"{field} Int" for field in fields))) == []


@pytest.mark.parametrize("field", ["constructor", "toString", "AND", "valueOf", "ªb"])
def test_fields_that_some_target_cannot_carry(bridge: PrismaBridge, field: str) -> None:
    (problem,) = found(bridge, model("Post", "ok Int", f"{field} Int"))
    assert (problem.code, problem.line, problem.column) == ("reserved-name", 7, 3)
    assert f'@map("{field}")' in problem.fix


def test_a_relation_called_then_would_be_a_promise(bridge: PrismaBridge) -> None:
    text = model("A", "bId Int", "then B @relation(fields: [bId], references: [id])") + model("B", "as A[]")
    (problem,) = found(bridge, text)
    assert (problem.line, problem.column) == (7, 3)


def test_names_that_collide_once_cased(bridge: PrismaBridge) -> None:
    text = (
        model("user_post", "from_ Int", 'from Int @map("x")')
        + model("UserPost")
        + "enum userPost {\n  A\n}\n"
    )
    problems = found(bridge, text)
    assert [(p.code, p.line, p.column) for p in problems] == [
        ("colliding-names", 7, 3),
        ("colliding-names", 9, 7),
        ("colliding-names", 12, 6),
    ]
    assert problems[0].message == "field 'from' is 'from_2' in Python, as 'from_' is another field"
    assert [p.severity for p in problems] == ["warning", "error", "error"]
    assert "its @map already keeps" in problems[0].fix
    assert "'user_post' (line 4)" in problems[1].message


def test_fields_that_differ_in_case_and_underscores_are_two(bridge: PrismaBridge) -> None:
    """As Prisma takes them: every target has a field under its own name."""
    assert found(bridge, model("Post", "createdAt Int", "created_at Int", "createdat Int")) == []


def test_a_mapped_model_only_needs_a_new_name(bridge: PrismaBridge) -> None:
    (problem,) = found(bridge, model("Date", attributes='\n  @@map("dates")\n'))
    assert problem.fix == "give it another name; its @@map already keeps the database's"


def test_enum_values_that_python_would_merge(bridge: PrismaBridge) -> None:
    (problem,) = found(bridge, model("A") + "enum E {\n  None_\n  None\n  title\n}\n")
    assert (problem.line, problem.column) == (9, 3)


def test_places_are_those_of_the_users_file_or_of_the_formatted_text(bridge: PrismaBridge) -> None:
    text = DATASOURCE + "\n\n\nmodel   Date {\n  id Int @id\n}\n"
    schema = bridge.parse(text)
    assert [p.place for p in name_problems(schema, "f", text)] == ["f:7:9"]
    (formatted,) = name_problems(schema, "f")
    assert formatted.line is not None
    assert schema.text.splitlines()[formatted.line - 1] == "model Date {"


def test_real_schemas_have_no_problem(bridge: PrismaBridge) -> None:
    paths = [*CORPUS.glob("*/head/schema.prisma"), *SAMPLE.rglob("schema.prisma")]
    assert paths
    for path in paths:
        text = re.sub(r"^\s*url\s*=.*\n", "", path.read_text(), flags=re.MULTILINE)
        assert name_problems(bridge.parse(text), path.name) == []


def test_escapes() -> None:
    assert [
        python_identifier(name) for name in ("from", "json", "copy", "prisma", "id", "type", "match")
    ] == [
        "from_",
        "json_",
        "copy_",
        "prisma_",
        "id",
        "type",
        "match",
    ]
    assert [python_accessor(name) for name in ("User", "UserPost", "Import", "Connect")] == [
        "user",
        "userpost",
        "import_",
        "connect_",
    ]
    assert [python_member(name) for name in ("OPEN", "None", "title", "name")] == [
        "OPEN",
        "None_",
        "title_",
        "name_",
    ]
    assert javascript_accessor("UserPost") == "userPost"


def test_a_model_says_its_name_on_the_python_client() -> None:
    assert python_accessor("OrgMember", '@Python(instance_name: "org_member")') == "org_member"
    assert python_accessor("Model", 'Words.\n@Python(instance_name: "import")\nMore.') == "import_"
    for nonsense in ("a b", "é", "_a", "x): ...", ""):
        assert python_accessor("Model", f'@Python(instance_name: "{nonsense}")') == "model"
    assert python_accessor("Model", 'see @Python(instance_name: "x")') == "model"


def test_names_on_the_python_client_that_can_not_be(bridge: PrismaBridge) -> None:
    text = """
datasource db {
  provider = "postgresql"
}

model User {
  id Int @id
}

/// @Python(instance_name: "user")
model Member {
  id Int @id
}

/// @Python(instance_name: "no name")
model Other {
  id Int @id
}
"""
    problems = name_problems(bridge.parse(text), "schema.prisma", text)
    assert [(problem.code, problem.line) for problem in problems] == [
        ("colliding-names", 11),
        ("reserved-name", 16),
    ]
    assert "'Member' and 'User' are both named 'user' on the Python client" in problems[0].message
    assert "instance_name" in problems[0].fix


def test_what_the_escapes_give_is_valid_python() -> None:
    taken = (
        reserved_names.PYTHON_KEYWORDS
        | reserved_names.PYDANTIC_ATTRIBUTES
        | reserved_names.PYTHON_ENUM_ATTRIBUTES
        | reserved_names.PYTHON_CLIENT_ATTRIBUTES
    )
    for escape in (python_identifier, python_accessor, python_member):
        for name in taken:
            ast.parse(f"class C:\n    {escape(name)}: int\n")


def test_our_lists_hold_what_the_installed_languages_and_libraries_say() -> None:
    def public(thing: object) -> set[str]:
        return {name for name in dir(thing) if not name.startswith("_")}

    assert set(keyword.kwlist) == reserved_names.PYTHON_KEYWORDS
    assert public(pydantic.BaseModel) <= reserved_names.PYDANTIC_ATTRIBUTES
    assert public(str) | public(enum.Enum("E", "A")) - {"A"} <= reserved_names.PYTHON_ENUM_ATTRIBUTES
    script = (
        "console.log(JSON.stringify([Object.getOwnPropertyNames(Object.prototype),"
        " require('node:module').builtinModules]))"
    )
    done = subprocess.run([node_executable(), "-e", script], capture_output=True, text=True, check=True)
    members, modules = json.loads(done.stdout)
    assert {name for name in members if not name.startswith("_")} == reserved_names.JAVASCRIPT_OBJECT_MEMBERS
    plain = {name for name in modules if not name.startswith("_") and "/" not in name and ":" not in name}
    assert plain <= reserved_names.NODE_MODULES


def test_times_that_javascript_cuts_off_are_a_warning(bridge: PrismaBridge) -> None:
    fields = (
        "at DateTime", "three DateTime @db.Timestamptz(3)", "day DateTime @db.Date",
        "zoned DateTime @db.Timestamptz(6)", "six DateTime @db.Timestamptz",
        "local DateTime? @db.Timestamp(4)", "clocks DateTime[] @db.Time",
        "offset DateTime @db.Timetz(5)",
    )  # fmt: skip
    text = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel Event {\n  id Int @id\n  %s\n}\n'
    told = read_schema(SchemaTexts(text % "\n  ".join(fields), "schema.prisma", "", ""), bridge)
    (problem,) = told.problems
    assert told.schema is not None
    assert (problem.code, problem.severity, problem.line) == ("lost-microseconds", "warning", 10)
    assert problem.message.startswith("Event.zoned, Event.six, Event.local and 2 more can hold microseconds")
    assert "@db.Timestamptz(3)" in problem.fix
    assert read_schema(SchemaTexts(text % fields[1], "schema.prisma", "", ""), bridge).problems == []
