"""The arguments of an attribute (``@@unique([a], where: { b: true }, map: "x")``), read from its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .source import Block, SchemaStatement, Token, string_value


def key_arguments(statement: SchemaStatement, kind: str) -> dict[str, Sequence[Token]] | None:
    """The arguments of ``@id``, ``@unique``, ``@@unique`` or ``@@index`` (``kind`` is without ``@``); None if
    the statement has no such attribute."""
    if statement.is_attribute:
        return named_arguments(statement.arguments(kind) or ()) if statement.name == f"@@{kind}" else None
    return named_arguments(statement.arguments("@", kind) or ()) if statement.has("@", kind) else None


def key_fields(
    statement: SchemaStatement, arguments: Mapping[str, Sequence[Token]]
) -> tuple[Sequence[Token], ...]:
    """The fields of a key, each as the tokens of ``name`` or ``name(sort: Desc)``."""
    if not statement.is_attribute:
        return (statement.tokens[:1],)
    return list_items(arguments.get("fields") or arguments.get("", ()))


def list_items(tokens: Sequence[Token]) -> tuple[Sequence[Token], ...]:
    """The items of a list; Prisma lets a list of one be written without its brackets."""
    return tuple(separated(tokens[1:-1] if tokens and tokens[0].text == "[" else tokens))


def named_arguments(tokens: Sequence[Token]) -> dict[str, Sequence[Token]]:
    """Named arguments by name; a first one without a name under ``""``."""
    found: dict[str, Sequence[Token]] = {}
    for argument in separated(tokens):
        if len(argument) > 1 and argument[1].text == ":":
            found[argument[0].text] = argument[2:]
        else:
            found[""] = argument
    return found


def separated(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens between commas, not counting commas in parentheses."""
    depth, begin = 0, 0
    for at, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            yield tokens[begin:at]
            begin = at + 1
    if tokens[begin:]:
        yield tokens[begin:]


def first_string(tokens: Sequence[Token]) -> str | None:
    """The value of the first string: of ``"x"`` and of ``raw("x")``."""
    return next((string_value(token) for token in tokens if token.kind == "string"), None)


def index_condition(arguments: Mapping[str, Sequence[Token]], block: Block) -> str | None:
    """The SQL of a partial index's ``where``, as Prisma writes it; None for an index over all rows.

    Prisma knows ``raw("...")`` and ``{ field: value }``, where the value is a literal, null, or
    ``{ not: ... }`` of them.
    https://www.prisma.io/docs/orm/prisma-schema/data-model/indexes
    """
    where = arguments.get("where", ())
    if condition_fields(arguments):
        conditions = named_arguments(where[1:-1])
        return " AND ".join(_compared(_column(block, field), value) for field, value in conditions.items())
    return first_string(where)


def condition_fields(arguments: Mapping[str, Sequence[Token]]) -> tuple[str, ...]:
    """The fields that a ``where`` of the form ``{ field: value }`` names."""
    return tuple(token.text for token in condition_field_tokens(arguments))


def condition_field_tokens(arguments: Mapping[str, Sequence[Token]]) -> tuple[Token, ...]:
    """The tokens of those fields."""
    where = arguments.get("where", ())
    if not where or where[0].text != "{":
        return ()
    return tuple(condition[0] for condition in separated(where[1:-1]))


def _column(block: Block, field: str) -> str:
    """A field's column, from the text: the datamodel has no field that is ignored."""
    statement = block.statement(field)
    mapped = statement.arguments("@", "map") if statement else None
    return first_string(mapped or ()) or field


def _compared(column: str, value: Sequence[Token]) -> str:
    name = '"' + column.replace('"', '""') + '"'
    is_negated = value[0].text == "{"
    literal = named_arguments(value[1:-1])["not"][0] if is_negated else value[0]
    if literal.text == "null":
        return f"{name} IS NOT NULL" if is_negated else f"{name} IS NULL"
    operator = "!=" if is_negated else "="
    if literal.kind == "string":
        return f"{name} {operator} '{string_value(literal).replace(chr(39), chr(39) * 2)}'"
    return f"{name} {operator} {literal.text}"
