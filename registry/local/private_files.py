"""Files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from ..config.secret import Secret


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` with ``text``, mode 0600 from the first byte on."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def remembered_secrets(path: Path, *names: str) -> dict[str, Secret]:
    """Random secrets under ``names``, made on the first call and kept in ``path`` for every later one."""
    if not path.is_file():
        made = {name: secrets.token_hex(32) for name in names}
        write_private(path, json.dumps(made))
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: Secret(str(kept[name])) for name in names}
