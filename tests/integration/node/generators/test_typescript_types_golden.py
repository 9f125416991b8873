"""The types package, file by file, against a tree that people have read.

After a wanted change: ``UPDATE_GOLDEN=1 pytest`` on this file, then read the difference.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Set
from pathlib import Path

from generators.rendering.typescript import without_comments
from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.codes import letters
from generators.typescript_types.generate import TypesTarget, runtime_module
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

_CASE = Path(__file__).parents[3] / "golden" / "typescript_types"
_EXPECTED = _CASE / "expected"
#: What the package carries as it is in the sources.
_RUNTIME = Path(__file__).parents[4] / "generators" / "typescript_types" / "runtime"


def test_the_package_is_the_expected_one(bridge: PrismaBridge) -> None:
    request = GenerationRequest(
        schema_name="orders",
        version=SchemaVersion.parse("1.2.0-rc.1"),
        description="Orders and what is in them",
        author="Orders Team <orders@example.org>",
        schema=bridge.parse((_CASE / "schema.prisma").read_text("utf-8")),
        migrations=(),
        names=PackageNames(typescript_types="@shop/order-types"),
    )
    package = TypesTarget().generate(request)
    assert (package.language, package.kind) == ("typescript", "npm")
    assert (package.name, package.version) == ("@shop/order-types", "1.2.0-rc.1")
    files = {path: content.decode() for path, content in package.files.items()}
    used = letters(request.schema)
    runtime = dict(_shipped(file, used) for file in _RUNTIME.iterdir())
    assert {path: files.pop(path, None) for path in runtime} == runtime
    if os.environ.get("UPDATE_GOLDEN"):
        _write(files)
    assert files == {
        file.relative_to(_EXPECTED).as_posix(): file.read_text("utf-8")
        for file in sorted(_EXPECTED.rglob("*"))
        if file.is_file()
    }
    assert TypesTarget().generate(request) == package


def _shipped(file: Path, used: Set[str]) -> tuple[str, str]:
    if file.suffix == ".mjs":
        return f"dist/{file.name}", without_comments(runtime_module(file.stem, used))
    return f"dist/types/{file.name}", file.read_text("utf-8")


def _write(files: dict[str, str]) -> None:
    shutil.rmtree(_EXPECTED, ignore_errors=True)
    for path, content in files.items():
        (_EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
        (_EXPECTED / path).write_text(content, "utf-8")
