"""A version's changelog and upgrade guide, as it is drafted: all of it follows from the two versions."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.comparison.change import Change
from schemas.comparison.changelog import changelog
from schemas.model import Schema
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

from ..target import PackageNames
from .database import database_section
from .examples import CODE_LANGUAGES, CodeLanguage, Examples, code_examples

_FENCES: dict[CodeLanguage, tuple[str, str]] = {"python": ("python", "#"), "typescript": ("ts", "//")}


def drafted_changelog(
    version: SchemaVersion,
    previous: SchemaVersion | None,
    schemas: tuple[Schema | None, Schema],
    changes: Sequence[Change],
    *,
    description: str,
    migrations: Sequence[Migration],
    names: PackageNames,
) -> str:
    """Markdown. ``schemas`` are that of ``previous`` and the version's own, ``migrations`` those it adds."""
    blocks: dict[Change, str] = {}
    if previous is not None:  # in the first version everything is new
        examples = code_examples(*schemas, changes, names)
        blocks = {change: code_blocks(of_change) for change, of_change in examples.items()}
    return changelog(
        version, previous, changes, description, examples=blocks, sections=database_section(migrations)
    )


def code_blocks(examples: Examples) -> str:
    """Markdown with a block for each language, before and after."""
    return "\n\n".join(_block(language, examples) for language in CODE_LANGUAGES if language in examples)


def _block(language: CodeLanguage, examples: Examples) -> str:
    fence, comment = _FENCES[language]
    example = examples[language]
    sides = (("before", example.before), ("after", example.after))
    lines = [f"{line}  {comment} {side}" for side, line in sides if line is not None]
    return "\n".join([f"```{fence}", *lines, "```"])
