"""A Python client, generated and imported."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from schemas.model import Schema
from schemas.versions import SchemaVersion


def imported_client(schema: Schema, import_name: str, folder: Path) -> ModuleType:
    """The client of ``schema``, called ``import_name``: written below ``folder`` and imported from there."""
    request = GenerationRequest(
        schema_name="tested",
        version=SchemaVersion.parse("1.0.0"),
        description="",
        author=None,
        schema=schema,
        migrations=(),
        names=PackageNames(python_import=import_name),
    )
    for path, content in PythonClientTarget().generate(request).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(import_name)
    finally:
        sys.path.remove(str(folder))
