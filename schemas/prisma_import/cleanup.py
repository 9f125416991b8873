"""Removes from a project's schema.prisma what a published one can't have: URLs, generators, old previews.

Prisma 7 refuses a datasource's URLs, and the generators are chosen by this tool. Everything removed is
reported with its line but not its value, since a URL may contain a password.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..prisma.source import Block, blocks, position, string_value, tokens

_ADDRESSES = ("url", "directUrl", "shadowDatabaseUrl")
#: The preview features of Prisma 7 that change what a schema may contain. All others concern clients only.
_SCHEMA_FEATURES = ("partialIndexes", "postgresqlExtensions", "views")


@dataclass(frozen=True, slots=True)
class Stripped:
    """One thing that was removed from ``file`` at ``line`` (from 1), and why."""

    what: str
    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class PythonGenerator:
    """A generator block of Prisma Client Python, in ``file`` at ``line`` (from 1). ``partial_types`` is the
    path or module of its partial types, ``interface`` the kind of its client ("asyncio", "sync")."""

    partial_types: str | None
    interface: str | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CleanSchema:
    """``text`` is what remains; ``same_lines`` is the same with the old line numbers, for messages."""

    text: str
    same_lines: str
    features: tuple[str, ...]
    stripped: tuple[Stripped, ...]
    python_generators: tuple[PythonGenerator, ...] = ()


def clean_schema(text: str, file: str) -> CleanSchema:
    """Remove what can't be published. ``features`` are the preview features that the schema needs."""
    found = blocks(text)
    spans: list[tuple[int, int]] = []
    stripped: list[Stripped] = []
    features: list[str] = []
    python_generators: list[PythonGenerator] = []
    for block in found:
        if block.keyword == "datasource":
            for statement in (each for each in block.statements if each.name in _ADDRESSES):
                spans.append(_whole_lines(text, statement.offset, statement.end))
                why = "a published schema has no database URL: programs pass it when they connect"
                stripped.append(
                    _stripped(text, file, statement.offset, f"{statement.name} of {block.name}", why)
                )
        elif block.keyword == "generator":
            spans.append(_block_span(text, block))
            why = "Schema Service generates the packages"
            stripped.append(_stripped(text, file, block.offset, f"generator {block.name}", why))
            python_generators += _python_generator(block, text, file)
            for name, offset in _features(block):
                if name in _SCHEMA_FEATURES:
                    features.append(name)
                else:
                    why = "Prisma 7 no longer has it, or it concerns clients only"
                    stripped.append(_stripped(text, file, offset, f"preview feature {name[:60]!r}", why))
    return CleanSchema(
        text=_cut(text, spans, keep_lines=False).strip("\n") + "\n",
        same_lines=_cut(text, spans, keep_lines=True),
        features=tuple(sorted(set(features))),
        stripped=tuple(stripped),
        python_generators=tuple(python_generators),
    )


def features_block(features: Sequence[str]) -> str:
    """The generator block that enables ``features``; empty if there are none."""
    if not features:
        return ""
    listed = ", ".join(f'"{name}"' for name in features)
    return (
        f'\ngenerator client {{\n  provider        = "prisma-client-js"\n  previewFeatures = [{listed}]\n}}\n'
    )


def _features(block: Block) -> Iterator[tuple[str, int]]:
    statement = block.statement("previewFeatures")
    for token in statement.tokens if statement else ():
        if token.kind == "string":
            yield string_value(token), token.offset


def _python_generator(block: Block, text: str, file: str) -> list[PythonGenerator]:
    """The block, if it generates Prisma Client Python, by its provider or by a setting that only that has."""
    named, interface = _text(block, "partial_type_generator"), _text(block, "interface")
    provider = _text(block, "provider") or ""
    if named is None and "prisma-client-py" not in provider and not provider.endswith("-m prisma"):
        return []
    return [PythonGenerator(named, interface, file, position(text, block.offset)[0])]


def _text(block: Block, name: str) -> str | None:
    statement = block.statement(name)
    strings = [token for token in statement.tokens if token.kind == "string"] if statement else []
    return string_value(strings[0]) if strings else None


def _stripped(text: str, file: str, offset: int, what: str, why: str) -> Stripped:
    return Stripped(what, file, position(text, offset)[0], why)


def _block_span(text: str, block: Block) -> tuple[int, int]:
    """From the documentation above the block to the line after its closing brace."""
    depth = 0
    for token in tokens(text[block.offset :]):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.text == "}" and depth == 0:
            start, end = _whole_lines(text, block.offset, block.offset + token.offset + 1)
            return _above_documentation(text, start), end
    return _whole_lines(text, block.offset, len(text))


def _above_documentation(text: str, start: int) -> int:
    """Where the documentation above starts; if it stayed, it would document whatever comes next."""
    while start > 0:
        previous = text.rfind("\n", 0, start - 1) + 1
        if not text[previous:start].lstrip().startswith("///"):
            break
        start = previous
    return start


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    line_end = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if line_end < 0 else line_end + 1


def _cut(text: str, spans: Sequence[tuple[int, int]], *, keep_lines: bool) -> str:
    for start, end in sorted(spans, reverse=True):
        filler = "\n" * text.count("\n", start, end) if keep_lines else ""
        text = text[:start] + filler + text[end:]
    return text
