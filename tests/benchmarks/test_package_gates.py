"""What the tools that look at packages before an upload take, for a schema of many models: processor seconds.

Times are shown and written down, never asserted; docs/benchmarks has what this writes.
"""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from generators.packing import pack
from generators.target import Artifact, GenerationRequest, Language, PackageNames
from generators.targets import all_targets
from registry.package_checks.npm_checks import NpmChecks
from registry.package_checks.typescript import typescript_problems
from registry.package_checks.wheels import wheel_problems
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from .many_models import schema_of

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "package-gates.md"
_MODELS = 71
_WARM_ROUNDS = 3
_INTRODUCTION = """\
# What looking at the packages takes

Before anything is uploaded, a release lets the usual tools look at its packages. Nothing is kept from one
release to the next: each tool reads the bytes that will be uploaded, of a schema with {models} models here.
They work beside each other, and three of the four packages are looked at while the migrations are rehearsed.

Processor seconds, which other load affects less than time; {conditions}. `first` includes starting the
process of publint and Are the types wrong, which `up` does before; `then` is the least of {rounds} others.

Are the types wrong reads Prisma's declarations of the schema without the insides of their blocks, except
for what those import: it asks for no more. TypeScript checks all of the types package and, of the client, all
that a program uses which reads rows of every model.

`mypy --strict` and `pyright --verifytypes` of the Python client are not among them. For {models} models
pyright takes 13 processor seconds and mypy a hundred, and nearly as many after any change of the schema:
the clients' modules mention every model. The tests of this project run both on the clients of fixed schemas.

To measure again, into `dist/benchmarks/package-gates.md`:

```
.venv/bin/python -m pytest -m benchmark tests/benchmarks -k package_gates
```
"""


def test_the_gates(bridge: PrismaBridge) -> None:
    schema = bridge.parse(schema_of(_MODELS))
    artifacts = _artifacts(bridge, schema)
    node, types, wheel = artifacts["node"], artifacts["typescript"], artifacts["python"]
    with NpmChecks() as checks:
        calls: dict[str, Callable[[], list[Problem]]] = {
            "publint and attw, client": lambda: checks.problems(node),
            "publint and attw, types": lambda: checks.problems(types),
            "TypeScript, client": lambda: typescript_problems(node, schema),
            "TypeScript, types": lambda: typescript_problems(types, schema),
            "twine and check-wheel-contents, Python client": lambda: wheel_problems(wheel),
        }
        rows = [(name, *_seconds(call)) for name, call in calls.items()]
    rows.append(("**all of it**", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    conditions = f"{os.cpu_count()} cores, {platform.system()}"
    text = _INTRODUCTION.format(models=_MODELS, conditions=conditions, rounds=_WARM_ROUNDS)
    lines = [f"| {name} | {first:.2f} | {then:.2f} |" for name, first, then in rows]
    table = "\n".join(["| tools and package | first | then |", "| --- | ---: | ---: |", *lines])
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(f"{text}\n{table}\n", "utf-8")
    print(f"\n\n{text}\n{table}")


def _artifacts(bridge: PrismaBridge, schema: Schema) -> dict[Language, Artifact]:
    request = GenerationRequest(
        schema_name="many",
        version=SchemaVersion.parse("1.0.0"),
        description="Many models",
        author=None,
        schema=schema,
        migrations=(),
        names=PackageNames(),
    )
    targets = [each for each in all_targets(bridge) if each.language != "migrations"]
    return {each.language: pack(each.generate(request)) for each in targets}


def _seconds(call: Callable[[], list[Problem]]) -> tuple[float, float]:
    first, *others = (_taken(call) for _ in range(1 + _WARM_ROUNDS))
    return first, min(others)


def _taken(call: Callable[[], list[Problem]]) -> float:
    before = _processor_seconds()
    assert call() == []
    return _processor_seconds() - before


def _processor_seconds() -> float:
    """Of this process, of children that have ended, and of those that run."""
    ended = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    running = [child.cpu_times() for child in psutil.Process().children()]
    return sum(each.ru_utime + each.ru_stime for each in ended) + sum(
        each.user + each.system for each in running
    )
