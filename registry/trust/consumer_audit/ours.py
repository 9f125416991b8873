"""What is ours: names of packages, and addresses that serve them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from schemas.errors import Problem

from ...config.settings import Settings

#: Folders with other people's files.
_FOREIGN = frozenset(
    {"node_modules", ".git", ".venv", "venv", ".tox", "__pycache__", "site-packages", "dist", "build"}
)
_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """``wheels`` are canonical names; ``index`` and ``registry`` are what a consumer is told to use, and
    ``addresses`` all that count as ours."""

    wheels: tuple[str, ...]
    tarballs: tuple[str, ...]
    index: str
    registry: str
    addresses: frozenset[str]

    @classmethod
    def by(cls, settings: Settings, also: Sequence[str] = ()) -> Ours:
        """By the workspace's settings, and other addresses that serve the same packages."""
        names, registries = settings.packages.names(), settings.registries
        index = registries.pypi.simple_url if registries.pypi else "<the index of your packages>"
        registry = registries.npm.url if registries.npm else "<the registry of your packages>"
        return cls(
            wheels=tuple(str(canonicalize_name(name)) for name in names.of_kind("wheel")),
            tarballs=names.of_kind("npm"),
            index=index,
            registry=registry,
            addresses=frozenset(map(_normal, (index, registry, *also))),
        )

    def serve(self, address: str) -> bool:
        """Whether ``address`` is one of ours. Another index on the same server isn't: it may mirror a public
        one."""
        return _normal(address) in self.addresses


@dataclass(frozen=True, slots=True)
class ConsumerFile:
    """A text file of the consumer; ``path`` is relative to its folder, for messages."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number, from 1."""
        return enumerate(self.text.splitlines(), start=1)

    def line_of(self, pattern: str, after: int = 0) -> int | None:
        """The number of the first line after ``after`` that ``pattern`` matches somewhere."""
        return next((n for n, line in self.lines() if n > after and re.search(pattern, line)), None)

    def could_win(self, line: int | None, message: str, fix: str) -> Problem:
        """A finding: another index than ours may be asked for a package of our name."""
        return Problem(
            code="other-index-could-win",
            message=message,
            fix=fix,
            file=self.path,
            line=line,
            severity="warning",
        )

    def locked_elsewhere(self, line: int | None, name: str, address: str, fix: str) -> Problem:
        """A finding: the lock file says that a package of our name came from somebody else."""
        return Problem(
            code="locked-elsewhere",
            message=f"{name} is locked from {shown(address)}, which is not where it is published",
            fix=fix,
            file=self.path,
            line=line,
            severity="warning",
        )


def consumer_files(folder: Path, names: re.Pattern[str]) -> Iterator[ConsumerFile]:
    """The readable text files with such names that are the consumer's own. Links are not followed."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _FOREIGN)
        for path in (Path(place) / name for name in sorted(files) if names.fullmatch(name)):
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_BYTES:
                    text = path.read_text(encoding="utf-8")
                    yield ConsumerFile(path.relative_to(folder).as_posix(), text)
            except (OSError, UnicodeDecodeError):
                continue  # no file that a package manager would read


def spelled(name: str) -> str:
    """A pattern for every way to write a Python package's name."""
    return rf"(?i)(?<![\w.-]){name.replace('-', '[-_.]')}(?![\w.-])"


def shown(address: str) -> str:
    """An address without credentials."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}" if host else address


def _normal(address: str) -> str:
    """Comparable: without credentials, without the end that tools add or leave out."""
    parts = urlsplit(address.strip())
    path = re.sub(r"/\+simple/?$", "", parts.path).rstrip("/")
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{parts.port or ''}{path}"
