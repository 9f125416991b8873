"""Every finding in a consumer's folder."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.errors import Problem

from .npm import NPM_FILES, audit_npm
from .ours import Ours, consumer_files
from .pip import PIP_FILES, audit_pip
from .poetry import POETRY_FILES, audit_poetry
from .uv import UV_FILES, audit_uv

#: Every name that one of the audits looks at.
_NAMES = re.compile(f"({PIP_FILES.pattern}|{UV_FILES.pattern}|{POETRY_FILES.pattern}|{NPM_FILES.pattern})")
_AUDITS = (audit_pip, audit_uv, audit_poetry, audit_npm)


def audit_consumer(folder: Path, ours: Ours) -> list[Problem]:
    """In the order of files and lines; each is a warning. No server is asked for anything."""
    files = tuple(consumer_files(folder, _NAMES))
    found = {problem for audit in _AUDITS for problem in audit(files, ours)}
    return sorted(found, key=lambda each: (each.file or "", each.line or 0, each.message))
