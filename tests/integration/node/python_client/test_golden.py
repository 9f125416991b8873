"""The Python client, file by file, against a tree that people have read.

After a wanted change: ``UPDATE_GOLDEN=1 pytest`` on this file, then read the difference. The embedded runtime
is not part of the tree: it has to equal its own source.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generators.embed import embedded_sources
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from schemas.versions import SchemaVersion

_CASE = Path(__file__).parents[3] / "golden" / "python_client"
_EXPECTED = _CASE / "expected"
_RUNTIME = "orders_db/_runtime/"


def _request(make_request: Callable[..., GenerationRequest], **changes: Any) -> GenerationRequest:
    return make_request(
        (_CASE / "schema.prisma").read_text("utf-8"),
        schema_name="orders",
        version=SchemaVersion.parse("1.2.0-rc.1"),
        description="Orders and what is in them",
        author="Orders Team <orders@example.org>",
        partial_types=(_CASE / "partial_types.py").read_text("utf-8"),
        names=PackageNames(python_client="orders-db", python_import="orders_db", **changes),
    )


def test_the_package_is_the_expected_one(make_request: Callable[..., GenerationRequest]) -> None:
    request = _request(make_request)
    package = PythonClientTarget().generate(request)
    assert (package.language, package.kind) == ("python", "wheel")
    assert (package.name, package.version) == ("orders-db", "1.2.0rc1")
    files = {p: content.decode() for p, content in package.files.items() if not p.startswith(_RUNTIME)}
    if os.environ.get("UPDATE_GOLDEN"):
        _write(files)
    assert files == {
        file.relative_to(_EXPECTED).as_posix(): file.read_text("utf-8")
        for file in sorted(_EXPECTED.rglob("*"))
        if file.is_file()
    }
    assert PythonClientTarget().generate(request) == package


def test_the_runtime_is_carried_as_it_is(make_request: Callable[..., GenerationRequest]) -> None:
    files = PythonClientTarget().generate(_request(make_request)).files
    carried = {path.removeprefix(_RUNTIME): files[path] for path in files if path.startswith(_RUNTIME)}
    assert carried == dict(embedded_sources("generators.python_client.runtime"))


def test_the_interface_decides_what_prisma_names(make_request: Callable[..., GenerationRequest]) -> None:
    for interface, client in (("asyncio", "AsyncClient"), ("sync", "Client")):
        files = PythonClientTarget().generate(_request(make_request, python_interface=interface)).files
        assert f"\nPrisma = {client}\n" in files["orders_db/__init__.py"].decode()


def _write(files: dict[str, str]) -> None:
    shutil.rmtree(_EXPECTED, ignore_errors=True)
    for path, content in files.items():
        (_EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
        (_EXPECTED / path).write_text(content, "utf-8")
