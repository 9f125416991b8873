"""What the tools that look at packages before an upload take, for a schema of many models: processor seconds.

Times are shown and written down, never asserted; docs/benchmarks has what this writes.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from generators.packing import pack
from generators.target import Artifact, GenerationRequest, Language, PackageNames
from generators.targets import all_targets
from registry.package_checks.declared_types import declared_type_problems
from registry.package_checks.mypy_strict import mypy_problems
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
_FEW_MODELS = 15
_WARM_ROUNDS = 3
_INTRODUCTION = """\
# What looking at the packages takes

Before anything is uploaded, a release lets the usual tools look at its packages. No verdict is kept from one
release to the next: each tool reads the bytes that will be uploaded, of a schema with {models} models here.
They work beside each other, and three of the four packages are looked at while the migrations are rehearsed.

Processor seconds, which other load affects less than time; {conditions}. `first` includes starting the
process of publint and Are the types wrong, which `up` does before; `then` is the least of {rounds} others.

Are the types wrong reads Prisma's declarations of the schema without the insides of their blocks, except
for what those import: it asks for no more. TypeScript checks all of the types package and, of the client, all
that a program uses which reads rows of every model.

Whether the Python client declares its types is read from its syntax, statement by statement, and what was
read is kept in the process: `first` reads all of them, as each `publish` on the command line does, and `then`
what is new, as the service does. `pyright --verifytypes`, which asks the same, takes 13 processor seconds for
{models} models; a test compares both on the clients of fixed schemas.

`mypy --strict` is for those who ask for it, with `mypy = true` in `[checks]`. After any change of the schema
it checks all modules again that are made from it, because these mention each other. For {small} models, as
many as the sample's, that is more than all other checks take, and what it would find is a fault of this
project, whose tests let it check the clients of fixed schemas. Its rows are not in the sum; `then` is after
a change of the schema, with what mypy kept.

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
            "declared types, Python client": lambda: declared_type_problems(wheel),
        }
        rows = [(name, *_seconds(call)) for name, call in calls.items()]
    rows.append(("**all of it**", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    conditions = f"{os.cpu_count()} cores, {platform.system()}"
    rows += [(f"mypy --strict, {models} models", *_mypy(bridge, models)) for models in (_FEW_MODELS, _MODELS)]
    text = _INTRODUCTION.format(models=_MODELS, small=_FEW_MODELS, conditions=conditions, rounds=_WARM_ROUNDS)
    lines = [f"| {name} | {first:.2f} | {then:.2f} |" for name, first, then in rows]
    table = "\n".join(["| tools and package | first | then |", "| --- | ---: | ---: |", *lines])
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(f"{text}\n{table}\n", "utf-8")
    print(f"\n\n{text}\n{table}")


def _mypy(bridge: PrismaBridge, models: int) -> tuple[float, float]:
    """Of a client, and of the next one: the schema has a field more."""
    text = schema_of(models)
    texts = (text, text.replace("count    Int", "count    Int\n  sum      Int?", 1))
    wheels = [_artifacts(bridge, bridge.parse(each))["python"] for each in texts]
    with TemporaryDirectory() as place:
        first, then = (_taken(partial(_by_mypy, wheel, Path(place))) for wheel in wheels)
    return first, then


def _by_mypy(wheel: Artifact, place: Path) -> list[Problem]:
    shutil.rmtree(place / "now", ignore_errors=True)
    return mypy_problems(wheel, PackageNames().python_import, place / "now", place / "kept")


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
