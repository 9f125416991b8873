"""Reads a runtime package's own sources, so that a generated package can include them.

Runtimes are ordinary packages of this project (``migrations.runner``, ``generators.python_client.runtime``)
that import nothing outside themselves but by relative imports; they are copied, never templated.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from .file_tree import FileTree


def embedded_sources(package: str) -> FileTree:
    """The ``.py`` files and ``py.typed`` of ``package`` and its sub-packages, by path below the package.

    Works from a source tree, an editable install and a wheel alike. Caches and editors' leftovers stay out.
    Raises ModuleNotFoundError if there is no such package: our mistake, not a user's.
    """
    return FileTree(dict(_sources(resources.files(package), "")))


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name.isidentifier() and entry.name != "__pycache__":
                yield from _sources(entry, f"{prefix}{entry.name}/")
        elif _is_source(entry.name):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _is_source(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    return name == "py.typed" or (dot == "." and suffix == "py" and stem.isidentifier())
