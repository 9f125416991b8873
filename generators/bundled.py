"""What a package carries of others' work, for its bill of materials: each target says what it puts in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

#: The licence of this tool, which the runtimes that it embeds keep.
OWN_LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledComponent:
    """``licence`` is an SPDX expression; ``ecosystem`` is where a package of that name and version is from,
    None for what no registry has. ``sha256`` (hex) is of its files as they are carried."""

    name: str
    licence: str
    version: str | None = None
    ecosystem: str | None = None  # the type of its package URL
    sha256: str | None = None


def embedded_component(name: str, files: Mapping[str, bytes | str]) -> BundledComponent:
    """A runtime of this tool. It has no version of its own: the digest over its files tells which it is."""
    return BundledComponent(name=name, licence=OWN_LICENCE, sha256=tree_digest(files))


def tree_digest(files: Mapping[str, bytes | str]) -> str:
    """sha256 (hex) over the lines that ``sha256sum`` prints for ``files``, in the order of their paths."""
    lines = [f"{_sha256(files[path])}  {path}\n" for path in sorted(files)]
    return _sha256("".join(lines))


def _sha256(content: bytes | str) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
