"""Writes the pages of docs/reference that are made from the code; `make docs` runs it."""

from __future__ import annotations

from pathlib import Path

from .commands import commands_page, runner_commands_page
from .settings import settings_page
from .variables import variables_page
from .version_toml import version_page
from .wire_format import wire_format_page

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "commands.md": commands_page(),
        "migrations-commands.md": runner_commands_page(),
        "schema-service-toml.md": settings_page(),
        "version-toml.md": version_page(),
        "environment.md": variables_page(),
        "wire-format.md": wire_format_page(),
    }


def main() -> None:
    """Write them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
