"""Every finding in a consumer's folder."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import Problem

from .npm import audit_npm
from .ours import Ours, consumer_files
from .pip import audit_pip
from .poetry import audit_poetry
from .uv import audit_uv

_AUDITS = (audit_pip, audit_uv, audit_poetry, audit_npm)


def audit_consumer(folder: Path, ours: Ours) -> list[Problem]:
    """In the order of files and lines; each is a warning. No server is asked for anything."""
    files = tuple(consumer_files(folder))
    found = {problem for audit in _AUDITS for problem in audit(files, ours)}
    return sorted(found, key=lambda each: (each.file or "", each.line or 0, each.message))
