"""Which names each target language accepts, and how a schema's names are written there.

One rule for all targets: **a name stays as the schema has it, wherever a language lets it**. Types (models,
enums), keys of filters and data, and everything in JSON are always the schema's own names. Where Python has
taken the name, the *attribute* gets a trailing ``_``: a column ``from`` or ``json`` is ``row.from_`` and
``row.json_``, and still ``"from"`` and ``"json"`` in filters, in data and in JSON. Where that is another
field's name too, a number settles it (``row.from_2``), and a warning says so.

Three kinds of names, then:

- those that Prisma refuses (``model class``): its own error is reported, with its place;
- those that would break a generated package or be ambiguous (``model Date``, a field ``constructor``,
  ``user_post`` beside ``UserPost``): :func:`name_problems` refuses them; ``@@map`` and ``@map`` keep the
  database's names;
- all others: escaped by the functions below, which every target uses.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace

from schemas.errors import Problem
from schemas.model import Model, Schema
from schemas.prisma.python_extensions import instance_name
from schemas.prisma.source import Block, SchemaStatement, blocks, position

from .package_names import package_name_problems
from .reserved_names import (
    JAVASCRIPT_OBJECT_MEMBERS,
    NODE_CLIENT_EXPORTS,
    PRISMA_CLIENT_EXPORTS,
    PRISMA_CLIENT_GLOBALS,
    PRISMA_ENUM_SUFFIXES,
    PRISMA_RESERVED,
    PYDANTIC_ATTRIBUTES,
    PYTHON_CLIENT_ATTRIBUTES,
    PYTHON_ENUM_ATTRIBUTES,
    PYTHON_KEYWORDS,
    PYTHON_MODEL_ATTRIBUTES,
    PYTHON_TYPES,
    TYPESCRIPT_RESERVED,
)

__all__ = [
    "javascript_accessor",
    "name_problems",
    "package_name_problems",
    "python_accessor",
    "python_attribute",
    "python_identifier",
    "python_member",
]

_TYPE_REASONS: tuple[tuple[frozenset[str], str], ...] = (
    (PYTHON_KEYWORDS, "is a keyword in Python"),
    (PYTHON_TYPES, "is a built-in type in Python"),
    (TYPESCRIPT_RESERVED, "is reserved in TypeScript"),
    (PRISMA_CLIENT_GLOBALS, "is a global type in TypeScript that Prisma's client needs"),
    (PRISMA_RESERVED, "is taken in Prisma's client"),
    (NODE_CLIENT_EXPORTS, "is taken in the Node client"),
)
_FILTER_WORDS = frozenset(["AND", "NOT", "OR"])


def python_identifier(field: str) -> str:
    """The attribute for a field on a Python model: ``from`` is ``from_``, ``json`` is ``json_``."""
    return _escaped(field, PYTHON_KEYWORDS | PYDANTIC_ATTRIBUTES | PYTHON_MODEL_ATTRIBUTES)


def python_attribute(model: Model, field: str) -> str:
    """The attribute for a field of ``model``: numbered where another field has the escaped name, so that
    ``from`` beside ``from_`` is ``from_2``."""
    escaped = python_identifier(field)
    if escaped == field:
        return field
    taken = {each.name for each in model.fields}
    numbered = (f"{escaped}{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([escaped], numbered) if name not in taken)


def python_accessor(model: str, documentation: str | None = None) -> str:
    """The attribute for a model on the Python client: its ``instance_name``, or all lower case, as in Prisma
    Client Python."""
    name = instance_name(documentation)
    if name is None or not _is_portable(name) or name.startswith("_"):
        name = model.lower()
    return _escaped(name, PYTHON_KEYWORDS | PYTHON_CLIENT_ATTRIBUTES)


def python_member(value: str) -> str:
    """The member for an enum's value: ``None`` is ``None_``, ``title`` (a method of str) is ``title_``."""
    return _escaped(value, PYTHON_KEYWORDS | PYTHON_ENUM_ATTRIBUTES)


def javascript_accessor(model: str) -> str:
    """The property for a model on the Node client: Prisma lower-cases the first letter."""
    return model[0].lower() + model[1:]


def _escaped(name: str, taken: frozenset[str]) -> str:
    return f"{name}_" if name in taken else name


def name_problems(
    schema: Schema, file: str, text: str | None = None, shown: Callable[[int], str] | None = None
) -> list[Problem]:
    """Every name in the schema that generated packages can't use, at the place of its declaration.

    ``text`` is the file as the user wrote it; without it places are those in the formatted text. ``shown``
    is how messages name a second line.
    """
    source = _Source(schema.text if text is None else text.removeprefix("\ufeff"), file, shown)
    problems = _type_problems(schema, source) + _accessor_problems(schema, source)
    for model in schema.models:
        problems += _field_problems(model, source)
    for enum in schema.enums:
        values = [value.name for value in enum.values]
        problems += _alphabet_problems(values, enum.name, source)
        problems += _member_collisions(values, enum.name, source)
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


class _Source:
    """Where names are declared, and how a problem with one is reported."""

    def __init__(self, text: str, file: str, shown: Callable[[int], str] | None) -> None:
        self._text = text
        self._file = file
        self._shown = shown or "line {}".format
        declared = [block for block in blocks(text) if block.keyword in ("model", "view", "enum")]
        self._blocks = {block.name: block for block in declared}

    def names(self) -> list[str]:
        """Models, views and enums in the order of the text."""
        return list(self._blocks)

    def problem(self, code: str, message: str, owner: str, member: str | None = None) -> Problem:
        block = self._blocks.get(owner)
        statement = block.statement(member) if block and member else None
        found: Block | SchemaStatement | None = statement or block
        line, column = position(self._text, found.offset) if found else (None, None)
        return Problem(
            code=code,
            message=message,
            fix=_rename(owner, member, block, statement),
            file=self._file,
            line=line,
            column=column,
        )

    def line(self, owner: str, member: str | None = None) -> str:
        """How a message names the line of a declaration."""
        block = self._blocks[owner]
        statement = block.statement(member) if member else None
        return self._shown(position(self._text, (statement or block).offset)[0])

    def keyword(self, name: str) -> str:
        return self._blocks[name].keyword if name in self._blocks else "model"


def _rename(owner: str, member: str | None, block: Block | None, statement: SchemaStatement | None) -> str:
    if member is not None:
        keyword = block.keyword if block else "model"
        what = "value" if keyword == "enum" else "field"
        if statement and statement.has("@", "map"):
            return f"give the {what} another name; its @map already keeps the database's"
        return f'give the {what} another name and keep the database\'s with @map("{member}")'
    if block and block.statement("@@map"):
        return "give it another name; its @@map already keeps the database's"
    return f'give it another name and keep the database\'s with @@map("{owner}")'


def _type_problems(schema: Schema, source: _Source) -> list[Problem]:
    names = [name for name in source.names() if name in schema.models_by_name or name in schema.enums_by_name]
    exported = PRISMA_CLIENT_EXPORTS | {
        model.name + suffix for model in schema.models for suffix in PRISMA_ENUM_SUFFIXES
    }
    problems = []
    for name in names:
        reason = _type_reason(name)
        if name in schema.enums_by_name and name in exported:
            reason = "is taken in Prisma's client"
        if reason:
            message = f"{source.keyword(name)} {name!r} {reason}"
            problems.append(source.problem("reserved-name", message, name))
    for first, second in _collisions(names):
        place = source.line(first)
        message = f"{second!r} and {first!r} ({place}) differ only in upper case and underscores"
        problems.append(source.problem("colliding-names", message, second))
    return problems


def _accessor_problems(schema: Schema, source: _Source) -> list[Problem]:
    """Names on the Python client from ``@Python(instance_name: ...)`` that can't be used."""
    fix = 'give the model another @Python(instance_name: "...")'
    problems = []
    first: dict[str, str] = {}
    for model in schema.models:
        wanted = instance_name(model.documentation)
        name = python_accessor(model.name, model.documentation)
        known = first.setdefault(name, model.name)
        if wanted is not None and wanted not in (name, name.removesuffix("_")):
            message = f"the instance_name {wanted!r} of {model.name!r} is not a valid name in Python"
            problems.append(replace(source.problem("reserved-name", message, model.name), fix=fix))
        elif known != model.name and (wanted or instance_name(schema.models_by_name[known].documentation)):
            message = f"{model.name!r} and {known!r} are both named {name!r} on the Python client"
            problems.append(replace(source.problem("colliding-names", message, model.name), fix=fix))
    return problems


def _type_reason(name: str) -> str | None:
    """Why no model and no enum can have this name."""
    if not _is_portable(name):
        return "has characters other than letters (A to Z), digits and underscores"
    if javascript_accessor(name) in JAVASCRIPT_OBJECT_MEMBERS | {"then"}:
        return "is a member of every JavaScript object or promise"
    return next((reason for taken, reason in _TYPE_REASONS if name in taken), None)


def _field_problems(model: Model, source: _Source) -> list[Problem]:
    names = [field.name for field in model.fields]
    relations = {field.name for field in model.relations}
    problems = _alphabet_problems(names, model.name, source)
    for name in names:
        if name in JAVASCRIPT_OBJECT_MEMBERS:
            reason = "is a member of every JavaScript object"
        elif name == "then" and name in relations:
            reason = "is a relation, and JavaScript would take the row for a promise"
        elif name in _FILTER_WORDS:
            reason = "is a keyword of the clients' filters"
        else:
            continue
        problems.append(source.problem("reserved-name", f"field {name!r} {reason}", model.name, name))
    for name in names:
        escaped, attribute = python_identifier(name), python_attribute(model, name)
        if attribute != escaped:
            message = f"field {name!r} is {attribute!r} in Python, as {escaped!r} is another field"
            problem = source.problem("colliding-names", message, model.name, name)
            problems.append(replace(problem, severity="warning"))
    return problems


def _alphabet_problems(names: Iterable[str], owner: str, source: _Source) -> list[Problem]:
    message = "{!r} has characters other than letters (A to Z), digits and underscores"
    return [
        source.problem("reserved-name", message.format(name), owner, name)
        for name in names
        if not _is_portable(name)
    ]


def _member_collisions(values: list[str], enum: str, source: _Source) -> list[Problem]:
    """``None`` beside ``None_``: in Python both would have the same name."""
    return [
        source.problem(
            "colliding-names",
            f"value {value!r} becomes {python_member(value)!r} in Python, which is another value's name",
            enum,
            value,
        )
        for value in values
        if python_member(value) != value and python_member(value) in values
    ]


def _is_portable(name: str) -> bool:
    """ASCII only, as Prisma's documentation says: its generator panics on others that its validator lets
    through, and Python compares names in NFKC where JavaScript compares code points."""
    return name.isascii() and name.isidentifier()


def _collisions(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs (first, later) that become one name in some target's casing (userPost, userpost, user_post)."""
    first: dict[str, str] = {}
    pairs = []
    for name in names:
        known = first.setdefault(name.replace("_", "").casefold(), name)
        if known != name:
            pairs.append((known, name))
    return pairs
