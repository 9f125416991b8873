"""Poetry: it takes the best version from all of its primary sources; PyPI is one unless others replace it.

Rules: "Repositories" in Poetry's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from packaging.utils import canonicalize_name

from schemas.errors import Problem

from .ours import ConsumerFile, Ours, shown, spelled
from .toml_files import required_wheels, toml_table

POETRY_FILES = re.compile(r"pyproject\.toml|poetry\.lock")


def audit_poetry(files: Sequence[ConsumerFile], ours: Ours) -> Iterator[Problem]:
    """pyproject.toml with [tool.poetry], and poetry.lock."""
    for file in files:
        if file.name == "poetry.lock":
            yield from _locked(file, ours)
        elif file.name == "pyproject.toml":
            document = toml_table(file)
            tool = document.get("tool")
            poetry = tool.get("poetry") if isinstance(tool, dict) else None
            if isinstance(poetry, dict):
                yield from _dependencies(file, document, poetry, ours)


def _dependencies(
    file: ConsumerFile, document: dict[str, Any], poetry: dict[str, Any], ours: Ours
) -> Iterator[Problem]:
    listed = poetry.get("source")
    sources = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    primary = [
        str(each.get("url", "PyPI")) for each in sources if each.get("priority", "primary") == "primary"
    ]
    if primary and all(map(ours.serve, primary)):
        return
    specified = _specified(poetry, ours)
    for name in sorted({*specified, *required_wheels(document, ours)}):
        chosen = specified.get(name)
        if any(each.get("name") == chosen and ours.serve(str(each.get("url", ""))) for each in sources):
            continue
        others = ", ".join(shown(url) for url in primary if not ours.serve(url)) or "PyPI, Poetry's default"
        yield file.could_win(
            file.line_of(spelled(name)),
            f"Poetry asks {others} for {name}, too",
            f'add [[tool.poetry.source]] with name = "ours", url = "{ours.index}" and priority = "explicit", '
            f'and give the dependency source = "ours"',
        )


def _specified(poetry: dict[str, Any], ours: Ours) -> dict[str, str | None]:
    """Our packages in Poetry's own tables, with the source that each names."""
    groups = poetry.get("group")
    tables = [poetry, *(groups.values() if isinstance(groups, dict) else ())]
    found: dict[str, str | None] = {}
    for table in tables:
        dependencies = table.get("dependencies") if isinstance(table, dict) else None
        for key, value in (dependencies if isinstance(dependencies, dict) else {}).items():
            name = str(canonicalize_name(key))
            if name in ours.wheels:
                source = value.get("source") if isinstance(value, dict) else None
                found[name] = source if isinstance(source, str) else None
    return found


def _locked(file: ConsumerFile, ours: Ours) -> Iterator[Problem]:
    packages = toml_table(file).get("package")
    for package in packages if isinstance(packages, list) else []:
        if not isinstance(package, dict) or package.get("name") not in ours.wheels:
            continue
        source = package.get("source")
        address = str(source.get("url")) if isinstance(source, dict) else "PyPI"
        if not ours.serve(address):
            yield file.locked_elsewhere(
                file.line_of(rf'^name = "{re.escape(package["name"])}"'),
                package["name"],
                address,
                f"correct the source, and lock it again: poetry update {package['name']}",
            )
