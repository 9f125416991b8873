"""Reads ``pyproject.toml`` into what a wheel's ``.dist-info`` holds.

Rules: the pyproject.toml specification (PEP 621), core metadata 2.4 and the entry points specification, all
at packaging.python.org. A key that is not known here is refused, so that nothing is lost silently.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from packaging.utils import canonicalize_name

from schemas.errors import Problem

from ..errors import PackingError
from ..file_tree import FileTree
from ..target import Package
from .core_metadata import core_metadata

_MANIFEST = "pyproject.toml"
_LICENSE_FILES = ("LICEN[CS]E*", "COPYING*", "NOTICE*", "AUTHORS*")  # hatchling's own default
_COMMAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OBJECT = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class WheelMetadata:
    """``headers`` is METADATA; ``entry_points`` is entry_points.txt, empty if there are none."""

    import_package: str
    headers: str
    entry_points: str
    licenses: dict[str, bytes]


def read_project(package: Package) -> WheelMetadata:
    """Raises PackingError with every problem of the manifest."""
    document = _document(package.files)
    project = document.get("project")
    if not isinstance(project, dict):
        raise PackingError(_problem("manifest-incomplete", "there is no [project] table", "add one"))
    licenses = _licenses(package.files)
    headers, problems = core_metadata(project, files=package.files, license_files=sorted(licenses))
    problems += [
        *_identity_problems(project, package),
        *_import_problems(document),
        *_script_problems(project),
    ]
    if problems:
        raise PackingError(*(_placed(problem) for problem in problems))
    return WheelMetadata(
        import_package=_packages(document)[0],
        headers=headers,
        entry_points=_entry_points(project.get("scripts", {})),
        licenses=licenses,
    )


def _document(files: FileTree) -> dict[str, Any]:
    text = files.get(_MANIFEST)
    if text is None:
        raise PackingError(_problem("manifest-missing", "the tree has no pyproject.toml", "add one"))
    try:
        return tomllib.loads(text.decode())
    except ValueError as error:
        problem = _problem("manifest-unreadable", f"pyproject.toml: {error}", "write it as UTF-8 TOML")
        raise PackingError(problem) from None


def _licenses(files: FileTree) -> dict[str, bytes]:
    return {
        path: content
        for path, content in files.items()
        if "/" not in path and any(fnmatchcase(path, pattern) for pattern in _LICENSE_FILES)
    }


def _identity_problems(project: dict[str, Any], package: Package) -> Iterator[Problem]:
    name, version = str(project.get("name")), str(project.get("version"))
    if canonicalize_name(name) != canonicalize_name(package.name):
        yield _problem(
            "name-mismatch",
            f"pyproject.toml has the name {name!r}, the package is {package.name!r}",
            "write the package's name",
        )
    if version != package.version:
        yield _problem(
            "version-mismatch",
            f"pyproject.toml has the version {version!r}, the package is {package.version!r}",
            "write the package's version",
        )


def _import_problems(document: dict[str, Any]) -> Iterator[Problem]:
    packages = _packages(document)
    if len(packages) != 1 or not packages[0].isidentifier():
        yield _problem(
            "import-package-unknown",
            "the wheel's packages are not exactly one import name",
            'set packages = ["<import name>"] under [tool.hatch.build.targets.wheel]',
        )


def _packages(document: dict[str, Any]) -> list[str]:
    table: Any = document
    for key in ("tool", "hatch", "build", "targets", "wheel", "packages"):
        table = table.get(key) if isinstance(table, dict) else None
    return [str(name) for name in table] if isinstance(table, list) else []


def _script_problems(project: dict[str, Any]) -> Iterator[Problem]:
    scripts = project.get("scripts", {})
    if not isinstance(scripts, dict):
        yield _problem(
            "invalid-script", "[project.scripts] is not a table", "write command = 'module:function'"
        )
        return
    for command, target in scripts.items():
        if not _COMMAND.fullmatch(command) or not _OBJECT.fullmatch(str(target)):
            yield _problem(
                "invalid-script",
                f"{command[:80]!r} = {str(target)[:80]!r} is not a console script",
                "write command = 'module:function'",
            )


def _entry_points(scripts: dict[str, str]) -> str:
    lines = [f"{command} = {target}\n" for command, target in sorted(scripts.items())]
    return "".join(["[console_scripts]\n", *lines]) if lines else ""


def _placed(problem: Problem) -> Problem:
    return problem if problem.file else _problem(problem.code, problem.message, problem.fix)


def _problem(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, fix=fix, file=_MANIFEST)
