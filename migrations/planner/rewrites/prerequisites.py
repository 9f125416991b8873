"""Rewrite: creates the schemas and extensions that schema.prisma needs, which the engine forgets or repeats.

The engine creates a listed schema only if it has a table, always creates ``public``, and ignores extensions
that an operator class, a column's type or a default needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pglast import ast

from schemas.model import FunctionDefault, Schema
from schemas.prisma.attributes import first_string, list_items, named_arguments
from schemas.prisma.source import blocks, string_value

from ...identifiers import quoted
from ..context import Context
from ..script import DraftStatement

# From the extensions' control files: what each provides that a schema can use.
_OF_OPERATOR_CLASS = (
    (re.compile(r"g(in|ist)_trgm_ops"), "pg_trgm"),
    (re.compile(r"(vector|halfvec|sparsevec|bit)_(l1|l2|ip|cosine|hamming|jaccard)_ops"), "vector"),
    (re.compile(r"gist_geometry_ops\w*|(gist|brin|spgist)_geo\w+_ops\w*"), "postgis"),
    (re.compile(r"(gin|gist|hash|btree)_hstore_ops"), "hstore"),
    (re.compile(r"(gist|btree|hash)_ltree_ops|gist__ltree_ops"), "ltree"),
)
_OF_TYPE = {
    "citext": "citext",
    "vector": "vector",
    "halfvec": "vector",
    "sparsevec": "vector",
    "geometry": "postgis",
    "geography": "postgis",
    "hstore": "hstore",
    "ltree": "ltree",
    "cube": "cube",
}
_OF_FUNCTION = {
    "uuid_generate_v1": "uuid-ossp",
    "uuid_generate_v1mc": "uuid-ossp",
    "uuid_generate_v4": "uuid-ossp",
    "gen_salt": "pgcrypto",
    "gen_random_bytes": "pgcrypto",
    "crypt": "pgcrypto",
}
_FUNCTION = re.compile(r"(\w+)\(")
_TYPE = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Extension:
    """What the datasource says of an extension."""

    schema: str | None = None
    version: str | None = None


def create_first(statements: Sequence[DraftStatement], context: Context) -> list[DraftStatement]:
    """Create first what is needed, and drop last what is no longer needed."""
    kept = [s for s in statements if not isinstance(s.node, ast.CreateSchemaStmt | ast.CreateExtensionStmt)]
    old_listed, listed = _listed(context.before.text), _listed(context.after.text)
    old_schemas, schemas = _schemas(context.before, old_listed), _schemas(context.after, listed)
    old_extensions, extensions = needed_extensions(context.before), needed_extensions(context.after)
    first = [
        DraftStatement(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}", "CreateSchema")
        for name in sorted(schemas - old_schemas - {"public"})
    ]
    first += [
        DraftStatement(_create(name, listed.get(name, _Extension())), "CreateExtension")
        for name in sorted(extensions - old_extensions)
    ]
    first += [
        DraftStatement(f"ALTER EXTENSION {quoted(name)} {change}", "AlterExtension")
        for name in sorted(extensions & old_extensions & listed.keys())
        for change in _changes(old_listed.get(name, _Extension()), listed[name])
    ]
    last = [
        DraftStatement(
            f"DROP EXTENSION IF EXISTS {quoted(name)}", "DropExtension (refused while anything uses it)"
        )
        for name in sorted(old_extensions - extensions)
    ]
    last += [
        DraftStatement(f"DROP SCHEMA IF EXISTS {quoted(name)}", "DropSchema (refused unless it is empty)")
        for name in sorted(old_schemas - schemas - {"public"})
    ]
    return [*first, *kept, *last]


def _schemas(schema: Schema, listed: Mapping[str, _Extension]) -> set[str]:
    """The Postgres schemas of a schema's tables and extensions."""
    return {*schema.database_schemas, *(each.schema for each in listed.values() if each.schema)}


def _create(name: str, extension: _Extension) -> str:
    schema = f" WITH SCHEMA {quoted(extension.schema)}" if extension.schema else ""
    version = f" VERSION {quoted(extension.version)}" if extension.version else ""
    return f"CREATE EXTENSION IF NOT EXISTS {quoted(name)}{schema}{version}"


def _changes(before: _Extension, after: _Extension) -> Iterator[str]:
    """What an extension that is there already has to become; without a word it stays as it is."""
    if after.schema not in (None, before.schema):
        yield f"SET SCHEMA {quoted(after.schema)}"
    if after.version not in (None, before.version):
        yield f"UPDATE TO {quoted(after.version)}"


def needed_extensions(schema: Schema) -> set[str]:
    """The extensions of the schema's types, operator classes and defaults, and those that it lists."""
    found = set(_listed(schema.text))
    for model in schema.models:
        for field in model.fields:
            native = field.native_type.name if field.native_type else ""
            word = _TYPE.match(field.type if field.kind == "unsupported" else native)
            found.add(_OF_TYPE.get(word[0].lower() if word else "", ""))
            if isinstance(field.default, FunctionDefault) and field.default.name == "dbgenerated":
                text = " ".join(str(argument) for argument in field.default.arguments)
                found |= {_OF_FUNCTION.get(name, "") for name in _FUNCTION.findall(text)}
    for operator_class in _operator_classes(schema.text):
        found |= {extension for form, extension in _OF_OPERATOR_CLASS if form.fullmatch(operator_class)}
    return found - {""}


def _operator_classes(text: str) -> list[str]:
    """The value of every ``raw("…")``."""
    return [
        string_value(tokens[at + 2])
        for block in blocks(text)
        for tokens in (statement.tokens for statement in block.statements)
        for at in range(len(tokens) - 2)
        if tokens[at].text == "raw" and tokens[at + 1].text == "(" and tokens[at + 2].kind == "string"
    ]


def _listed(text: str) -> dict[str, _Extension]:
    """``extensions = [pg_trgm, uuidOssp(map: "uuid-ossp", schema: "extra")]`` of the datasource."""
    settings = (block.statement("extensions") for block in blocks(text) if block.keyword == "datasource")
    found: dict[str, _Extension] = {}
    for statement in filter(None, settings):
        for written in list_items(statement.tokens[2:]):
            arguments = named_arguments(written[2:-1])
            given = {name: first_string(value) for name, value in arguments.items()}
            name = given.get("map") or written[0].text
            found[name] = _Extension(given.get("schema"), given.get("version"))
    return found
