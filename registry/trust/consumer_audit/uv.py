"""uv: it takes a package from the first index that has it, which is safe where ours comes first.

Rules: "Package indexes" in uv's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.errors import Problem

from .ours import ConsumerFile, Ours, shown, spelled
from .toml_files import required_wheels, toml_table

UV_FILES = re.compile(r"pyproject\.toml|uv\.toml|uv\.lock")
_SAFE_STRATEGY = "first-index"


def audit_uv(files: Sequence[ConsumerFile], ours: Ours) -> Iterator[Problem]:
    """pyproject.toml, uv.toml beside it, and uv.lock."""
    by_path = {file.path: file for file in files}
    for file in files:
        folder = file.path.removesuffix(file.name)
        if file.name == "uv.lock":
            yield from _locked(file, ours)
        elif file.name == "pyproject.toml":
            document = toml_table(file)
            own, named = _table(document.get("tool"), "uv"), by_path.get(f"{folder}uv.toml")
            # uv.toml wins over [tool.uv], but for sources, which it can't have.
            settings = {**toml_table(named), "sources": own.get("sources")} if named else own
            if settings or f"{folder}uv.lock" in by_path:
                yield from _settings(named or file, file, document, settings, ours)
        elif file.name == "uv.toml" and f"{folder}pyproject.toml" not in by_path:
            yield from _settings(file, file, {}, toml_table(file), ours)


def _settings(
    file: ConsumerFile,
    manifest: ConsumerFile,
    document: dict[str, Any],
    settings: dict[str, Any],
    ours: Ours,
) -> Iterator[Problem]:
    """``file`` has the ``settings``, ``manifest`` the dependencies, which are in ``document``."""
    strategy = settings.get("index-strategy", _table(settings, "pip").get("index-strategy"))
    if isinstance(strategy, str) and strategy != _SAFE_STRATEGY:
        yield file.could_win(
            file.line_of(r"index-strategy\s*="),
            f"with index-strategy {strategy!r} uv takes {' and '.join(ours.wheels)} from any index",
            f'remove it, or set index-strategy = "{_SAFE_STRATEGY}"',
        )
    indexes = _indexes(settings)
    sources = _table(settings, "sources")
    for name in required_wheels(document, ours):
        pinned = next((sources[key] for key in sources if key.replace("_", "-").lower() == name), None)
        chosen = pinned.get("index") if isinstance(pinned, dict) else None
        if chosen is not None and any(
            each.get("name") == chosen and ours.serve(str(each.get("url", ""))) for each in indexes
        ):
            continue
        asked = [each for each in indexes if not each.get("explicit")]
        asked.sort(key=lambda each: bool(each.get("default")))
        first = str(asked[0].get("url", "")) if asked else None
        if first is None or not ours.serve(first):
            yield _not_first(file if first else manifest, name, first, ours)


def _not_first(file: ConsumerFile, name: str, first: str | None, ours: Ours) -> Problem:
    where = shown(first) if first else "PyPI, uv's default"
    line = file.line_of(re.escape(first)) if first else file.line_of(spelled(name))
    return file.could_win(
        line,
        f"uv asks {where} for {name} first",
        f'add [[tool.uv.index]] with name = "ours", url = "{ours.index}" and explicit = true, and '
        f'{name} = {{ index = "ours" }} under [tool.uv.sources]',
    )


def _indexes(settings: dict[str, Any]) -> list[dict[str, Any]]:
    """In uv's order: extra-index-url counts as indexes, and index-url as the default one."""
    listed = settings.get("index")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    extra = settings.get("extra-index-url")
    found += [{"url": url} for url in (extra if isinstance(extra, list) else [])]
    if isinstance(settings.get("index-url"), str):
        found.append({"url": settings["index-url"], "default": True})
    return found


def _locked(file: ConsumerFile, ours: Ours) -> Iterator[Problem]:
    packages = toml_table(file).get("package")
    for package in packages if isinstance(packages, list) else []:
        if not isinstance(package, dict) or package.get("name") not in ours.wheels:
            continue
        address = _table(package, "source").get("registry")
        if isinstance(address, str) and not ours.serve(address):
            line = file.line_of(rf'^name = "{re.escape(package["name"])}"')
            yield file.locked_elsewhere(
                line,
                package["name"],
                address,
                f"correct the index, and lock it again: uv lock --upgrade-package {package['name']}",
            )


def _table(value: Any, key: str) -> dict[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}
